"""An array of any size is read an item at a time, and a torn one is an error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treering.bench.suites.streaming import read_array
from treering.errors import InvalidInput

ITEMS = st.lists(st.dictionaries(st.text(max_size=3), st.text('ä"\\[],{} \n', max_size=8), max_size=3), max_size=4)


@settings(max_examples=60)
@given(items=ITEMS, chunk=st.integers(1, 12), indent=st.sampled_from([None, 2]), is_ascii=st.booleans())
def test_what_was_written_is_read_wherever_the_chunks_end(
    tmp_path_factory: pytest.TempPathFactory,
    items: list[dict[str, str]],
    chunk: int,
    indent: int | None,
    *,
    is_ascii: bool,
) -> None:
    file = tmp_path_factory.getbasetemp() / "array.json"
    file.write_text(json.dumps(items, indent=indent, ensure_ascii=is_ascii), encoding="utf-8")
    assert list(read_array(file, chunk)) == items


def test_items_before_a_tear_are_given_first(tmp_path: Path) -> None:
    file = tmp_path / "array.json"
    file.write_text('[{"a": 1}, {"b": 2')
    items = read_array(file)
    assert next(items) == {"a": 1}
    with pytest.raises(InvalidInput, match="ends within an item"):
        next(items)


@pytest.mark.parametrize("content", [b"", b'{"a": 1}', b"[{]", b"[{}", b'["\xff"]'])
def test_what_is_no_array_is_an_error(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "array.json"
    file.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"array\.json"):
        list(read_array(file))
