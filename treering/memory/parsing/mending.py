"""One JSON object as models write it: quotes of other kinds, comments, bare keys, trailing commas, Python's words."""

from __future__ import annotations

import json
import re
from typing import Final

from treering.memory.parsing.writing import storable

MAX_MENDED_CHARS = 40_000
"""Longer objects are taken as they are: one operation is never so long."""

_DOUBLE: Final = '"\u201c\u201d\u201e\uff02'
_SINGLE: Final = "'\u2018\u2019\u201a`"
_FAMILY: Final = dict.fromkeys(_DOUBLE, _DOUBLE) | dict.fromkeys(_SINGLE, _SINGLE)

_PIECE: Final = re.compile(
    rf"""
    (?P<string>"(?:[^"\\]|\\[\s\S])*+")
    | (?P<quote>[{_DOUBLE}{_SINGLE}])
    | (?P<comment>//[^\n]*+|/\*(?:(?!\*/)[\s\S]){{0,400}}\*/)
    | (?P<comma>,(?=\s*+[}}\]]))
    | (?P<word>[^\W\d]\w*+)
    | (?P<wide>[\uff1a\uff0c])
    """,
    re.VERBOSE,
)
_CLOSING: Final = {
    family: re.compile(rf"(?<!\\)[{family}](?=\s{{0,40}}(?:[,:}}\]\uff0c\uff1a]|//|/\*))")
    for family in (_DOUBLE, _SINGLE)
}
"""A quote of a kind, where something may follow that follows a string."""

_KEY: Final = re.compile(r"\s{0,40}[:\uff1a]")
_WORDS: Final = {"True": "true", "False": "false", "None": "null", "undefined": "null", "nil": "null"}
_NARROW: Final = {"\uff1a": ":", "\uff0c": ","}
_ESCAPED_QUOTE: Final = re.compile(rf"\\([{_SINGLE}{_DOUBLE[1:]}])")


class Damaged(ValueError):
    """It is no JSON object, or says two things at once; the message says which."""


def load_object(text: str) -> dict[str, object]:
    """The content of a JSON object that is closed; NaN and infinity count as null, NUL and lone surrogates as U+FFFD.

    Nothing is completed: where a string, a comma or a value is missing, the object is damaged.

    Raises:
        Damaged: It cannot be read, or has one key twice with different values.

    Example:
        >>> load_object("{op: 'ADD', text: 'likes Ana's cake',}  // sure")
        {'op': 'ADD', 'text': "likes Ana's cake"}
    """
    try:
        return _load(text)
    except Damaged:
        raise
    except (ValueError, RecursionError):
        pass
    try:
        return _load(_mended(text) if len(text) <= MAX_MENDED_CHARS else text)
    except Damaged:
        raise
    except (ValueError, RecursionError):
        raise Damaged("this is no valid JSON") from None


def _load(text: str) -> dict[str, object]:
    loaded: dict[str, object] = json.loads(
        text, strict=False, parse_constant=lambda _: None, object_pairs_hook=_unambiguous
    )
    return loaded


def _unambiguous(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for key, value in pairs:
        kept = _storable(value)
        if key in fields and fields[key] != kept:
            raise Damaged(f"it has {key[:40]!r} twice, with different values")
        fields[key] = kept
    return fields


def _storable(value: object) -> object:
    """A value without the characters that no store holds: an escape may stand for one."""
    if isinstance(value, str):
        return storable(value)
    return [_storable(entry) for entry in value] if isinstance(value, list) else value


def _mended(text: str) -> str:
    pieces: list[str] = []
    done = 0
    unclosed: set[str] = set()
    while (match := _PIECE.search(text, done)) is not None:
        pieces.append(text[done : match.start()])
        piece, done = _mended_piece(text, match, unclosed)
        pieces.append(piece)
    return "".join([*pieces, text[done:]])


def _mended_piece(text: str, match: re.Match[str], unclosed: set[str]) -> tuple[str, int]:
    """The piece as JSON has it, and where the next one begins. `unclosed`: kinds of quotes that close no more."""
    if match["quote"]:
        family = _FAMILY[match["quote"]]
        closing = None if family in unclosed else _CLOSING[family].search(text, match.end())
        if closing is None:
            unclosed.add(family)
            return match[0], match.end()
        content = _ESCAPED_QUOTE.sub(r"\1", text[match.end() : closing.start()])
        return f'"{_double_quotes_escaped(content)}"', closing.end()
    if match["comment"] or match["comma"]:
        return "", match.end()
    if match["word"]:
        word = match["word"]
        is_key = _KEY.match(text, match.end()) is not None
        return (f'"{word}"' if is_key else _WORDS.get(word, word)), match.end()
    return _NARROW.get(match[0], match[0]), match.end()


def _double_quotes_escaped(content: str) -> str:
    return re.sub(r'(?<!\\)"', r'\\"', content)
