"""A wrapped model over a real memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from treering import Memory
from treering.errors import InvalidTurn, MissingScope
from treering.graph import ChatScope
from treering.testing import ScriptedChatModel, forbid_network


@pytest.fixture
def memory(tmp_path: Path, sdk: Callable[[Memory], Memory]) -> Iterator[Memory]:
    with forbid_network(), Memory(home=tmp_path, embedder="hash") as memory:
        yield sdk(memory)


def test_what_was_said_in_one_session_is_known_in_the_next(memory: Memory) -> None:
    model = ScriptedChatModel(["Noted.", "Grilled fish."])
    chat = memory.wrap(model, instructions="You are a cook.")
    chat.invoke("I moved to Lisbon and I am allergic to peanuts.", user="ana", session="monday")
    memory.flush()
    assert chat.invoke("Dinner for someone allergic to peanuts?", user="ana", session="friday").text == "Grilled fish."
    system, turn = model.prompts[-1]
    assert str(system.content).startswith("You are a cook.\n\n")
    assert "allergic to peanuts" in str(system.content)
    assert turn.content == "Dinner for someone allergic to peanuts?"
    assert [session.id for session in memory.sessions("ana")] == ["monday", "friday"]


def test_the_turn_at_hand_is_not_recalled_for_itself(tmp_path: Path, sdk: Callable[[Memory], Memory]) -> None:
    model = ScriptedChatModel("Hello.")
    with Memory(home=tmp_path, embedder="hash", background=False) as memory:  # what is learned of it meanwhile may come
        sdk(memory).wrap(model).invoke("I keep a heron named Gustav.", user="ana")
    assert [message.type for message in model.prompts[-1]] == ["human"]


def test_a_failing_model_loses_nothing(memory: Memory) -> None:
    chat = memory.wrap(ScriptedChatModel(ConnectionError("refused")))
    with pytest.raises(ConnectionError):
        chat.invoke("I keep a heron named Gustav.", user="ana", session="s1")
    assert "heron" in memory.recall("ana", "Which heron does she keep?").context


def test_a_strong_match_that_stays_under_the_floor_leaves_the_answer_to_the_turns(memory: Memory) -> None:
    memory.remember("ana", "I keep a heron named Gustav.")
    memory.flush("ana")
    found = memory.recall("ana", "Which heron does she keep?")
    assert found.decision.rule == "no-strong-match-in-tree"
    assert "heron named Gustav" in found.context


def test_bad_input_is_typed_and_changes_nothing(memory: Memory) -> None:
    chat = memory.wrap(ScriptedChatModel("ok"))
    with pytest.raises(MissingScope):
        chat.invoke("hi", user="")
    with pytest.raises(MissingScope):
        chat.graph.invoke({"messages": ["hi"]})
    for content in ("", "a\x00b", "x" * 1_000_000):
        with pytest.raises(InvalidTurn):
            chat.invoke(content, user="ana")
    assert memory.sessions("ana") == []


def test_a_retried_message_is_stored_once(memory: Memory) -> None:
    chat = memory.wrap(ScriptedChatModel(["Hello."]))
    first = chat.invoke("Hi there", user="ana", session="s1", message_id="m1")
    assert chat.invoke("Hi there", user="ana", session="s1", message_id="m1") == first
    assert [session.turns for session in memory.sessions("ana")] == [2]


async def test_twenty_people_at_once_stay_apart(memory: Memory) -> None:
    model = ScriptedChatModel(lambda messages: f"Hello, {messages[-1].text.split()[-1]}")
    chat = memory.wrap(model)

    async def talk(number: int) -> None:
        for session in ("one", "two"):
            await chat.ainvoke(f"My secret word is word{number}x", user=f"person{number}", session=session)

    await asyncio.gather(*map(talk, range(20)))
    for prompt in model.prompts:
        own = prompt[-1].text.split()[-1]
        assert not [number for number in range(20) if f"word{number}x" != own and f"word{number}x" in repr(prompt)]
    for number in range(20):
        assert [session.turns for session in memory.sessions(f"person{number}")] == [2, 2]
    thread = ChatScope(user="person7", session="two").thread_id
    assert len(chat.graph.get_state({"configurable": {"thread_id": thread}}).values["messages"]) == 2


async def test_a_streamed_answer_is_stored_whole(memory: Memory) -> None:
    chat = memory.wrap(ScriptedChatModel("A heron is a long-legged bird."))
    pieces = [chunk.text async for chunk in chat.astream("What is a heron?", user="ana")]
    assert len(pieces) > 3
    assert "A heron is a long-legged bird." in memory.recall("ana", "a long-legged bird heron").context
