"""The facade: what happens in a turn, in which order, and what is left when something fails."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from treering.errors import InvalidInput, InvalidTurn, MessageConflict, MissingScope, StoreBusy
from treering.graph import Chat, ChatScope
from treering.graph.chat import Content
from treering.memory.prompts.fence import fenced
from treering.testing import ScriptedChatModel

if TYPE_CHECKING:
    from tests.unit.graph.conftest import FakeMemory

BUSY = StoreBusy("memory.db", 5)


def test_a_turn_is_noted_then_recalled_for_then_answered_then_the_answer_is_remembered(memory: FakeMemory) -> None:
    def answer(_: object) -> str:
        memory.events.append(("model",))
        return "Soup."

    assert Chat(memory, ScriptedChatModel(answer)).invoke("Dinner ideas?", user="ana", session="s1").text == "Soup."
    assert memory.events == [
        ("remember user", "ana", "Dinner ideas?"),
        ("recall", "ana", "Dinner ideas?"),
        ("model",),
        ("remember assistant", "ana", "Soup."),
    ]
    assert memory.said("ana", session="s1") == [("user", "Dinner ideas?"), ("assistant", "Soup.")]


async def test_asynchronously_the_same_happens(memory: FakeMemory) -> None:
    answer = await Chat(memory, ScriptedChatModel("Soup.")).ainvoke("Dinner?", user="ana")
    assert answer.text == "Soup."
    assert [event[0] for event in memory.events] == ["remember user", "recall", "remember assistant"]


def test_recall_leaves_out_what_the_prompt_holds_anyway(memory: FakeMemory) -> None:
    chat = Chat(memory, model := ScriptedChatModel("I like soup too."))
    chat.invoke("soup is good", user="ana", session="s1")
    chat.invoke("more soup", user="ana", session="s1")
    assert [[message.content for message in prompt] for prompt in model.prompts] == [
        ["soup is good"],
        ["soup is good", "I like soup too.", "more soup"],
    ]


def test_another_session_knows_through_memory_alone(memory: FakeMemory) -> None:
    chat = Chat(memory, model := ScriptedChatModel("ok"), instructions="Be kind.")
    chat.invoke("I love soup", user="ana", session="s1")
    chat.invoke("which soup", user="ana", session="s2")
    assert list(model.prompts[-1]) == [
        SystemMessage(f"Be kind.\n\n{fenced('I love soup')}"),
        HumanMessage("which soup", id=model.prompts[-1][-1].id),
    ]


def test_a_failing_model_raises_its_own_error_and_the_turn_is_stored(memory: FakeMemory) -> None:
    chat = Chat(memory, model := ScriptedChatModel([ConnectionError("refused"), "Hello again."]))
    with pytest.raises(ConnectionError, match="refused"):
        chat.invoke("I moved to Lisbon.", user="ana")
    assert memory.said("ana") == [("user", "I moved to Lisbon.")]
    assert chat.invoke("Are you there?", user="ana").text == "Hello again."
    assert [message.content for message in model.prompts[-1]] == ["I moved to Lisbon.", "Are you there?"]
    assert [content for _, content in memory.said("ana")] == ["I moved to Lisbon.", "Are you there?", "Hello again."]


def test_a_turn_that_cannot_be_stored_now_is_not_answered_and_is_stored_with_the_next(memory: FakeMemory) -> None:
    memory.remember_fails = [BUSY]
    chat = Chat(memory, model := ScriptedChatModel("ok"))
    with pytest.raises(StoreBusy):
        chat.invoke("first", user="ana")
    assert model.calls == ()
    chat.invoke("second", user="ana")
    assert memory.said("ana") == [("user", "first"), ("user", "second"), ("assistant", "ok")]


@pytest.mark.parametrize("content", ["", "  ", [], "a\x00b", "\ud800", "x" * 262_145, None, 7, [7]])
def test_a_turn_that_can_never_be_stored_is_refused_and_leaves_no_trace(memory: FakeMemory, content: Content) -> None:
    chat = Chat(memory, model := ScriptedChatModel("ok"))
    with pytest.raises(InvalidTurn):
        chat.invoke(content, user="ana")
    assert model.calls == ()
    chat.invoke("fine", user="ana")
    assert [message.content for message in model.prompts[-1]] == ["fine"]
    assert memory.said("ana") == [("user", "fine"), ("assistant", "ok")]


def test_a_memory_that_cannot_recall_is_logged_without_names_and_the_model_answers(
    memory: FakeMemory, caplog: pytest.LogCaptureFixture
) -> None:
    memory.recall_fails = BUSY
    with caplog.at_level(logging.WARNING):
        answer = Chat(memory, ScriptedChatModel("ok")).invoke("a secret", user="ana@example.com")
    assert answer.text == "ok"
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("treering.graph", "WARNING")
    assert vars(record)["treering"] == {
        "event": "recall failed, the model answers without memory",
        "person": ChatScope(user="ana@example.com").pseudonym,
        "error": "StoreBusy",
    }
    assert "ana@" not in record.getMessage()
    assert "secret" not in record.getMessage()


def test_a_fault_in_a_memory_that_is_no_known_error_is_not_hidden(memory: FakeMemory) -> None:
    memory.recall_fails = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        Chat(memory, ScriptedChatModel("ok")).invoke("hi", user="ana")


def test_an_answer_that_cannot_be_stored_now_is_given_and_stored_with_the_next_turn(
    memory: FakeMemory, caplog: pytest.LogCaptureFixture
) -> None:
    memory.remember_fails = [None, BUSY]
    chat = Chat(memory, ScriptedChatModel(["one", "two", "three"]))
    assert chat.invoke("first", user="ana").text == "one"
    assert "StoreBusy" in caplog.text
    chat.invoke("second", user="ana")
    chat.invoke("third", user="ana")
    assert [content for _, content in memory.said("ana")] == ["first", "one", "second", "two", "third", "three"]
    assert [event[2] for event in memory.events].count("one") == 1


def test_an_answer_that_can_never_be_stored_is_given_and_logged(
    memory: FakeMemory, caplog: pytest.LogCaptureFixture
) -> None:
    chat = Chat(memory, ScriptedChatModel(["a\x00b", "fine"]))
    assert chat.invoke("hi", user="ana").text == "a\x00b"
    assert "InvalidTurn" in caplog.text
    chat.invoke("again", user="ana")
    assert [content for _, content in memory.said("ana")] == ["hi", "again", "fine"]


@pytest.mark.parametrize("user", ["", " ", None])
async def test_no_person_no_chat(memory: FakeMemory, user: str) -> None:
    chat = Chat(memory, model := ScriptedChatModel("ok"))
    with pytest.raises(MissingScope):
        chat.invoke("hi", user=user)
    with pytest.raises(MissingScope):
        await chat.ainvoke("hi", user=user)
    with pytest.raises(MissingScope):
        chat.stream("hi", user=user)
    with pytest.raises(MissingScope):
        chat.astream("hi", user=user)
    assert (model.calls, memory.events) == ((), [])


def test_a_message_sent_again_under_its_id_is_neither_stored_nor_answered_twice(memory: FakeMemory) -> None:
    chat = Chat(memory, model := ScriptedChatModel(["one", "two"]))
    first = chat.invoke("hi", user="ana", message_id="m1")
    chat.invoke("more", user="ana", message_id="m2")
    assert chat.invoke("hi", user="ana", message_id="m1") == first
    assert "".join(chunk.text for chunk in chat.stream("hi", user="ana", message_id="m1")) == "one"
    assert len(model.calls) == 2
    assert len(memory.said("ana")) == 4


def test_a_message_sent_again_after_a_failure_is_stored_once_and_answered(memory: FakeMemory) -> None:
    chat = Chat(memory, model := ScriptedChatModel([TimeoutError, "ok"]))
    with pytest.raises(TimeoutError):
        chat.invoke("hi", user="ana", message_id="m1")
    assert chat.invoke("hi", user="ana", message_id="m1").text == "ok"
    assert [message.content for message in model.prompts[-1]] == ["hi"]
    assert memory.said("ana") == [("user", "hi"), ("assistant", "ok")]


def test_an_id_that_is_known_with_other_words_is_refused_and_does_not_block_the_thread(memory: FakeMemory) -> None:
    chat = Chat(memory, ScriptedChatModel([TimeoutError, "ok"]))
    with pytest.raises(TimeoutError):
        chat.invoke("hi", user="ana", message_id="m1")
    with pytest.raises(MessageConflict):
        chat.invoke("hello", user="ana", message_id="m1")
    assert chat.invoke("new", user="ana").text == "ok"


def test_content_blocks_reach_the_model_untouched_and_their_text_the_memory(memory: FakeMemory) -> None:
    blocks: list[str | dict[str, Any]] = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
    ]
    chat = Chat(memory, model := ScriptedChatModel("A cat."))
    chat.invoke(blocks, user="ana")
    chat.invoke(blocks[1:], user="ana")
    assert model.prompts[0][-1].content == blocks
    assert [content for _, content in memory.said("ana")] == ["What is this?", "A cat.", "A cat."]


def test_without_a_checkpointer_each_call_stands_alone(memory: FakeMemory) -> None:
    chat = Chat(memory, model := ScriptedChatModel("ok"), checkpointer=False)
    chat.invoke("one", user="ana")
    chat.invoke("two", user="ana")
    assert [[message.content for message in prompt] for prompt in model.prompts] == [["one"], ["two"]]


def test_settings_of_the_run_reach_the_model(memory: FakeMemory) -> None:
    model = ScriptedChatModel("ok").bind(stop=["!"])
    chat = Chat(memory, model)
    assert chat.invoke("hi", user="ana", config={"configurable": {"thread_id": "mine"}}).text == "ok"
    assert chat.graph.get_state({"configurable": {"thread_id": "mine"}}).values["messages"][0].content == "hi"


def test_a_model_that_is_none_is_an_error_that_says_so(memory: FakeMemory) -> None:
    chat = Chat(memory, ScriptedChatModel("ok") | (lambda message: message.content))
    with pytest.raises(InvalidInput, match="reply of type str: is no AIMessage"):
        chat.invoke("hi", user="ana")


def test_a_negative_budget_is_refused(memory: FakeMemory) -> None:
    with pytest.raises(InvalidInput, match="budget_tokens=-1"):
        Chat(memory, ScriptedChatModel("ok"), budget_tokens=-1)


def test_the_name_of_a_model_is_refused_before_anything_is_stored(memory: FakeMemory) -> None:
    name: Any = "openai:gpt-4.1-mini"
    with pytest.raises(InvalidInput, match="model of type str: is no chat model of LangChain"):
        Chat(memory, name)


def test_the_answer_is_the_models_own_message(memory: FakeMemory) -> None:
    message = AIMessage("ok", response_metadata={"model": "m"}, usage_metadata=None, id="own")
    assert Chat(memory, ScriptedChatModel(message)).invoke("hi", user="ana") == message
