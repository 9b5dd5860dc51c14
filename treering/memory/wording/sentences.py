"""Sentences with their place in the message, so that every claim can quote the words it rests on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentencex import segment

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LINE_CHARS = 4_000
"""Longest line that is split, in characters: a line beyond it is no prose a person typed, and the splitter's
worst case (thousands of open quotation marks) grows with the square of the line."""

_LIST_MARK = re.compile(r"\s*(?:[-*+\u2022\u2013\u2014]|\(?\d{1,3}[.)]|[a-z]\))\s+")
#: Breaks that the splitter leaves: after an emoji before `I` or `My`, and after a shout that might be a brand name.
_BREAK = re.compile(r"[\U0001F300-\U0001FAFF\u2600-\u27BF\uFE0F]+\s+(?=(?:I|My|We|Our)\b)|[!?]\s+(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of a message: `content[start:start + len(text)] == text`."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset behind the last character."""
        return self.start + len(self.text)

    def cut(self, begin: int, end: int | None = None) -> Span:
        """The part from `begin` to `end`, in characters of this span, without space around it."""
        part = self.text[begin:end]
        lead = len(part) - len(part.lstrip())
        return Span(text=part.strip(), start=self.start + begin + lead)


def sentences(line: Span) -> Iterator[Span]:
    """The sentences of one line, in order, trimmed, without list marks.

    Example:
        >>> [s.text for s in sentences(Span(text="- I met Dr. Wu. She is nice!", start=0))]
        ['I met Dr. Wu.', 'She is nice!']
    """
    if len(line.text) > MAX_LINE_CHARS:
        return
    mark = _LIST_MARK.match(line.text)
    at = mark.end() if mark else 0
    for piece in segment("en", line.text[at:]):
        for part in _at_breaks(line.cut(at, at + len(piece))):
            if part.text:
                yield part
        at += len(piece)


def _at_breaks(sentence: Span) -> Iterator[Span]:
    begin = 0
    for hit in _BREAK.finditer(sentence.text):
        yield sentence.cut(begin, hit.end())
        begin = hit.end()
    yield sentence.cut(begin)
