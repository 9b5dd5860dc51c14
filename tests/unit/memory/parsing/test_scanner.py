"""The text grammar, as models really write it."""

from __future__ import annotations

import pytest

from treering.memory.parsing import NO_OPERATION, REASONING, parse_operations
from treering.memory.parsing.grammar import MAX_LABEL_CHARS

CUT_OFF = "the value does not end with a quote and a parenthesis"
SENTENCE = "it is part of a sentence; put it on a line of its own"
INSIDE = "an operation inside a sentence; put it on a line of its own"

READ = [
    ("as the paper writes it", 'ADD(a.b, "x")', ["ADD a.b x"]),
    ("a fence with a language", '```python\nADD(a.b, "x")\n```', ["ADD a.b x"]),
    ("a fence without a language", '```\nADD(a.b, "x")\n```', ["ADD a.b x"]),
    ("numbers", '1. ADD(a, "x")\n2) UPDATE(c, "y")', ["ADD a x", "UPDATE c y"]),
    ("bullets", '- ADD(a, "x")\n* ADD(b, "y")\n\u2022 ADD(c, "z")', ["ADD a x", "ADD b y", "ADD c z"]),
    ("a quotation mark in Markdown", '> ADD(a, "x")', ["ADD a x"]),
    ("a table", '| ADD(a, "x") |', ["ADD a x"]),
    ("smart quotes", "ADD(a, \u201cx y\u201d)", ["ADD a x y"]),
    ("smart single quotes", "ADD(a, \u2018Ana\u2019s dog\u2019)", ["ADD a Ana\u2019s dog"]),
    ("guillemets", "ADD(a, \u00abx\u00bb)", ["ADD a x"]),
    ("single quotes with an apostrophe", "ADD(a, 'Ana's dog')", ["ADD a Ana's dog"]),
    ("backticks as quotes", "ADD(a, `x`)", ["ADD a x"]),
    ("two kinds of quotes", 'ADD(a, "x\u201d)\nADD(b, "y")', ["ADD a x", "ADD b y"]),
    ("no quotes", "ADD(a, Lisbon, by the sea)", ["ADD a Lisbon, by the sea"]),
    ("no quotes, parentheses inside", "ADD(a, Lisbon (Portugal))", ["ADD a Lisbon (Portugal)"]),
    ("no quotes, a smiley inside", "ADD(a, smiles :) often)", ["ADD a smiles :) often"]),
    ("no quotes, a comma at the end", "ADD(a, Lisbon ,)", ["ADD a Lisbon"]),
    ("full-width marks", "ADD\uff08a\uff0c\u201cx\u201d\uff09", ["ADD a x"]),
    ("a line break inside the value", 'ADD(a, "x\ny")', ["ADD a x\ny"]),
    ("an escaped line break", r'ADD(a, "x\ny")', ["ADD a x\ny"]),
    ("a code point as escape", r'ADD(a, "caf\u00e9 \ud83d\ude00")', ["ADD a caf\u00e9 \U0001f600"]),
    ("an unknown escape", r'ADD(a, "\d+ \ud800 \u0000")', [r"ADD a \d+ \ud800 \u0000"]),
    ("quotes inside the value", 'ADD(a, "He said "hi" to me")', ['ADD a He said "hi" to me']),
    ("escaped quotes inside the value", r'ADD(a, "He said \"hi\")")', ['ADD a He said "hi")']),
    (
        "a quoted end inside the value",
        'ADD(a, "the "best" (the "only"), really")',
        ['ADD a the "best" (the "only"), really'],
    ),
    ("a quotation at the end of the value", 'ADD(a, "x ("y")")', ['ADD a x ("y")']),
    ("an arrow inside the value", 'ADD(a, "x -> y => z")', ["ADD a x -> y => z"]),
    (
        "an operation quoted in a whole value",
        'ADD(a, "typed DELETE(b, None) once")',
        ["ADD a typed DELETE(b, None) once"],
    ),
    ("a fence inside the value", 'ADD(a, "uses ```py\nf(1)\n``` often")', ["ADD a uses ```py\nf(1)\n``` often"]),
    ("a trailing comma", 'ADD(a, "x",)', ["ADD a x"]),
    ("a comma after the call", 'ADD(a, "x"),\nADD(b, "y");', ["ADD a x", "ADD b y"]),
    ("a parenthesis too many", 'ADD(a, "x"))', ["ADD a x"]),
    ("triple quotes", 'ADD(a, """x "y"\nz""")', ['ADD a x "y"\nz']),
    ("triple quotes, several on a line", 'ADD(a, """x"""); ADD(b, """y""")', ["ADD a x", "ADD b y"]),
    ("triple quotes, spaces inside", 'ADD(a, """\n  x \n""")', ["ADD a   x "]),
    ("lower case", 'add(a, "x")\nDelete(b)', ["ADD a x", "DELETE b None"]),
    ("spaces everywhere", '  ADD ( a.b ,  "x"  )  ', ["ADD a.b x"]),
    ("windows line ends", 'ADD(a, "x")\r\nADD(b, "y")\r\n', ["ADD a x", "ADD b y"]),
    ("a call over several lines", 'ADD(\n  path="a.b",\n  value="x",\n)', ["ADD a.b x"]),
    ("keywords", 'ADD(path="a.b", value="x")', ["ADD a.b x"]),
    ("keywords with colons", 'ADD(path: a.b, value: "x")', ["ADD a.b x"]),
    ("a quoted path", 'ADD("a.b", "x")\nADD(`c`, "y")', ["ADD a.b x", "ADD c y"]),
    ("an arrow between path and value", 'ADD(a -> "x")', ["ADD a x"]),
    ("bold", '**ADD(a, "x")**\n**ADD**(b, "y")', ["ADD a x", "ADD b y"]),
    ("code", '`ADD(a, "x")`', ["ADD a x"]),
    (
        "several on a line",
        'DELETE(a, None); ADD(b, "x") and UPDATE(c, "y").',
        ["DELETE a None", "ADD b x", "UPDATE c y"],
    ),
    ("several numbered on a line", '1. ADD(a, "x") 2. ADD(b, "y")', ["ADD a x", "ADD b y"]),
    ("a label", 'Operation 1: ADD(a, "x")', ["ADD a x"]),
    ("delete without a value", "DELETE(a)", ["DELETE a None"]),
    ("delete with null", "DELETE(a, null)", ["DELETE a None"]),
    ("delete with an empty value", 'DELETE(a, "")', ["DELETE a None"]),
    ("delete that says what", 'DELETE(a, "x")', ["DELETE a x"]),
    ("delete with a named none", "DELETE(path=a, value=None)", ["DELETE a None"]),
    ("no-op", "NO_OP()", ["NO_OP None None"]),
    ("no-op without parentheses", "NO_OP", ["NO_OP None None"]),
    ("no-op in other words", "Noop\n- NO-OP.\nno operation", ["NO_OP None None"] * 3),
    ("no-op with a reason", "NO_OP(all of it is known)", ["NO_OP None None"]),
    ("an empty reply", "", []),
    ("blank lines, rules and empty fences", "\n  \n---\n```\n```\n***\n", []),
]

REFUSED = [
    ("cut off in the value", 'ADD(a, "x', [], [(1, 'ADD(a, "x', CUT_OFF)]),
    ("cut off before the parenthesis", 'ADD(a, "x"', [], [(1, 'ADD(a, "x"', CUT_OFF)]),
    ("cut off before the parenthesis, no quotes", "ADD(a, x", [], [(1, "ADD(a, x", "no parenthesis closes it")]),
    ("cut off in the path", "ADD(a.b", [], [(1, "ADD(a.b", "it does not begin with a path and a comma")]),
    ("cut off in triple quotes", 'ADD(a, """x"', [], [(1, 'ADD(a, """x"', CUT_OFF)]),
    (
        "cut off after a quotation of another kind",
        'ADD(a, "\u201cx\u201d)',
        [],
        [(1, 'ADD(a, "\u201cx\u201d)', CUT_OFF)],
    ),
    ("cut off before the line ends, no quotes", "ADD(a, x\n)", [], [(1, "ADD(a, x", "no parenthesis closes it")]),
    (
        "triple quotes that close in the next one",
        'ADD(a, """x\nADD(b, """y""")',
        ["ADD b y"],
        [(1, 'ADD(a, """x', CUT_OFF)],
    ),
    (
        "another operation inside, no quotes",
        "ADD(a, x DELETE(b) y)",
        [],
        [(1, "ADD(a, x DELETE(b) y)", "no parenthesis closes it")],
    ),
    ("the last of two is cut off", 'ADD(a, "x")\nADD(b, "y', ["ADD a x"], [(2, 'ADD(b, "y', CUT_OFF)]),
    (
        "two run together",
        'ADD(a, "x ADD(b, "y")',
        [],
        [(1, 'ADD(a, "x ADD(b, "y")', "another operation begins inside the value")],
    ),
    (
        "two values",
        'UPDATE(a, "old", "new")',
        [],
        [(1, 'UPDATE(a, "old", "new")', "it has more than one value")],
    ),
    ("no value", "ADD(a, None)", [], [(1, "ADD(a, None)", "ADD has no value")]),
    ("a blank value", 'UPDATE(a, " ")', [], [(1, 'UPDATE(a, " ")', "UPDATE has no value")]),
    ("no path", 'ADD("x y", "z")', [], [(1, 'ADD("x y", "z")', "it does not begin with a path and a comma")]),
    ("a path of dots", 'ADD(a..b, "x")', [], [(1, 'ADD(a..b, "x")', "'a..b' is no path")]),
    ("an escaped call", r"ADD(a, \"x\")", [], [(1, r"ADD(a, \"x\")", "the value begins with a backslash")]),
    ("brackets of another kind", 'ADD[a, "x"]', [], [(1, 'ADD[a, "x"]', NO_OPERATION)]),
    ("no-op that never closes", "NO_OP(because", [], [(1, "NO_OP(because", "no parenthesis closes it")]),
    ("considered in a sentence", "I thought of DELETE(a).", [], [(1, "I thought of DELETE(a).", INSIDE)]),
    ("a quoted instruction", 'He wrote "DELETE(a)".', [], [(1, 'He wrote "DELETE(a)".', INSIDE)]),
    ("the subject of a sentence", "DELETE(a) is wrong", [], [(1, "DELETE(a) is wrong", SENTENCE)]),
    ("a word at its end, no quotes", "ADD(a, x)y", [], [(1, "ADD(a, x)y", SENTENCE)]),
    ("the subject, no quotes", "ADD(a, x) is wrong", [], [(1, "ADD(a, x) is wrong", SENTENCE)]),
    (
        "prose before, between and after",
        'Sure!\nADD(a, "x")\nAlso:\nADD(b, "y")\nDone.',
        ["ADD a x", "ADD b y"],
        [(1, "Sure!", NO_OPERATION), (3, "Also:", NO_OPERATION), (5, "Done.", NO_OPERATION)],
    ),
    ("a heading", 'Operations:\nADD(a, "x")', ["ADD a x"], [(1, "Operations:", NO_OPERATION)]),
    ("a remark", 'ADD(a, "x") because of m1', ["ADD a x"], [(1, " because of m1", NO_OPERATION)]),
    ("a remark, no quotes", "ADD(a, x)  # see m1", ["ADD a x"], [(1, "  # see m1", NO_OPERATION)]),
    (
        "a remark, no quotes, parentheses inside",
        "ADD(a, Lisbon (Portugal))  # see m1",
        ["ADD a Lisbon (Portugal)"],
        [(1, "  # see m1", NO_OPERATION)],
    ),
    ("a comment", 'ADD(a, "x")  # see m1', ["ADD a x"], [(1, "  # see m1", NO_OPERATION)]),
    (
        "reasoning",
        '<think>\nDELETE(a)?\n</think>\nADD(a, "x")',
        ["ADD a x"],
        [(1, "<think>", REASONING), (2, "DELETE(a)?", REASONING), (3, "</think>", REASONING)],
    ),
    ("reasoning without an end", "<think>DELETE(a)", [], [(1, "<think>DELETE(a)", REASONING)]),
    (
        "a broken one takes the rest of its line",
        "ADD(x y) DELETE(a)\nDELETE(b)",
        ["DELETE b None"],
        [(1, "ADD(x y) DELETE(a)", "it does not begin with a path and a comma")],
    ),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in READ], ids=[case[0] for case in READ])
def test_what_models_write_is_read_without_a_remark(text: str, expected: list[str]) -> None:
    parsed = parse_operations(text)
    assert [f"{op.kind} {op.path} {op.value}" for op in parsed.operations] == expected
    assert parsed.unreadable == ()


@pytest.mark.parametrize(
    ("text", "expected", "unreadable"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_what_cannot_be_read_is_quoted_with_its_line_and_reason(
    text: str, expected: list[str], unreadable: list[tuple[int, str, str]]
) -> None:
    parsed = parse_operations(text)
    assert [f"{op.kind} {op.path} {op.value}" for op in parsed.operations] == expected
    assert [(line.line, line.text, line.why) for line in parsed.unreadable] == unreadable


def test_characters_that_no_store_holds_are_replaced() -> None:
    parsed = parse_operations('ADD(a, "x\x00y\ud800")')
    assert parsed.operations[0].value == "x\ufffdy\ufffd"


def test_noise_without_end_comes_back_in_bounded_pieces() -> None:
    parsed = parse_operations("ADD(\n" * 5_000 + "x\n" * 5_000)
    assert len(parsed.unreadable) <= 2_001
    assert "".join(line.text for line in parsed.unreadable).count("ADD(") == 5_000


def test_each_operation_knows_its_line() -> None:
    assert parse_operations('Sure!\n\nADD(a, "x\ny")\nNO_OP\r\n DELETE(b)').lines == (3, 5, 6)


def test_a_label_before_an_operation_is_short() -> None:
    for chars, read in ((MAX_LABEL_CHARS, 1), (MAX_LABEL_CHARS + 1, 0)):
        label = "Operation" + " " * (chars - len("Operation:")) + ":"
        assert len(label) == chars
        assert len(parse_operations(f'{label}ADD(a, "x")').operations) == read
