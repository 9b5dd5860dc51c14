"""JSON from a stream: the same as from a string, in whatever pieces it comes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.exchange import scanning
from treering.memory.exchange.scanning import items

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(scalars, lambda below: st.lists(below) | st.dictionaries(st.text(), below), max_leaves=8)
documents = st.dictionaries(st.text(), values, max_size=4)


def pieces(text: bytes, size: int) -> Iterator[bytes]:
    return (text[start : start + size] for start in range(0, len(text), size))


def gathered(text: bytes, size: int = 7) -> dict[str, Any]:
    """What the parts come to; a list that is empty has none."""
    whole: dict[str, Any] = {}
    source = json.loads(text)
    for name, value in items(pieces(text, size)):
        if isinstance(source[name], list):
            whole.setdefault(name, []).append(value)
        else:
            whole[name] = value
    return whole


@given(document=documents, size=st.integers(1, 9), indent=st.none() | st.integers(0, 2))
def test_it_reads_what_json_reads_piece_by_piece(document: dict[str, Any], size: int, indent: int | None) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        text.decode()
    except UnicodeDecodeError:
        return
    assert gathered(text, size) == {name: value for name, value in document.items() if value != []}


@given(document=documents.filter(bool), data=st.data())
def test_whatever_is_cut_off_is_refused(document: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(document).encode()
    end = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(ValueError, match=r"cut off|no JSON|missing|nothing"):
        list(items([text[:end]]))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "no JSON object"),
        (b"[1]", "no JSON object"),
        (b'{"a":1,"a":2}', "'a' stands twice"),
        (b'{"a":{"b":1,"b":2}}', "'b' stands twice in one object"),
        (b'{"a":NaN}', "NaN is no JSON"),
        (b'{"a":1} {}', "something follows its end"),
        (b'{"a":1 "b":2}', "a comma is missing"),
        (b'{"a":[1 2]}', "a comma is missing"),
        (b'{"a":[1,]}', "a comma is followed by nothing"),
        (b'{"a" 1}', "a : is missing"),
        (b"{1:2}", "a name of a member is missing"),
        ('{"a":"é"}'.encode("latin-1"), "not UTF-8"),
        ('{"a":"é"}'.encode("utf-16"), "not UTF-8|no JSON object"),
        (b'{"a":' + b"[" * 100_000, "nested too deeply|cut off"),
    ],
)
def test_what_is_no_such_document_is_said_in_words(text: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        list(items([text]))


def test_a_mark_of_an_editor_is_passed_over() -> None:
    assert list(items([b'\xef\xbb\xbf{"a":1}'])) == [("a", 1)]


def test_one_huge_item_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "MAX_ITEM_CHARS", 1_000)
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        yield b'{"a":"'
        while True:
            read += 100
            yield b"x" * 100

    with pytest.raises(ValueError, match="more than 1,000 characters"):
        list(items(endless()))
    assert read < 5_000


def test_items_of_a_list_come_before_its_end_is_read() -> None:
    def source() -> Iterator[bytes]:
        yield b'{"a":[1,2,'
        raise AssertionError("read on")

    found = items(source())
    assert [next(found), next(found)] == [("a", 1), ("a", 2)]
