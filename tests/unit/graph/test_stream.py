"""Streams: the pieces make the answer, and an answer cut short is not remembered as one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, message_chunk_to_message

from treering.graph import Chat, ChatScope
from treering.schemas.recall import Recall
from treering.testing import Hang, ScriptedChatModel

if TYPE_CHECKING:
    from tests.unit.graph.conftest import FakeMemory

ANSWER = "How about  soup,\nwith bread?"


def test_the_pieces_make_the_stored_answer(memory: FakeMemory) -> None:
    chunks = list(Chat(memory, ScriptedChatModel(ANSWER)).stream("Dinner?", user="ana"))
    assert len(chunks) > 3
    assert all(type(chunk) is AIMessageChunk for chunk in chunks)
    assert "".join(chunk.text for chunk in chunks) == ANSWER
    assert memory.said("ana") == [("user", "Dinner?"), ("assistant", ANSWER)]


async def test_asynchronously_too(memory: FakeMemory) -> None:
    chat = Chat(memory, ScriptedChatModel(ANSWER))
    chunks = [chunk async for chunk in chat.astream("Dinner?", user="ana")]
    assert len(chunks) > 3
    assert "".join(chunk.text for chunk in chunks) == ANSWER
    assert memory.said("ana") == [("user", "Dinner?"), ("assistant", ANSWER)]


def test_the_turn_is_stored_before_the_first_piece_and_the_answer_after_the_last(memory: FakeMemory) -> None:
    stream = Chat(memory, ScriptedChatModel(ANSWER)).stream("Dinner?", user="ana")
    assert memory.events == []
    next(iter(stream))
    assert memory.said("ana") == [("user", "Dinner?")]
    list(stream)
    assert memory.said("ana")[1:] == [("assistant", ANSWER)]


def test_tool_calls_come_out_of_a_stream(memory: FakeMemory) -> None:
    call = {"name": "weather", "args": {"city": "Lisbon"}, "id": "c1", "type": "tool_call"}
    chat = Chat(memory, ScriptedChatModel(AIMessage("One moment.", tool_calls=[call])))
    whole: Any = None
    for chunk in chat.stream("Weather?", user="ana"):
        whole = chunk if whole is None else whole + chunk
    message = message_chunk_to_message(whole)
    assert isinstance(message, AIMessage)
    assert message.tool_calls == [call]


@pytest.mark.parametrize("streaming", [True, False])
def test_a_model_that_does_not_stream_gives_one_piece(memory: FakeMemory, streaming: bool) -> None:
    model = ScriptedChatModel(AIMessage("ok", id="a1"), disable_streaming=True)
    chunks = list(Chat(memory, model).stream("hi", user="ana"))
    assert [(type(chunk), chunk.text, chunk.id) for chunk in chunks] == [(AIMessageChunk, "ok", "a1")]


def test_a_stream_left_half_way_keeps_the_turn_and_no_half_answer(memory: FakeMemory) -> None:
    chat = Chat(memory, model := ScriptedChatModel([ANSWER, "Sure."]))
    stream: Any = chat.stream("Dinner?", user="ana")
    next(stream)
    stream.close()
    assert memory.said("ana") == [("user", "Dinner?")]
    assert chat.invoke("Are you there?", user="ana").text == "Sure."
    assert [message.content for message in model.prompts[-1]] == ["Dinner?", "Are you there?"]
    assert memory.said("ana") == [("user", "Dinner?"), ("user", "Are you there?"), ("assistant", "Sure.")]


async def test_asynchronously_left_half_way_the_model_is_stopped(memory: FakeMemory) -> None:
    chat = Chat(memory, ScriptedChatModel(ANSWER, token_delay_s=0.01))
    stream: Any = chat.astream("Dinner?", user="ana")
    await anext(stream)
    await stream.aclose()
    await asyncio.sleep(0.1)
    assert memory.said("ana") == [("user", "Dinner?")]


def test_a_model_that_breaks_raises_and_the_turn_is_stored(memory: FakeMemory) -> None:
    chat = Chat(memory, ScriptedChatModel(ConnectionError("reset")))
    with pytest.raises(ConnectionError):
        list(chat.stream("Dinner?", user="ana"))
    assert memory.said("ana") == [("user", "Dinner?")]


async def test_a_cancelled_call_keeps_the_turn_and_the_next_goes_on(memory: FakeMemory) -> None:
    asked = asyncio.Event()

    def hang(_: object) -> Hang:
        asked.set()
        return Hang(60, then="late")

    chat = Chat(memory, ScriptedChatModel([hang, "Here."]))
    task = asyncio.create_task(chat.ainvoke("Dinner?", user="ana"))
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert memory.said("ana") == [("user", "Dinner?")]
    assert (await chat.ainvoke("Hello?", user="ana")).text == "Here."
    assert [content for _, content in memory.said("ana")] == ["Dinner?", "Hello?", "Here."]


def test_langgraphs_own_token_stream_names_the_node(memory: FakeMemory) -> None:
    memory.planted["ana"] = "Ana keeps a heron"
    graph = Chat(memory, ScriptedChatModel(ANSWER)).graph
    parts = list(graph.stream({"messages": ["Dinner?"]}, context=ChatScope(user="ana"), stream_mode="messages"))
    assert {metadata["langgraph_node"] for _, metadata in parts} == {"respond"}
    assert "".join(chunk.text for chunk, _ in parts) == ANSWER


async def test_a_model_that_the_memory_asks_is_not_heard_in_the_stream(memory: FakeMemory) -> None:
    rewriter, plain_recall = ScriptedChatModel("rewritten question"), memory.recall

    def recall(*args: Any, **kwargs: Any) -> Recall:  # noqa: ANN401  # passed on
        rewriter.invoke("rewrite")
        return plain_recall(*args, **kwargs)

    memory.recall = recall  # type: ignore[method-assign]  # a memory that thinks before it answers
    chat = Chat(memory, ScriptedChatModel(ANSWER))
    assert "".join(chunk.text for chunk in chat.stream("Dinner?", user="ana")) == ANSWER
    assert "".join([chunk.text async for chunk in chat.astream("Dinner?", user="ana")]) == ANSWER
    assert len(rewriter.calls) == 2
