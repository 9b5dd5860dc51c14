"""The times that a statement speaks of: "yesterday", "next month", "in 2022"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from treering.memory.retrieval.times.calendar import MAX_YEAR, MIN_YEAR
from treering.memory.retrieval.times.phrases import points
from treering.memory.retrieval.times.points import View
from treering.memory.retrieval.times.vocabulary import FUTURE, may_name_a_time
from treering.schemas.recall import Dated

if TYPE_CHECKING:
    from datetime import datetime

MAX_CHARS = 8_000
"""How much of a turn is looked at, in characters: some 1,500 words."""

_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?=\w)[^.!?\n]+)*")


def mentioned_days(text: str, at: datetime) -> tuple[Dated, ...]:
    """The times that a turn names, in its order, seen from when it was said; English only.

    "Lately" and the like are left out: they say no more than that it was said.

    Args:
        text: What was said; the first 8,000 characters are read.
        at: When, with the zone whose days are meant; outside the years 1900 to 2100 no time is read.

    Example:
        >>> from datetime import UTC, datetime
        >>> [day] = mentioned_days("I ran the marathon yesterday!", datetime(2024, 3, 5, 12, tzinfo=UTC))
        >>> day.text, f"{day.begin:%Y-%m-%d}", f"{day.end:%Y-%m-%d}"
        ('yesterday', '2024-03-04', '2024-03-05')
    """
    if not MIN_YEAR <= at.year <= MAX_YEAR:
        return ()
    now = at.replace(tzinfo=None)
    if not may_name_a_time(text):
        return ()
    found: list[Dated] = []
    for sentence in _SENTENCE.finditer(text[:MAX_CHARS]):
        words = sentence[0]
        if not may_name_a_time(words):
            continue
        view = View(at=now, tense="future" if FUTURE.search(words) else "past")
        found += [
            Dated(
                text=words[start : point.stop],
                begin=point.start.replace(tzinfo=at.tzinfo),
                end=point.end.replace(tzinfo=at.tzinfo),
            )
            for start, point in points(words, view)
            if not (point.is_vague and point.start <= now < point.end)
        ]
    return tuple(found)
