"""Reads a question for its time: the stretch it is about, what it wants with it, and the question without the words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.memory.retrieval.sparse import words
from treering.memory.retrieval.times.calendar import MAX_YEAR, MIN_YEAR
from treering.memory.retrieval.times.holidays import HOLIDAY
from treering.memory.retrieval.times.kinds import (
    Kind,
    Order,
    asks_about_change,
    asks_what_was_said,
    asks_when,
    order_of,
)
from treering.memory.retrieval.times.vocabulary import MONTHS, PART_OF_DAY, SEASONS, WEEKDAY

if TYPE_CHECKING:
    from datetime import datetime

    from treering.memory.retrieval.times.interval import Anchors, Interval

MAX_CHARS = 4_000
"""How much of a question is looked at, in characters; as much as a recall embeds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What a question says about time."""

    question: str
    """The question without the words about time, so that these do not blur its meaning; all of it where nothing of
    substance would be left ("What did I do last summer?"), or where they name what may be talked of ("on my birthday").
    """
    interval: Interval | None = None
    """The stretch it is about."""
    kind: Kind | None = None
    """`change`: how something came to be otherwise; `when`: a date is asked for; `said-in`: what was said in the
    interval; `held-at`: what was so or happened in it."""
    is_strict: bool = False
    """What was said outside the interval answers nothing, so it may be left out; else the interval only weighs."""
    phrase: str | None = None
    """The words that gave the interval."""
    order: Order | None = None
    """The first or the last of several times is asked for."""

    @property
    def asks_for_all(self) -> bool:
        """Whether the time is all that is asked by: "What happened in March?"."""
        return self.phrase is not None and not set(words(self.question)) - set(words(self.phrase)) - _ANYTHING


def timed(question: str, now: datetime, anchors: Anchors | None = None) -> Timing:
    """What a question says about time, seen from `now`, which has the person's time zone.

    English only. Sentences in which the person tells of themselves bound nothing. A month or a day without a year is
    the last one, or in a question about plans the next; seasons are those of the northern hemisphere (summer is June
    to August), weeks begin on Monday, 5/7/2023 is the seventh of May.
    A question costs 50 to 150 microseconds, the first with a date in numbers 0.2 s for loading its parser.

    Args:
        question: Any text; the first 4,000 characters are read.
        now: With a zone: days begin at its midnight. From outside the years 1900 to 2100 no time is read.
        anchors: Says when something happened that the question counts from ("before I moved"); asked twice at most.

    Example:
        >>> from datetime import UTC, datetime
        >>> timing = timed("What did I tell you about Ana last week?", datetime(2024, 3, 5, tzinfo=UTC))
        >>> timing.question, timing.phrase, f"{timing.interval.begin:%Y-%m-%d}", timing.kind, timing.is_strict
        ('What did I tell you about Ana?', 'last week', '2024-02-26', 'said-in', True)
    """
    head = question[:MAX_CHARS]
    if not (MIN_YEAR <= now.year <= MAX_YEAR and _MAYBE.search(head.lower())):
        return Timing(question=question, kind=kind_of(head, head, is_timed=False), order=order_of(head))
    from treering.memory.retrieval.times.bounding import bounded  # noqa: PLC0415 - 15 ms, where a time may be named

    return bounded(question, now, anchors)


def kind_of(question: str, asking: str, *, is_timed: bool) -> Kind | None:
    """What a question wants with a time, by itself and by those of its sentences that ask."""
    if asks_about_change(question):
        return "change"
    if asks_when(asking):
        return "when"
    if not is_timed:
        return None
    return "said-in" if asks_what_was_said(asking) else "held-at"


#: A cheap look before the expensive one, at small letters: nearly all questions name no time.
_MAYBE = re.compile(
    rf"\d|\b(?:ago|since|before|after|until|till|when|while|once|during|prior|following|lately|recent(?:ly)?|of late"
    rf"|yesterday|to(?:day|night|morrow)|last night|{PART_OF_DAY}|{WEEKDAY}|{'|'.join(MONTHS).lower()}"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|days?|weeks?|weekends?|months?|quarters?|years?|decades?|hours?"
    rf"|{'|'.join(SEASONS)}|{HOLIDAY}|birthday|(?:on|at|in|over|around) (?:my|our|his|her|their)|leading|ahead of"
    r"|(?:last|previous) (?:conversation|chat|session|talk|discussion|time)"
    r"|soon|by the time)\b",
)
#: Words of a question that is about anything.
_ANYTHING = frozenset(
    {"happen", "happened", "happening", "going", "go", "went", "do", "done", "doing", "say", "said", "tell", "told"}
    | {"talk", "talked", "talking", "discuss", "discussed", "speak", "spoke", "mention", "mentioned"}
    | {"life", "new", "news"}
)
