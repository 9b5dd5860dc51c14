"""Reads the time of a question that may name one: which stretch it is, and what is asked without these words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from treering.memory.retrieval.sparse import words
from treering.memory.retrieval.times.interval import Interval
from treering.memory.retrieval.times.kinds import SENTENCE, asks, order_of
from treering.memory.retrieval.times.phrases import Phrase, best_phrase, nothing_happened
from treering.memory.retrieval.times.points import Tense, View
from treering.memory.retrieval.times.timing import MAX_CHARS, Timing, kind_of

if TYPE_CHECKING:
    from datetime import datetime

    from treering.memory.retrieval.times.interval import Anchors
    from treering.memory.retrieval.times.phrases import Happened


def bounded(question: str, now: datetime, anchors: Anchors | None) -> Timing:
    """What a question says about time, seen from `now`, whether or not it names any; see `timed`."""
    head = question[:MAX_CHARS]
    text = " ".join(head.split())
    found = None
    asking = [sentence for sentence in SENTENCE.finditer(text) if asks(sentence[0])]
    happened = _local(anchors, now)
    for sentence in asking:
        view = _view(sentence[0], now)
        found = best_phrase(text, view, happened, sentence.span())
        if found is not None:
            break
    kind = kind_of(head, " ".join(sentence[0] for sentence in asking), is_timed=found is not None)
    if found is None:
        return Timing(question=question, kind=kind, order=order_of(head))
    rest = _without(text, found)
    # "about my trip in May last week": with two times, which of them is that of the talk is not clear
    is_strict = kind == "said-in" and not found.is_vague and best_phrase(rest, view) is None
    return Timing(
        question=rest + question[MAX_CHARS:] if words(rest) and not found.names_occasion else question,
        interval=_zoned(found, now),
        kind=kind,
        is_strict=is_strict,
        phrase=text[found.start : found.stop],
        order=order_of(rest),
    )


def _view(sentence: str, now: datetime) -> View:
    tense: Tense | None = "past" if _BEHIND.search(sentence) else "future" if _AHEAD.search(sentence) else None
    return View(at=now.replace(tzinfo=None), tense=tense)


def _local(anchors: Anchors | None, now: datetime) -> Happened:
    if anchors is None:
        return nothing_happened

    def happened(clause: str) -> tuple[datetime, datetime | None] | None:
        found = anchors(clause)
        if found is None or found.begin is None:
            return None
        begin = found.begin.astimezone(now.tzinfo).replace(tzinfo=None)
        return begin, found.end and found.end.astimezone(now.tzinfo).replace(tzinfo=None)

    return happened


def _zoned(found: Phrase, now: datetime) -> Interval:
    return Interval(
        begin=found.begin and found.begin.replace(tzinfo=now.tzinfo),
        end=found.end and found.end.replace(tzinfo=now.tzinfo),
    )


def _without(text: str, found: Phrase) -> str:
    before = text[: found.start].rstrip(" ,")
    after = re.sub(r"^['\u2019]s(?!\w)", "", text[found.stop :])
    after = after.lstrip(" ,") if not before else re.sub(r"^[ ,]+(?=[?.!,;]|$)", "", after)
    return before + after if before else after[:1].upper() + after[1:]


_BEHIND = re.compile(r"\b(?:did|was|were|had)\b", re.IGNORECASE)
_AHEAD = re.compile(
    r"\b(?:will|['\u2019]ll|won['\u2019]t|going to|gonna|plan(?:s|ned|ning)?|upcoming|coming up"
    r"|scheduled|due|next|(?:is|are|am|['\u2019]m|['\u2019]re|['\u2019]s) (?:\w+ ){1,2}?\w+ing)\b",
    re.IGNORECASE,
)
