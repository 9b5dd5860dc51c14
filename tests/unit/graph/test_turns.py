"""What of LangChain's messages is remembered, and under which id."""

from __future__ import annotations

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from treering.errors import InvalidTurn
from treering.graph.turns import message_id, question, to_remember, unanswered

IMAGE = {"type": "image", "url": "https://example.com/cat.png"}
CALL = AIMessage("", tool_calls=[{"name": "weather", "args": {}, "id": "c1", "type": "tool_call"}], id="a1")
RESULT = ToolMessage("sunny", tool_call_id="c1", id="t1")


def test_the_turn_to_answer_is_what_follows_the_models_last_message() -> None:
    first, answer, second, third = HumanMessage("1"), AIMessage("a"), HumanMessage("2"), HumanMessage("3")
    assert unanswered([first]) == [first]
    assert unanswered([first, answer, second, third]) == [second, third]
    assert unanswered([first, answer]) == []
    assert unanswered([first, CALL, RESULT]) == [RESULT]


def test_the_question_is_the_persons_latest_message_also_while_tools_answer() -> None:
    assert question([HumanMessage("Weather?"), CALL, RESULT]) == "Weather?"
    assert question([SystemMessage("x")]) == ""


def test_people_and_models_are_remembered_tools_and_system_messages_are_not() -> None:
    said = [HumanMessage("hi", id="1", name="Ana"), CALL, RESULT, SystemMessage("s", id="s"), AIMessage("yes", id="2")]
    kept = [(message.role, message.content, message.id, message.speaker) for message in to_remember(said)]
    assert kept == [("user", "hi", "1", "Ana"), ("assistant", "yes", "2", None)]


def test_of_blocks_the_text_is_remembered() -> None:
    person = HumanMessage([{"type": "text", "text": "Look."}, IMAGE, "I live in Rome."], id="1")
    model = AIMessage([{"type": "text", "text": "A c"}, {"type": "text", "text": "at."}], id="2")
    assert [message.content for message in to_remember([person, model])] == ["Look.\nI live in Rome.", "A cat."]


def test_an_image_alone_leaves_nothing_to_remember() -> None:
    assert to_remember([HumanMessage([IMAGE], id="1")]) == []


@pytest.mark.parametrize("content", ["", " \n", "a\x00b", "\ud800", "x" * 262_145])
def test_words_that_no_store_can_keep_are_a_typed_error(content: str) -> None:
    with pytest.raises(InvalidTurn, match="message '1', content"):
        to_remember([HumanMessage(content, id="1")])


def test_langchains_id_is_kept_and_hashed_only_where_it_is_none_of_ours() -> None:
    def named(name: str | None) -> str:
        message: BaseMessage = HumanMessage("x", id=name)
        return message_id(message)

    assert named("run-1") == "run-1"
    odd = [named(None), named("x" * 300), named("x" * 301), named("a\nb"), named("\ud800")]
    assert all(name.startswith("lc-") and len(name) < 100 for name in odd)
    assert len(set(odd)) == len(odd)
    assert named("a\nb") == named("a\nb")
