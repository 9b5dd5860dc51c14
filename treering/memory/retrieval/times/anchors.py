"""When something happened that a question counts from, out of what is known of the person: "before I moved"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from treering.memory.retrieval.history import Former, former
from treering.memory.retrieval.sparse import terms
from treering.memory.retrieval.times.interval import Anchors, Interval
from treering.memory.retrieval.times.phrases import LAST_TALK, points
from treering.memory.retrieval.times.points import View
from treering.memory.retrieval.times.vocabulary import FUTURE

if TYPE_CHECKING:
    from treering.memory.tree import PersonaTree
    from treering.schemas.claims import Claim

FLOOR = 0.60
"""Half the share of the clause's stems that a claim has, and half their cosine, from which it tells of the same.

Of 47 clauses and 30 claims of our own, 18 of the 29 that are told of are found with it (MiniLM), and no other.
"""

MARGIN = 0.10
"""How far behind the second has to be, unless it was at the same time: a wrong time is worse than none."""

SAME_TIME = timedelta(days=7)

Cosines = Callable[[str], Mapping[str, float]]
"""Cosine of some words and claims, by claim id; claims that are not near may be missing."""

#: What lasts while it is told of in this way; anything else began.
_LASTING = re.compile(
    r"\b(?:was|were|lived|worked|studied|dated|stayed|owned|attended|played|taught|used to|living|working|studying)\b",
    re.IGNORECASE,
)
_THING = re.compile(r"(?:my|our|your|his|her|their|the)\b", re.IGNORECASE)
_RECURRING = re.compile(r"\b(?:birthday|anniversary)\b", re.IGNORECASE)
_BORN = re.compile(r"\b(?:born|birthday)\b", re.IGNORECASE)
_MINE = re.compile(r"my (?:[\w-]+ )?birthday\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmark:
    """Something known of the person that has a date."""

    id: str
    """The claim's."""
    text: str
    path: str
    begin: datetime
    """Since when it is so."""
    end: datetime | None
    """Until when it was so; None: it still is, or it was but a moment."""


def landmarks(tree: PersonaTree, as_of: datetime) -> tuple[Landmark, ...]:
    """What had begun in a person's life by `as_of`, what is over included; plans are none."""
    over = former(tree, as_of)
    return tuple(
        Landmark(
            id=claim.id, text=claim.text, path=claim.path, begin=claim.valid_from, end=_end(claim, over.get(claim.id))
        )
        for claim in tree.claims.values()
        if claim.valid_from <= as_of and not FUTURE.search(claim.text)
    )


def _end(claim: Claim, gone: Former | None) -> datetime | None:
    # what ended when it began has no length: its end says nothing
    return gone.until if gone and gone.until > claim.valid_from else None


def anchored(known: Sequence[Landmark], cosines: Cosines, now: datetime, last_talk: Interval | None = None) -> Anchors:
    """A resolver for `timed`: the claim that tells of the same, if there is one and no second one of another time.

    Args:
        known: What has a date.
        cosines: The embedder's side; called once a clause.
        now: With the person's zone.
        last_talk: When the person last talked with the assistant, this time left out.
    """

    def resolve(clause: str) -> Interval | None:
        if clause == LAST_TALK:
            return last_talk
        found = _birth(known, clause) or _best(known, clause, cosines(clause))
        if found is None:
            return None
        return _yearly(found, now) if _RECURRING.search(clause) else _lasted(found, clause)

    return resolve


def _birth(known: Sequence[Landmark], clause: str) -> Landmark | None:
    if not _MINE.match(clause):
        return None
    return next((one for one in known if one.path.endswith("birthday") and _BORN.search(one.text)), None)


def _best(known: Sequence[Landmark], clause: str, cosines: Mapping[str, float]) -> Landmark | None:
    stems = terms(clause).keys()
    if not stems or not known:
        return None

    def score(one: Landmark) -> float:
        shared = len(stems & terms(one.text).keys()) / len(stems)
        return (shared + max(0.0, cosines.get(one.id, 0.0))) / 2

    ranked = sorted(((score(one), one.id, one) for one in known), reverse=True)
    best, _, found = ranked[0]
    rivals = (one for other, _, one in ranked[1:] if other > best - MARGIN)
    if best < FLOOR or any(abs(one.begin - found.begin) > SAME_TIME for one in rivals):
        return None
    return found


def _lasted(found: Landmark, clause: str) -> Interval:
    """All the time of what lasts; of what happened, the time that the claim names."""
    if _LASTING.search(clause):
        return Interval(begin=found.begin, end=found.end)
    if found.end is not None and _THING.match(clause):
        return Interval(begin=found.begin, end=found.end)
    day = found.begin.replace(tzinfo=None)
    named = (point for _, point in points(found.text, View(at=day)) if point.start.date() == day.date())
    end = max((point.end for point in named), default=day + timedelta(days=1))
    return Interval(begin=found.begin, end=end.replace(tzinfo=found.begin.tzinfo))


def _yearly(found: Landmark, now: datetime) -> Interval | None:
    """The last return of the day that a claim names, or else began on; 29 February returns as 1 March."""
    seen = View(at=found.begin.replace(tzinfo=None))
    named = (point.start for _, point in points(found.text, seen) if point.end - point.start == timedelta(days=1))
    first = next(named, seen.at)
    for year in (now.year, now.year - 1):
        begin = datetime(year, first.month, 1, tzinfo=now.tzinfo) + timedelta(days=first.day - 1)
        if begin <= now:
            return Interval(begin=begin, end=begin + timedelta(days=1))
    return None
