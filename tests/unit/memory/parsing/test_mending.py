"""JSON objects that models did not quite write as JSON."""

from __future__ import annotations

import pytest

from treering.memory.parsing import NO_OPERATION, read_items
from treering.memory.parsing.mending import MAX_MENDED_CHARS, Damaged, load_object


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": "x"}', {"a": "x"}),
        ('{"a": "x\ny"}', {"a": "x\ny"}),
        ('{"a": NaN, "b": -Infinity}', {"a": None, "b": None}),
        ('{"a": "\\u0000", "b": ["\\ud800", 1, ["\\u0000"]]}', {"a": "\ufffd", "b": ["\ufffd", 1, ["\ufffd"]]}),
        ('{"a": "x", "a": "x"}', {"a": "x"}),
        ("{'a': 'x', 'b': 'y'}", {"a": "x", "b": "y"}),
        ("{'a': 'it's Ana's'}", {"a": "it's Ana's"}),
        ("{'a': 'he said \"hi\"'}", {"a": 'he said "hi"'}),
        ("{'a': 'he said \\\"hi\\\"'}", {"a": 'he said "hi"'}),
        ("{'a': 'it\\'s'}", {"a": "it's"}),
        ("{\u201ca\u201d: \u201cx\u201d, `b`: `y`}", {"a": "x", "b": "y"}),
        ("{\u201ca\u201d\uff1a \u201cx\u201d\uff0c \u2018b\u2019\uff1a 1}", {"a": "x", "b": 1}),
        ("{a: 'x', caf\u00e9: 1}", {"a": "x", "caf\u00e9": 1}),
        ("{a : True, b: False, c: None}", {"a": True, "b": False, "c": None}),
        ("{a : undefined, b: nil}", {"a": None, "b": None}),
        ('{"a": [1, 2,], /* a remark */ "b": 1 // and so on\n}', {"a": [1, 2], "b": 1}),
        ("{'a': 'x' // why\n, 'b': 'y' /* too */}", {"a": "x", "b": "y"}),
        ('{"a": "it\'s", b: "don\'t"}', {"a": "it's", "b": "don't"}),
        ('{"a": "// no remark, None", b: 1}', {"a": "// no remark, None", "b": 1}),
    ],
)  # fmt: skip
def test_what_is_meant_is_plain(text: str, expected: dict[str, object]) -> None:
    assert load_object(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a": }', "this is no valid JSON"),
        ('{"a": "x"', "this is no valid JSON"),
        ("{'a': 'x}", "this is no valid JSON"),
        ('{"a": x}', "this is no valid JSON"),
        ('{"a": "x" "b": "y"}', "this is no valid JSON"),
        ('{"a": "x", "a": "y"}', "it has 'a' twice, with different values"),
        ("{a: 'x', a: 'y'}", "it has 'a' twice, with different values"),
        (f'{{"{"k" * 41}": 1, "{"k" * 41}": 2}}', f"it has {'k' * 40!r} twice, with different values"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "this is no valid JSON"),
    ],
)
def test_what_is_damaged_says_so(text: str, why: str) -> None:
    with pytest.raises(Damaged) as raised:
        load_object(text)
    assert str(raised.value) == why


def test_only_what_is_of_some_length_is_mended() -> None:
    least = len("{'a': ''}")
    assert load_object(f"{{'a': '{'x' * (MAX_MENDED_CHARS - least)}'}}")
    with pytest.raises(Damaged):
        load_object(f"{{'a': '{'x' * (MAX_MENDED_CHARS - least + 1)}'}}")


# -- where objects are


def test_a_reply_that_is_one_string_of_json_is_unwrapped() -> None:
    assert [item.fields for item in read_items('  "{\\"op\\": \\"ADD\\"}" ').items] == [{"op": "ADD"}]
    assert [item.fields for item in read_items('"{\\"op\\":\n \\"ADD\\"}"').items] == [{"op": "ADD"}]
    assert [item.fields for item in read_items('"{"op": "ADD"}"').items] == [{"op": "ADD"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"op": "ADD", "why": {"a": 1}}', ['{"op": "ADD", "why": {"a": 1}}']),
        ('{"x": 1, "why": {"a": 1}}', ['{"a": 1}']),
        ('{"OP": "ADD", "why": {"a": 1}}', ['{"OP": "ADD", "why": {"a": 1}}']),
        ('{"op": 1, "x": {"op": 2, "y": {"a": 1}}}', ['{"op": 2, "y": {"a": 1}}']),
        ('{"op": 1, "x": [{"y": {"op": 2, "z": {}}}]}', ['{"op": 2, "z": {}}']),
        ('{"x": {"op": 1, "y": {}}, "z": {"a": 2}}', ['{"op": 1, "y": {}}', '{"a": 2}']),
        ('"op" {"x": {"a": 1}}', ['{"a": 1}']),
    ],
)
def test_an_object_with_a_mark_is_an_item_with_all_that_it_holds(text: str, expected: list[str]) -> None:
    assert [item.text for item in read_items(text, marks={"op"}).items] == expected


def test_a_long_word_marks_nothing() -> None:
    marks = {"x" * 22, "y" * 23}
    assert [item.text for item in read_items(f'{{"{"x" * 22}": {{}}}}', marks=marks).items] == [
        f'{{"{"x" * 22}": {{}}}}'
    ]
    assert [item.text for item in read_items(f'{{"{"y" * 23}": {{}}}}', marks=marks).items] == ["{}"]


def test_what_is_cut_off_is_quoted_from_the_last_whole_object_on_with_its_line() -> None:
    found = read_items('so:\n[{"a": 1},\n{"b": {"c": 2}, "d')
    assert [(item.line, item.text) for item in found.items] == [(2, '{"a": 1}'), (3, '{"c": 2}')]
    assert [(one.line, one.text, one.why) for one in found.unreadable] == [
        (1, "so:", NO_OPERATION),
        (3, ', "d', "the JSON is cut off"),
    ]


def test_words_behind_the_last_object_are_quoted_line_by_line() -> None:
    found = read_items('[{"a": 1}]\nThat is all.\n\nReally.')
    assert [(one.line, one.text) for one in found.unreadable] == [(2, "That is all."), (4, "Really.")]
