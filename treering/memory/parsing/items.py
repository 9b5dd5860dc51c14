"""The items of a JSON reply, one by one, so that a damaged or cut-off item costs no other."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from treering.memory.parsing.grammar import JSON_OPENING, MAX_ITEMS, MAX_LINES, NO_OPERATION, WORDLESS
from treering.memory.parsing.mending import Damaged, load_object
from treering.memory.parsing.reasoning import answer_start
from treering.memory.parsing.writing import storable
from treering.schemas.listening import UnreadableLine

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

MAX_MARK_CHARS = 24
"""Longest key that can mark an item, in characters, with its quotes."""

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\[\s\S])*+(?:"|\\?\Z)|[{}]')


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One JSON object: one that holds no other, or one that is marked by its keys."""

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


def read_items(text: str, *, marks: Container[str] = ()) -> Items:
    """The innermost objects of the JSON in a model's reply, whatever stands around them.

    Tolerant of fences, prose around, several documents, and what `load_object` mends. An object that is not closed is
    unreadable as a whole: a value that was cut off is never taken.

    Args:
        text: The reply.
        marks: Names in lower case; an object with one of these keys is an item also where it holds other objects.

    Example:
        >>> reply = read_items('Sure: {"operations": [{"op": "ADD", "text": "a"}, {"op": "ADD", "te')
        >>> [item.fields["text"] for item in reply.items], reply.unreadable[-1].why
        (['a'], 'the JSON is cut off')
    """
    text = _unwrapped(storable(text))
    opening = JSON_OPENING.search(text, answer_start(text))
    if opening is None:
        return Items()
    reading = _Reading(text=text)
    reading.prose(answer_start(text), opening.start())
    done = opening.start()
    for item in islice(_items(_objects(text, opening.start(), marks)), MAX_ITEMS):
        reading.take(item.begin, item.end, is_whole=item.is_whole)
        done = item.end
    reading.prose(done, len(text))
    return Items(items=tuple(reading.items), unreadable=tuple(reading.unreadable), is_json=True)


def _unwrapped(text: str) -> str:
    """What a JSON string holds, where the whole reply is one."""
    bare = text.strip()
    if not (bare.startswith('"{') and bare.endswith('}"')):
        return text
    try:
        return storable(str(json.loads(bare, strict=False)))
    except ValueError:
        return text


@dataclass(slots=True)
class _Reading:
    """One pass over a text, from left to right."""

    text: str
    items: list[Item] = field(default_factory=list)
    unreadable: list[UnreadableLine] = field(default_factory=list)
    _line: int = 1
    _counted: int = 0

    def take(self, begin: int, end: int, *, is_whole: bool) -> None:
        if not is_whole:
            self.refuse(begin, end, "the JSON is cut off")
            return
        try:
            fields = load_object(self.text[begin:end])
        except Damaged as error:
            self.refuse(begin, end, str(error))
        else:
            self.items.append(Item(line=self._line_of(begin), text=self.text[begin:end], fields=fields))

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


@dataclass(slots=True)
class _Object:
    """An object of the text, while it is read."""

    begin: int
    end: int
    is_whole: bool = False
    is_parent: bool = False
    is_marked: bool = False
    holds_marked: bool = False


def _objects(text: str, start: int, marks: Container[str]) -> list[_Object]:
    """Every object that is closed, in the order of their ends, and what is cut off at the end."""
    stack: list[_Object] = []
    found: list[_Object] = []
    for token in _TOKEN.finditer(text, start):
        if token[0] == "{":
            if stack:
                stack[-1].is_parent = True
            stack.append(_Object(begin=token.start(), end=len(text)))
        elif token[0] == "}" and stack:
            closed = stack.pop()
            closed.end, closed.is_whole = token.end(), True
            found.append(closed)
            if stack and (closed.is_marked or closed.holds_marked):
                stack[-1].holds_marked = True
        elif stack and len(token[0]) <= MAX_MARK_CHARS and token[0][1:-1].lower() in marks:
            stack[-1].is_marked = True
    if stack:
        last = stack[-1]
        found.append(_Object(begin=text.rfind("}") + 1 if last.is_parent else last.begin, end=len(text)))
    return found


def _items(objects: list[_Object]) -> Iterator[_Object]:
    """What counts as an item, in the order of the text: the innermost marked objects, and others that hold none."""
    covered = 0
    for item in sorted(objects, key=lambda item: item.begin):
        is_item = not item.is_parent or (item.is_marked and not item.holds_marked)
        if item.begin >= covered and is_item:
            covered = item.end
            yield item
