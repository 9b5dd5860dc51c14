"""Answers are read from bytes that may be cut anywhere, and only whole ones count."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.sidecar.proxy.answers import MAX_LINE_BYTES, Answering, answer_in


def event(content: str | None = None, *, index: int = 0, finish: str | None = None) -> bytes:
    delta = {} if content is None else {"content": content}
    return b"data: " + json.dumps({"choices": [{"index": index, "delta": delta, "finish_reason": finish}]}).encode()


def read(*events: bytes, separator: bytes = b"\n\n") -> str | None:
    answering = Answering()
    answering.read(separator.join([*events, b""]))
    return answering.text


@given(st.lists(st.text(max_size=5), max_size=5), st.data())
def test_a_stream_says_the_same_wherever_it_is_cut(pieces: list[str], data: st.DataObject) -> None:
    whole = b"\r\n\r\n".join([b": hello", *map(event, pieces), event(finish="stop"), b"data: [DONE]", b""])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    answering = Answering()
    for begin, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        answering.read(whole[begin:end])
    assert answering.text == "".join(pieces)


@pytest.mark.parametrize(
    "events",
    [
        [event("So")],
        [event("So"), b'data: {"error": {"message": "x"}}'],
        [event("So"), event("up", index=1), event(finish="stop")],
        [b"data: not json", b"data: []", b'data: {"choices": 1}', b'data: {"choices": [1]}'],
    ],
    ids=["half", "error", "several", "noise"],
)
def test_half_an_answer_and_several_are_none(events: list[bytes]) -> None:
    assert read(*events) is None


def test_a_model_that_only_calls_a_tool_says_nothing() -> None:
    call = b'data: {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0}]}, "finish_reason": null}]}'
    assert read(call, event(finish="tool_calls")) == ""


def test_an_endless_line_and_an_endless_answer_take_no_memory() -> None:
    answering = Answering()
    answering.read(b"data: " + b"x" * (MAX_LINE_BYTES + 1))
    answering.read(b"\n\n" + event("Soup?") + b"\n\n" + event(finish="stop") + b"\n\n")
    assert answering.text is None
    many = [event("x" * 100_000) for _ in range(3)]
    assert read(*many, event(finish="stop")) is None


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"choices": [{"message": {"content": "Soup?"}}]}, "Soup?"),
        ({"choices": [{"message": {"content": None, "tool_calls": []}}]}, None),
        ({"choices": [{"message": {"content": "a"}}, {"message": {"content": "b"}}]}, None),
        ({"choices": []}, None),
        ({"error": {}}, None),
        ([], None),
    ],
)
def test_a_whole_answer_is_the_only_choice(body: object, text: str | None) -> None:
    assert answer_in(json.dumps(body).encode()) == text
    assert answer_in(b"<html>") is None
    assert answer_in(b"[" * 100_000) is None
