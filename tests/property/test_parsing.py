"""Laws of the text grammar: writing and reading are inverse, nothing is lost, nothing is slow."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.growth import assert_linear, repeated
from treering.memory.parsing import parse_operations, read_items, render_operations
from treering.schemas.listening import TextOperation

MEGABYTE = 1_000_000

paths = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_]{0,8}(\.[A-Za-z0-9][A-Za-z0-9_]{0,8}){0,3}", fullmatch=True)
nasty = st.sampled_from(
    [
        '"',
        "'",
        "\\",
        "\n",
        ")",
        "(",
        ",",
        '")',
        '",)',
        "```",
        "\\n",
        "\\u0041",
        "\u201c",
        "\u2019)",
        "ADD(a, ",
        "NO_OP()",
        "\r",
        " ",
    ]
)
storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
values = st.one_of(storable, st.lists(st.one_of(nasty, storable)).map("".join)).filter(str.strip)
operations = st.one_of(
    st.builds(TextOperation, kind=st.sampled_from(["ADD", "UPDATE", "DELETE"]), path=paths, value=values),
    st.builds(TextOperation, kind=st.just("DELETE"), path=paths),
    st.just(TextOperation(kind="NO_OP")),
)
replies = st.lists(
    st.one_of(nasty, st.text(max_size=5), st.sampled_from(['ADD(p, "', "DELETE(p", "no-op", "{", '"op":']))
).map("".join)


@given(st.lists(operations))
def test_reading_what_was_written_gives_the_same_operations(given_operations: list[TextOperation]) -> None:
    parsed = parse_operations(render_operations(given_operations))
    assert list(parsed.operations) == given_operations
    assert parsed.unreadable == ()


@given(st.lists(operations, min_size=1), st.integers(min_value=0))
def test_a_reply_that_is_cut_off_yields_only_whole_operations(whole: list[TextOperation], cut: int) -> None:
    text = render_operations(whole)
    parsed = parse_operations(text[: cut % (len(text) + 1)])
    kept = len(parsed.operations)
    assert list(parsed.operations) == whole[:kept]


@given(replies)
def test_every_word_of_a_reply_comes_back_as_operation_or_quoted(reply: str) -> None:
    parsed = parse_operations(reply)
    assert all(line.line <= reply.count("\n") + 1 for line in parsed.unreadable)
    if any(char.isalpha() for char in reply) and not parsed.operations:
        assert parsed.unreadable or "```" in reply or reply.strip(" \n\"'(),.\\").casefold() in ("and", "then")


@given(st.text(st.characters()))
def test_no_text_at_all_raises(text: str) -> None:
    parse_operations(text)
    read_items(text)


@given(
    st.lists(st.dictionaries(st.sampled_from(["op", "text", "path"]), storable, min_size=1), min_size=1),
    st.integers(min_value=0),
)
def test_json_that_is_cut_off_yields_only_whole_items(objects: list[dict[str, str]], cut: int) -> None:
    text = json.dumps({"operations": objects}, ensure_ascii=False)
    assert [item.fields for item in read_items(text).items] == objects
    part = read_items(text[: cut % len(text)])
    assert [item.fields for item in part.items] == objects[: len(part.items)]
    assert part.unreadable or not part.is_json


UNITS = [
    *(
        "(",
        '"',
        "'",
        "\\",
        '\\"',
        ")",
        '")',
        '"))',
        " ",
        "\n",
        "x\n",
        "ADD(",
        'ADD(p, "',
        "ADD(p, '",
        "ADD(p, ",
        "ADD(p, x",
    ),
    *('ADD(p, "\n', 'ADD(p, """', 'ADD(p, "x") ', 'ADD(p, "x")x ', 'ADD(p, "x"),a ', "ADD(p, x))", "NO_OP(", "no op "),
    *(
        "DELETE(p)x",
        "a ADD(\n",
        "{",
        "{}",
        '{"op":',
        '[{"',
        '"op": "x",',
        ",",
        "[",
        "<think>",
        "ADD(p, \u201c",
        "ADD(p, `",
    ),
    *("path=", "a.", "-", "*", "`", "```\n", "1. ", "\\u00e9"),
]


@pytest.mark.parametrize("unit", UNITS)
def test_reading_time_is_linear_whatever_the_text(unit: str) -> None:
    for shape in ("{}", 'ADD(p, "{}', "ADD(p, '{}')", '[{{"op": {}'):
        assert_linear(read_both, lambda size, shape=shape: shape.format(repeated(unit)(size)), MEGABYTE // 10)


@pytest.mark.parametrize("unit", ["(", '"', "ADD(", 'ADD(p, "', '{"op":', "\\"])
def test_a_megabyte_takes_no_longer_than_its_length(unit: str) -> None:
    assert_linear(read_both, repeated(unit), MEGABYTE)


def read_both(text: str) -> None:
    parse_operations(text)
    read_items(text)
