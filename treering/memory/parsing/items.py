"""The items of a JSON reply, one by one, so that a damaged or cut-off item costs no other."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from treering.memory.parsing.grammar import JSON_OPENING, MAX_ITEMS, MAX_LINES, NO_OPERATION, WORDLESS
from treering.memory.parsing.reasoning import answer_start
from treering.memory.parsing.writing import storable
from treering.schemas.listening import UnreadableLine

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\[\s\S])*+(?:"|\\?\Z)|[{}]')
_TRAILING_COMMA: Final = re.compile(r'("(?:[^"\\]|\\[\s\S])*+")|,(?=\s*+[}\]])')
_PYTHON_WORD: Final = re.compile(r'("(?:[^"\\]|\\[\s\S])*+")|\b(True|False|None)\b')
_JSON_WORDS: Final = {"True": "true", "False": "false", "None": "null"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One JSON object that holds no other object."""

    line: int
    """Where it begins, from 1."""
    text: str
    """As it came."""
    fields: dict[str, object]
    """Its content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """What a JSON reply holds."""

    items: tuple[Item, ...] = ()
    """Whole objects, in the order of the text."""
    unreadable: tuple[UnreadableLine, ...] = ()
    """Objects that are damaged or cut off, and the prose around the JSON."""
    is_json: bool = False
    """There is JSON at all."""


def read_items(text: str) -> Items:
    """The innermost objects of the JSON in a model's reply, whatever stands around them.

    Tolerant of fences, prose around, several documents, trailing commas, Python's words, and line breaks inside
    strings. An object that is not closed is unreadable as a whole: a value that was cut off is never taken.

    Example:
        >>> reply = read_items('Sure: {"operations": [{"op": "ADD", "text": "a"}, {"op": "ADD", "te')
        >>> [item.fields["text"] for item in reply.items], reply.unreadable[-1].why
        (['a'], 'the JSON is cut off')
    """
    text = storable(text)
    opening = JSON_OPENING.search(text, answer_start(text))
    if opening is None:
        return Items()
    reading = _Reading(text=text)
    reading.prose(answer_start(text), opening.start())
    done = opening.start()
    for begin, end, is_whole in islice(_objects(text, opening.start()), MAX_ITEMS):
        reading.take(begin, end, is_whole=is_whole)
        done = end
    reading.prose(done, len(text))
    return Items(items=tuple(reading.items), unreadable=tuple(reading.unreadable), is_json=True)


@dataclass(slots=True)
class _Reading:
    """One pass over a text, from left to right."""

    text: str
    items: list[Item] = field(default_factory=list)
    unreadable: list[UnreadableLine] = field(default_factory=list)
    _line: int = 1
    _counted: int = 0

    def take(self, begin: int, end: int, *, is_whole: bool) -> None:
        fields = _load(self.text[begin:end]) if is_whole else None
        if fields is not None:
            self.items.append(Item(line=self._line_of(begin), text=self.text[begin:end], fields=fields))
        else:
            self.refuse(begin, end, "this is no valid JSON" if is_whole else "the JSON is cut off")

    def refuse(self, begin: int, end: int, why: str) -> None:
        self.unreadable.append(UnreadableLine(line=self._line_of(begin), text=self.text[begin:end], why=why))

    def prose(self, begin: int, end: int) -> None:
        for piece in self.text[begin:end].split("\n", MAX_LINES):
            if not WORDLESS.fullmatch(piece) and any(char.isalnum() for char in piece):
                self.refuse(begin, begin + len(piece), NO_OPERATION)
            begin += len(piece) + 1

    def _line_of(self, place: int) -> int:
        self._line += self.text.count("\n", self._counted, place)
        self._counted = max(place, self._counted)
        return self._line


def _objects(text: str, start: int) -> Iterator[tuple[int, int, bool]]:
    """Begin, end and wholeness of each object without objects inside, and of what is cut off at the end."""
    stack: list[tuple[int, bool]] = []
    for token in _TOKEN.finditer(text, start):
        if token[0] == "{":
            if stack:
                stack[-1] = (stack[-1][0], True)
            stack.append((token.start(), False))
        elif token[0] == "}" and stack:
            begin, is_parent = stack.pop()
            if not is_parent:
                yield begin, token.end(), True
    if stack:
        begin, is_parent = stack[-1]
        yield begin if not is_parent else text.rfind("}", 0, len(text)) + 1, len(text), False


def _load(text: str) -> dict[str, object] | None:
    for candidate in (text, _mended(text)):
        try:
            fields: dict[str, object] = json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
        return fields
    return None


def _mended(text: str) -> str:
    """Without trailing commas and with JSON's words for Python's; strings stay as they are."""
    without_commas = _TRAILING_COMMA.sub(lambda match: match[1] or "", text)
    return _PYTHON_WORD.sub(lambda match: match[1] or _JSON_WORDS[match[2]], without_commas)
