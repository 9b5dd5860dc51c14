"""Where the value of an operation ends: quoted, unquoted, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from treering.memory.parsing.grammar import (
    ANY_CLOSING_QUOTE,
    ASIDE,
    CLOSE,
    CLOSING_QUOTE,
    COMMAS,
    EMBEDDED,
    END,
    FIRST_QUOTE,
    MORE_LINES,
    OPENERS,
    PARENTHESIS,
    SECOND_VALUE,
    START,
)
from treering.memory.parsing.writing import unescape

if TYPE_CHECKING:
    import re

Tail = Literal["end", "aside", "sentence"]


class Unreadable(Exception):
    """An operation cannot be read; the message says why."""


@dataclass(slots=True)
class Source:
    """A text, with a memory of quotes that were looked for, so that looking often costs little."""

    text: str
    _found: dict[re.Pattern[str], tuple[int, int]] = field(default_factory=dict)
    _line: tuple[int, int] = (-1, -1)

    def find(self, pattern: re.Pattern[str], start: int) -> int:
        """Place of the first quote for `pattern` from `start` on; the length of the text if there is none.

        Places are asked for in rising order, so one remembered answer a pattern makes all searches together linear.
        """
        since, place = self._found.get(pattern, (-1, -1))
        if not since <= start <= place:
            match = pattern.match(self.text, start)
            place = match.end() - 1 if match else len(self.text)
            self._found[pattern] = (start, place)
        return place

    def line_end(self, start: int) -> int:
        """Place of the line break at or after `start`, or the length of the text."""
        since, place = self._line
        if not since <= start <= place:
            found = self.text.find("\n", start)
            place = len(self.text) if found < 0 else found
            self._line = (start, place)
        return place


def tail(text: str, end: int) -> Tail:
    """What follows an operation that would end here."""
    if END.match(text, end):
        return "end"
    return "aside" if ASIDE.match(text, end) else "sentence"


def quoted_value(source: Source, start: int, limit: int) -> tuple[str, int]:
    """The value whose opening quote stands at `start`, and the place after its closing parenthesis.

    Args:
        source: The text.
        start: Place of the opening quote.
        limit: Where the next operation begins on a line of its own; a value with unescaped quotes stays before it.

    Raises:
        Unreadable: It does not end, or it is two values.
    """
    text = source.text
    triple = text[start : start + 3]
    if triple in ('"""', "'''"):
        return _triple_quoted(text, start + 3, triple, limit)
    first = source.find(FIRST_QUOTE[text[start]], start + 1)
    end = _end_of_call(text, first)
    if end is not None and tail(text, end) == "end":
        return unescape(text[start + 1 : first]), end
    _refuse_second_value(source, first)
    for pattern in (CLOSING_QUOTE[text[start]], ANY_CLOSING_QUOTE):
        found = source.find(pattern, start + 1)
        place = _best_close(source, found, pattern, limit) if found < limit else None
        end = _end_of_call(text, place) if place is not None else None
        if end is not None and (pattern is not ANY_CLOSING_QUOTE or _goes_on(text, end)):
            return _checked(text[start + 1 : place]), end
    raise Unreadable("the value does not end with a quote and a parenthesis")


def unquoted_value(source: Source, start: int) -> tuple[str, int]:
    """The value that begins at `start` without a quote and ends on the same line, and the place after the call.

    Raises:
        Unreadable: No parenthesis closes it, or what closes it is in the middle of a sentence.
    """
    text = source.text
    limit = _segment_end(source, start)
    close = _closing_parenthesis(text, start, limit)
    if close is None:
        raise Unreadable("no parenthesis closes it")
    value = text[start:close].strip().rstrip(COMMAS).rstrip()
    if value.startswith("\\"):
        raise Unreadable("the value begins with a backslash")
    if tail(text, close + 1) == "sentence":
        raise Unreadable("it is part of a sentence; put it on a line of its own")
    return value, close + 1


def _triple_quoted(text: str, start: int, triple: str, limit: int) -> tuple[str, int]:
    place = text.find(triple, start, limit)
    end = _end_of_call(text, place + 2) if place >= 0 else None
    if end is None:
        raise Unreadable("the value does not end with a quote and a parenthesis")
    return text[start:place].strip("\n"), end


def _end_of_call(text: str, quote: int) -> int | None:
    match = CLOSE.match(text, quote + 1)
    return match.end() if match else None


def _goes_on(text: str, end: int) -> bool:
    """The reply has more lines after `end`, so that what closes there, with another kind of quote, is not cut off."""
    return tail(text, end) == "end" and MORE_LINES.match(text, end) is not None


def _refuse_second_value(source: Source, first: int) -> None:
    match = SECOND_VALUE.match(source.text, first + 1)
    if match is None:
        return
    second = source.find(FIRST_QUOTE[match[1]], match.end())
    if _end_of_call(source.text, second) is not None:
        raise Unreadable("it has more than one value")


def _best_close(source: Source, place: int, pattern: re.Pattern[str], limit: int) -> int | None:
    """The quote that closes best: one that ends its line, else the first that only a remark follows.

    Quotes inside the value may look like its end, `"the "best" one (the "only"), really")`; only a later one on
    the same line, before the next operation, can prove it.
    """
    text = source.text
    fallback: int | None = None
    stop = min(limit, _segment_end(source, place + 1))
    while True:
        match _tail_after(text, place):
            case "end":
                return place
            case "aside" if fallback is None:
                fallback = place
            case _:
                pass
        found = pattern.match(text, place + 1, limit if fallback is None else stop)
        if found is None:
            return fallback
        place = found.end() - 1


def _tail_after(text: str, quote: int) -> Tail:
    end = _end_of_call(text, quote)
    return "sentence" if end is None else tail(text, end)


def _segment_end(source: Source, start: int) -> int:
    """Where the line ends, or the next operation on it begins."""
    line_end = source.line_end(start)
    following = START.search(source.text, start, line_end)
    return following.start() if following else line_end


def _checked(raw: str) -> str:
    if EMBEDDED.search(raw):
        raise Unreadable("another operation begins inside the value")
    return unescape(raw)


def _closing_parenthesis(text: str, start: int, limit: int) -> int | None:
    """The parenthesis that balances the call's own; the last unmatched one where only that ends the line, `:)`."""
    depth, balanced, last = 1, None, None
    for match in PARENTHESIS.finditer(text, start, limit):
        depth += 1 if match[0] in OPENERS else -1
        if depth == 0 and balanced is None:
            balanced = match.start()
        if depth < 0:
            last = match.start()
    if balanced is not None and last is not None and tail(text, balanced + 1) != "end" == tail(text, last + 1):
        return last
    return balanced
