"""Reads a JSON object from a stream, member by member and list item by item, so that none of it piles up. Pure."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import JsonValue

MAX_ITEM_CHARS = 16 * 1024 * 1024
"""Longest member or item, in characters: a message has at most 256 KiB, and JSON makes at most six of each byte."""

MAX_NAME_CHARS = 40
"""What is quoted of a name in a message, in characters."""

_SPACE = " \t\n\r"
_OF_NUMBERS = frozenset("0123456789.eE+-")


def items(chunks: Iterable[bytes]) -> Iterator[tuple[str, JsonValue]]:
    """The members of the object in a stream of UTF-8: a list as one pair an item, an empty one as none.

    Raises:
        ValueError: It is no JSON object, cut off, not UTF-8, or larger in one piece than `MAX_ITEM_CHARS`; a name
            stands twice in one object.
    """
    return _Scanner(chunks).items()


def unique(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    """An object of a document; for `json`'s `object_pairs_hook`.

    Raises:
        ValueError: A name stands twice.
    """
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the name {max(names, key=names.count)[:MAX_NAME_CHARS]!r} stands twice in one object")
    return made


def refuse_constant(name: str) -> None:
    """For `json`'s `parse_constant`.

    Raises:
        ValueError: Always: NaN and infinities are no JSON.
    """
    raise ValueError(f"{name} is no JSON")


class _Scanner:
    """A window on the stream, and a place in it."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()  # some editors put a mark before it
        self._json = json.JSONDecoder(object_pairs_hook=unique, parse_constant=refuse_constant)
        self._text = ""
        self._at = 0
        self._is_whole = False

    def items(self) -> Iterator[tuple[str, JsonValue]]:
        if self._next() != "{":
            raise ValueError("it is no JSON object")
        seen: set[str] = set()
        self._at += 1
        while self._next() != "}":
            name = self._value()
            if not isinstance(name, str):
                raise ValueError("a name of a member is missing")  # noqa: TRY004 - of the document, and not of a caller
            if name in seen:
                raise ValueError(f"the name {name[:MAX_NAME_CHARS]!r} stands twice")
            seen.add(name)
            self._take(":")
            if self._next() == "[":
                yield from ((name, item) for item in self._list())
            else:
                yield name, self._value()
            self._separate("}")
        self._at += 1
        if self._next():
            raise ValueError("something follows its end")

    def _list(self) -> Iterator[JsonValue]:
        self._take("[")
        while self._next() != "]":
            yield self._value()
            self._separate("]")
        self._at += 1

    def _separate(self, end: str) -> None:
        found = self._next()
        if found == ",":
            self._at += 1
            if self._next() == end:
                raise ValueError("a comma is followed by nothing")
        elif found != end:
            raise ValueError("it is cut off" if not found else "a comma is missing")

    def _take(self, wanted: str) -> None:
        if self._next() != wanted:
            raise ValueError(f"a {wanted} is missing")
        self._at += 1

    def _value(self) -> JsonValue:
        """The value that begins here; more is read until it is whole."""
        self._next()
        while True:
            try:
                value: JsonValue
                value, end = self._json.raw_decode(self._text, self._at)
            except RecursionError:
                raise ValueError("it is nested too deeply") from None
            except json.JSONDecodeError as error:
                if self._is_whole:
                    raise ValueError(f"it is cut off, or no JSON ({error.msg})") from None
            else:
                # A number at the end of the window may go on behind it: "0", "0." and "0.5" all begin alike.
                if self._is_whole or (end < len(self._text) and self._text[end] not in _OF_NUMBERS):
                    self._at = end
                    return value
            if len(self._text) - self._at > MAX_ITEM_CHARS:
                raise ValueError(f"a member or item has more than {MAX_ITEM_CHARS:,} characters, or is no JSON")
            self._read(max(1, len(self._text) - self._at))

    def _next(self) -> str:
        """The next character that is no space; none at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if self._is_whole:
                return ""
            self._read(1)

    def _read(self, more: int) -> None:
        """Drop what was scanned, and add at least so many characters unless the stream ends."""
        pieces = [self._text[self._at :]]
        self._at = 0
        while more > 0 and not self._is_whole:
            chunk = next(self._chunks, None)
            self._is_whole = chunk is None
            try:
                pieces.append(self._decoder.decode(chunk or b"", final=self._is_whole))
            except UnicodeDecodeError:
                raise ValueError("it is not UTF-8") from None
            more -= len(pieces[-1])
        self._text = "".join(pieces)
