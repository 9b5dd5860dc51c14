"""The wishes in a sentence, beside its statements: requests, remarks in passing, what a question takes for granted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.memory.listeners.filters import FIRST_PERSON, is_reported
from treering.memory.listeners.fragments import passing_wish
from treering.memory.listeners.openings import opened
from treering.memory.listeners.presupposed import presupposed
from treering.memory.listeners.wishes import wish

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from treering.memory.wording.sentences import Span

MAX_REQUESTS = 4
"""Requests of one sentence that are looked at."""

#: Where a request begins inside a sentence.
_JOINT = re.compile(
    r"(?:[,;:.\u2013\u2014]|\s-)?\s+(?:(?:and|so|but|then|also|if so|if possible|if not),?\s+)*"
    r"(?=(?:(?:can|could|would|will) you\b|please (?!d)\w+ |would it be possible|is it possible"
    r"|(?:do you have|are there|is there) (?:any )?\w+))",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"\u201c]([^\"\u201c\u201d]{1,400})[\"\u201d]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Something wanted, and the words that say so."""

    text: str
    """In the third person."""
    span: Span
    """Its words in the message."""


def wants(sentence: Span, *, stated: Sequence[Span], is_answer: bool) -> Iterator[Wanted]:
    """The wishes of a sentence that are not in what it states already.

    Args:
        sentence: The sentence.
        stated: The parts of it that became statements.
        is_answer: It may answer a question of the assistant.
    """
    if _is_anothers(sentence.text):
        return
    taken = [(span.start, span.end) for span in stated]
    found = False
    for part in _requests(sentence):
        if any(start < part.end and part.start < end for start, end in taken):
            continue
        text = opened(part.text)
        wanted = wish(text)
        if wanted is None and not stated:
            wanted = passing_wish(text, is_answer=is_answer)
        if wanted is not None:
            found = True
            yield Wanted(text=wanted, span=part)
    if not found and not stated:
        yield from (Wanted(text=text, span=sentence) for text in presupposed(sentence.text))


def _is_anothers(text: str) -> bool:
    return is_reported(text) or any(FIRST_PERSON.search(hit[1]) for hit in _QUOTED.finditer(text))


def _requests(sentence: Span) -> Iterator[Span]:
    begin = 0
    for count, hit in enumerate(_JOINT.finditer(sentence.text)):
        if count >= MAX_REQUESTS:
            break
        if hit.start() > begin:
            yield sentence.cut(begin, hit.start())
        begin = hit.end()
    yield sentence.cut(begin)
