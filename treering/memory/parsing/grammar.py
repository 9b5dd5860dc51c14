r"""The shapes that models give to operations, as regular expressions that never backtrack over long runs.

Every repetition that could meet a long run is possessive (`*+`): an adversarial reply costs linear time. Marks that
look like ASCII but are not (smart quotes, the full-width marks of Chinese models) are written as escapes.
"""

from __future__ import annotations

import re

NO_OPERATION = "no operation"
"""Why a line of prose is unreadable; it is no mistake worth a second question to the model."""

REASONING = "reasoning, no operation"
"""Why a line inside a leading `<think>` block is unreadable; no mistake either."""

MAX_LABEL_CHARS = 80
"""Longest text before an operation on its line, in characters. `Operation 1:` is a label; more is a sentence, and an
operation inside a sentence is as often quoted or denied as meant."""

MAX_LINES = 1_000
"""Most unreadable lines that are told apart. What follows comes back as one, so that a megabyte of noise stays cheap;
a reply to a few turns that has more is noise."""

MAX_ITEMS = 10_000
"""Most objects that are read out of one JSON reply; what follows is treated as prose."""

OPENERS = "(\uff08"
CLOSERS = ")\uff09"
COMMAS = ",\uff0c"
SINGLE_QUOTES = "'\u2018\u2019"
DOUBLE_QUOTES = '"\u201c\u201d\u201e\u00ab\u00bb'
QUOTES = f"{DOUBLE_QUOTES}{SINGLE_QUOTES}`"

_NAME = "(?:add|update|delete|no[ _-]?op)"
_CALL = rf"[*_`]*+[^\S\n]*+[{OPENERS}]"
_CLOSE = rf"\s*+[{COMMAS}]?+\s*+[{CLOSERS}]"
_DECORATION = rf"[^\w\n{DOUBLE_QUOTES}{SINGLE_QUOTES}]*+"


def _any_case(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


#: `ADD(`, also `**add** (` and `No-op(`.
START = _any_case(rf"(?<![\w.])(?P<name>{_NAME}){_CALL}")

#: What may stand before an operation on its line: bullets, numbers, "and", or a short label with a colon.
PREFIX = _any_case(
    rf"{_DECORATION}(?:(?:\d{{1,3}}|[a-z]|and|then|plus|also)\b{_DECORATION}){{0,3}}"
    rf"|[^\n{DOUBLE_QUOTES}{SINGLE_QUOTES}():]*+:{_DECORATION}"
)

#: The first argument, and what separates it from the second or closes the call.
PATH_ARGUMENT = _any_case(
    rf"\s*+(?:path\s*+[:=]\s*+)?+[{QUOTES}*]*+(?P<path>[\w.]++)[{QUOTES}*]*+\s*+"
    rf"(?P<after>[{CLOSERS}]|[{COMMAS};:]|=>|->|\u2192|=)"
)

#: `value=` before a value.
VALUE_NAME = _any_case(rf"\s*+(?:(?:value|text|content)\s*+[:=]\s*+(?=[{QUOTES}]|none\b|null\b))?+")

#: The paper's `None` and its cousins, with the closing parenthesis.
NOTHING = _any_case(rf"(?:none|null|nil|n/a|undefined)?+{_CLOSE}")

CLOSE = re.compile(_CLOSE)
SECOND_VALUE = re.compile(rf"\s*+[{COMMAS}]\s*+([{QUOTES}])")
MORE_LINES = re.compile(r"[^\w\n]*+\n[\W_]*+\w")
PARENTHESIS = re.compile(f"[{OPENERS}{CLOSERS}]")
NO_OP_ARGUMENTS = re.compile(rf"[^{OPENERS}{CLOSERS}\n]*+[{CLOSERS}]")

#: After an operation: nothing more on the line, or the next operation.
END = _any_case(
    rf"[^\S\n]*+[*`_~.;:|\]}}>\t {COMMAS}{CLOSERS}]*+"
    rf"(?:(?:and|then|&|\+|/|->|\u2192|-|\u2022|\d{{1,3}}[.)])[^\S\n]*+)*+(?:\n|\Z|[*_`]*+{_NAME}{_CALL})"
)

#: After an operation: a remark. Any other word makes the operation part of a sentence.
ASIDE = _any_case(r"[^\S\n]*+(?:[^\w\s]|(?:because|since|as|from|for|per|and|then|based|given)\b)")

#: An operation that begins inside a value: two were run together.
EMBEDDED = _any_case(rf"(?:add|update|delete)[^\S\n]*+[{OPENERS}]\s*+[{QUOTES}]?+[\w.]++[{QUOTES}]?+\s*+[{COMMAS}]")

#: A line that says that nothing is to be done.
NOTHING_TO_DO = _any_case(r"[^\w\n]*+no[ _-]?op(?:eration)?s?[^\w\n]*+")

#: A line without a word: blank, a rule, a bare number, a fence with its language.
WORDLESS = _any_case(r"\s*+(?:```|~~~)[^\S\n]*+[\w+.-]*+\s*+|(?:[^\w\n]|_)*+(?:\d{1,3}[.):]|and|then)?+(?:[^\w\n]|_)*+")

#: Reasoning that some models put before their answer.
THINKING = _any_case(r"\s*+<(think|thinking|thought|reasoning)>")

#: Where JSON begins: an opening bracket before a quote, another bracket, a comment or a bare key.
JSON_OPENING = re.compile(rf"[\[{{]\s*+(?:[{DOUBLE_QUOTES}{SINGLE_QUOTES}\[\]{{}}]|//|/\*)|\{{\s*+[^\W\d]\w*+\s*+:")

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""Characters that no store holds. They are replaced one by one, so that places in the text stay."""


def _first_quote(quotes: str) -> re.Pattern[str]:
    return re.compile(rf"[^\\{quotes}]*+(?:\\[\s\S][^\\{quotes}]*+)*+[{quotes}]")


def _closing_quote(quotes: str) -> re.Pattern[str]:
    return re.compile(rf"(?:[^\\{quotes}]++|\\[\s\S]|[{quotes}](?!{_CLOSE}))*+[{quotes}](?={_CLOSE})")


_FAMILIES = (
    {'"': '"', "'": "'", "`": "`"}
    | dict.fromkeys(DOUBLE_QUOTES[1:], DOUBLE_QUOTES)
    | dict.fromkeys(SINGLE_QUOTES[1:], SINGLE_QUOTES)
)

FIRST_QUOTE = {opening: _first_quote(closing) for opening, closing in _FAMILIES.items()}
"""By opening quote: up to the first quote that is not escaped and could close it."""

CLOSING_QUOTE = {opening: _closing_quote(closing) for opening, closing in _FAMILIES.items()}
"""By opening quote: up to the first that also stands before a closing parenthesis."""

ANY_CLOSING_QUOTE = _closing_quote(QUOTES)
"""For values that open with one kind of quote and close with another."""
