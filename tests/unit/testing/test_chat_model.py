"""The scripted model says what is written, in every way LangChain can ask."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.tools import tool
from pydantic import BaseModel

from treering.testing import Hang, ScriptedChatModel, ScriptExhausted

CALL = {"name": "weather", "args": {"city": "Lisbon"}, "id": "call-1", "type": "tool_call"}


class City(BaseModel):
    name: str


@tool
def weather(city: str) -> str:
    """Tell the weather."""
    return f"sunny in {city}"


def test_a_list_is_followed_in_order_and_then_exhausted() -> None:
    model = ScriptedChatModel(["one", "two"])
    assert [model.invoke("a").content, model.invoke("b").content] == ["one", "two"]
    with pytest.raises(ScriptExhausted, match="no answer for call 3, which ends with 'c'"):
        model.invoke("c")


def test_a_single_entry_answers_every_call() -> None:
    model = ScriptedChatModel(AIMessage("again"))
    first, second = model.invoke("a"), model.invoke("b")
    assert (first.content, second.content) == ("again", "again")
    assert first.id != second.id


def test_a_function_sees_the_prompt_and_may_give_any_entry() -> None:
    def reply(messages: list[BaseMessage]) -> str | Exception:
        return ValueError("no") if messages[-1].text == "bad" else messages[-1].text.upper()

    model = ScriptedChatModel(reply)
    assert model.invoke("hello").content == "HELLO"
    with pytest.raises(ValueError, match="no"):
        model.invoke("bad")
    assert ScriptedChatModel([reply]).invoke("once").content == "ONCE"


def test_prompts_and_options_are_recorded_also_for_calls_that_raise() -> None:
    model = ScriptedChatModel(["x", TimeoutError])
    model.invoke([HumanMessage("hello")], stop=["\n"])
    with pytest.raises(TimeoutError):
        model.invoke("bye")
    assert [prompt[-1].content for prompt in model.prompts] == ["hello", "bye"]
    assert model.calls[0].options == {"stop": ["\n"]}


def test_streaming_gives_the_tokens_of_the_answer() -> None:
    model = ScriptedChatModel("  Two words,\nthree lines. ")
    chunks = [chunk.content for chunk in model.stream("go")]
    assert len(chunks) > 3
    assert "".join(map(str, chunks)) == "  Two words,\nthree lines. "


async def test_asynchronous_calls_and_streams_say_the_same() -> None:
    model = ScriptedChatModel("Good morning to you", token_delay_s=0.001)
    assert (await model.ainvoke("x")).content == "Good morning to you"
    assert "".join([str(chunk.content) async for chunk in model.astream("x")]) == "Good morning to you"


def test_an_empty_answer_streams_as_one_empty_chunk() -> None:
    assert [chunk.content for chunk in ScriptedChatModel("").stream("x")] == [""]


def test_tool_calls_and_usage_come_through_whole_and_in_a_stream() -> None:
    usage = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
    message = AIMessage("Let me look.", tool_calls=[CALL], usage_metadata=usage, id="fixed")
    model = ScriptedChatModel(message).bind_tools([weather])
    whole = model.invoke("weather?")
    streamed: Any = None
    for chunk in model.stream("weather?"):
        streamed = chunk if streamed is None else streamed + chunk
    assert isinstance(streamed, AIMessageChunk)
    for answer in (whole, streamed):
        assert (answer.content, answer.tool_calls, answer.usage_metadata) == ("Let me look.", [CALL], usage)


def test_bound_tools_are_recorded_in_openai_form() -> None:
    model = ScriptedChatModel("ok")
    model.bind_tools([weather], tool_choice="any").invoke("x")
    options = model.calls[0].options
    assert options["tools"][0]["function"]["name"] == "weather"
    assert options["tool_choice"] == "any"


def test_content_blocks_pass_untouched() -> None:
    blocks: list[str | dict[Any, Any]] = [{"type": "text", "text": "hi"}, {"type": "image", "url": "https://x/y.png"}]
    model = ScriptedChatModel(AIMessage(content=blocks))
    assert model.invoke("x").content == blocks
    assert next(iter(model.stream("x"))).content == blocks


@pytest.mark.parametrize("text", ['{"name": "Lisbon"}', '```json\n{"name": "Lisbon"}\n```'])
def test_structured_output_reads_the_entry_as_json(text: str) -> None:
    model = ScriptedChatModel(text)
    assert model.with_structured_output(City).invoke("x") == City(name="Lisbon")
    assert model.with_structured_output(City.model_json_schema()).invoke("x") == {"name": "Lisbon"}


def test_structured_output_raises_on_garbage_or_hands_it_over_raw() -> None:
    model = ScriptedChatModel("no json at all")
    with pytest.raises(OutputParserException):
        model.with_structured_output(City).invoke("x")
    raw = model.with_structured_output(City, include_raw=True).invoke("x")
    assert isinstance(raw, dict)
    assert raw["raw"].content == "no json at all"
    assert raw["parsed"] is None
    assert isinstance(raw["parsing_error"], OutputParserException)


def test_structured_output_with_raw_parses_too() -> None:
    raw = ScriptedChatModel('{"name": "Lisbon"}').with_structured_output(City, include_raw=True).invoke("x")
    assert isinstance(raw, dict)
    assert (raw["parsed"], raw["parsing_error"]) == (City(name="Lisbon"), None)


async def test_a_hanging_model_can_be_cancelled() -> None:
    model = ScriptedChatModel(Hang(60, then="late"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(model.ainvoke("x"), timeout=0.01)


def test_a_hanging_model_goes_on_with_what_comes_then() -> None:
    started = time.monotonic()
    assert ScriptedChatModel(Hang(0.02, then=Hang(0.02, then="late"))).invoke("x").content == "late"
    assert time.monotonic() - started >= 0.04
    with pytest.raises(ConnectionError):
        ScriptedChatModel(Hang(0, then=ConnectionError("reset"))).invoke("x")
