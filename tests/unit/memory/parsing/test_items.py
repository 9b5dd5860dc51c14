"""Items of JSON replies, as models really write them."""

from __future__ import annotations

import pytest

from treering.memory.parsing import NO_OPERATION, read_items

ADD = '{"op": "ADD", "text": "x"}'
ITEM = {"op": "ADD", "text": "x"}

READ = [
    ("as asked", f'{{"operations": [{ADD}]}}', [ITEM]),
    ("a bare list", f"[{ADD}, {ADD}]", [ITEM, ITEM]),
    ("a bare object", ADD, [ITEM]),
    ("one object a line", f"{ADD}\n{ADD}\n", [ITEM, ITEM]),
    ("a fence", f'```json\n{{"operations": [{ADD}]}}\n```', [ITEM]),
    ("trailing commas", '{"operations": [{"op": "ADD", "text": "x",},],}', [ITEM]),
    (
        "Python's words",
        '[{"op": "ADD", "text": None, "sure": True, "quote": "None, True,}"}]',
        [{"op": "ADD", "text": None, "sure": True, "quote": "None, True,}"}],
    ),
    ("a line break inside a string", '[{"op": "ADD", "text": "x\ny"}]', [{"op": "ADD", "text": "x\ny"}]),
    ("braces inside a string", '[{"op": "ADD", "text": "{x}] \\"}"}]', [{"op": "ADD", "text": '{x}] "}'}]),
    ("nothing to do", '{"operations": []}', [{"operations": []}]),
    ("reasoning before", f'<think>{{"op": "DELETE"}}</think>[{ADD}]', [ITEM]),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in READ], ids=[case[0] for case in READ])
def test_items_are_read_without_a_remark(text: str, expected: list[dict[str, object]]) -> None:
    found = read_items(text)
    assert [item.fields for item in found.items] == expected
    assert found.unreadable == ()
    assert found.is_json


def test_a_cut_off_item_is_quoted_and_costs_no_other() -> None:
    found = read_items(f'{{"operations": [\n{ADD},\n{{"op": "ADD", "text": "half a va')
    assert [(item.line, item.text) for item in found.items] == [(2, ADD)]
    assert [(line.line, line.text, line.why) for line in found.unreadable] == [
        (3, '{"op": "ADD", "text": "half a va', "the JSON is cut off")
    ]


def test_a_list_that_never_closes_is_reported_even_after_whole_items() -> None:
    found = read_items(f'{{"operations": [{ADD},')
    assert [item.fields for item in found.items] == [ITEM]
    assert [line.why for line in found.unreadable] == ["the JSON is cut off"]


def test_a_damaged_item_is_quoted_and_costs_no_other() -> None:
    found = read_items(f'[{{"op": ADD}}, {ADD}]')
    assert [item.fields for item in found.items] == [ITEM]
    assert [(line.text, line.why) for line in found.unreadable] == [('{"op": ADD}', "this is no valid JSON")]


def test_prose_around_is_quoted() -> None:
    found = read_items(f"Sure, here it is:\n[{ADD}]\nAnything else?")
    assert [(line.line, line.text, line.why) for line in found.unreadable] == [
        (1, "Sure, here it is:", NO_OPERATION),
        (3, "Anything else?", NO_OPERATION),
    ]


@pytest.mark.parametrize("text", ["", "NO_OP()", 'ADD(a, "x [1] {y}")', "<think>{}"])
def test_text_without_json_has_no_items(text: str) -> None:
    assert not read_items(text).is_json


def test_deep_nesting_is_unreadable_and_does_not_raise() -> None:
    assert read_items('{"op": ' + "[" * 100_000 + "]" * 100_000 + "}").unreadable
