"""Phrases that bound a question in time: "since March", "between May and July", "before I moved"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from treering.memory.retrieval.sparse import words
from treering.memory.retrieval.times.holidays import HOLIDAY
from treering.memory.retrieval.times.kinds import MAX_WANTING_CHARS, WANTING_A_DATE
from treering.memory.retrieval.times.moments import moment
from treering.memory.retrieval.times.points import Point, View
from treering.memory.retrieval.times.vocabulary import IRREGULAR_PAST, MONTH, SEASONS, WEEKDAY

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_ANCHORS = 2
"""How often a question asks for something that happened; each may cost an embedding."""

MAX_CLAUSES = 4
"""How many clauses of a question are read; "before I came and before I knew it" has two."""

MAX_STARTS = 100
"""How many words of a question may begin a phrase, so that a long one costs no more than some milliseconds."""

MAX_CLAUSE_CHARS = 120
"""Longest words for something that happened; more is not a clause."""


LAST_TALK = "our last conversation"
"""What is asked for in place of all words that mean the time when the two last talked."""

Happened = Callable[[str], tuple[datetime, datetime | None] | None]
"""When something was that words tell of, from and until, without a zone; until None: it goes on."""


def nothing_happened(_clause: str) -> None:
    """Knows of nothing."""
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Words about time, and the stretch that they bound: `begin` <= moment < `end`, without a zone."""

    start: int
    """Where they begin in the text."""
    stop: int
    begin: datetime | None
    end: datetime | None
    is_vague: bool
    """They are meant roughly."""
    is_absolute: bool
    """They are written out with their year."""
    names_occasion: bool = False
    """They name something that may be talked of by this name: "on my birthday", "during the trip", "at Christmas"."""


def best_phrase(
    text: str, view: View, happened: Happened = nothing_happened, span: tuple[int, int] | None = None
) -> Phrase | None:
    """The words of a text that bound a time best; None if none do.

    Of several a date with its year goes first ("last week, as I said on 6 May 2023"), then what is not vague, then what
    comes first. What happened to the person is asked for only if the calendar says nothing.

    Args:
        text: Any text.
        view: From where its times are seen.
        happened: When something was.
        span: From where to where to look; none: everywhere.

    Example:
        >>> found = best_phrase("Where did I eat between May and July?", View(at=datetime(2024, 3, 5)))
        >>> f"{found.begin:%Y-%m-%d} {found.end:%Y-%m-%d}"
        '2023-05-01 2023-08-01'
    """
    named = _phrases(text, view, nothing_happened, span)
    best = min(named, key=lambda one: (not one.is_absolute, one.is_vague, one.start), default=None)
    if best is None and happened is not nothing_happened:
        return next(_phrases(text, view, happened, span), None)
    return best


def _phrases(text: str, view: View, happened: Happened, span: tuple[int, int] | None) -> Iterator[Phrase]:
    clauses = _Clauses(view=view, happened=happened)
    start, stop = span or (0, len(text))
    for hit in islice(_STARTS.finditer(text, start, stop), MAX_STARTS):
        if hit.start() >= start:
            found = _between(text, hit.start(), view) or _related(text, hit.start(), view, clauses)
            if found is not None:
                start = found.stop
                yield found


def points(text: str, view: View) -> Iterator[tuple[int, Point]]:
    """All times that a text names, with where their words begin."""
    stop = 0
    for hit in islice(_STARTS.finditer(text), MAX_STARTS):
        if hit.start() < stop:
            continue
        relation = _RELATION.match(text, hit.start())
        at = relation.end() if relation else hit.start()
        found = moment(text, at, view)
        if found and _takes(relation, found, view, text):
            stop = found.stop
            yield at, found


def _between(text: str, at: int, view: View) -> Phrase | None:
    lead = _BETWEEN.match(text, at)
    first = lead and (moment(text, lead.end(), view) or _day_of_same_month(text, lead.end(), view))
    joint = first and _AND.match(text, first.stop)
    last = joint and (moment(text, joint.end(), view) or _now(text, joint.end(), view))
    if not lead or not first or not joint or not last:
        return None
    if first.is_floating:  # "between May and July": the May before that July
        first = moment(text, lead.end(), View(at=last.end - datetime.resolution)) or first
    if first.start >= last.end:
        return None
    return Phrase(
        start=at,
        stop=last.stop,
        begin=first.start,
        end=last.end,
        is_vague=first.is_vague or last.is_vague,
        is_absolute=last.is_absolute,
    )


def _day_of_same_month(text: str, at: int, view: View) -> Point | None:
    """The first of "2 and 5 January"."""
    hit = _TWO_DAYS.match(text, at)
    last = hit and moment(text, hit.end(), view)
    if not hit or not last or last.end - last.start != timedelta(days=1):
        return None
    start = last.start + timedelta(days=int(hit["number"]) - last.start.day)
    return replace(last, start=start, end=start + timedelta(days=1), stop=hit.end("day"), is_floating=False)


def _now(text: str, at: int, view: View) -> Point | None:
    hit = _NOW.match(text, at)
    return hit and Point(start=view.at, end=view.at, stop=hit.end())


def _related(text: str, at: int, view: View, clauses: _Clauses) -> Phrase | None:
    talk = _TALK.match(text, at)
    found = clauses.ask(LAST_TALK, talk.end()) if talk else None
    if found is not None:
        return _bounded(text, at, found, "since" if text[at : at + 5].lower() == "since" else "in", view)
    relation = _RELATION.match(text, at)
    if relation is None:
        found = moment(text, at, view, clauses.read)
        return _bounded(text, at, found, "in", view) if found and not found.needs_lead else None
    word = relation["word"].lower()
    if word == "when" and WANTING_A_DATE.search(text, max(0, at - MAX_WANTING_CHARS), at):
        return None
    found = moment(text, relation.end(), view, clauses.read) or moment(text, at, view)  # "in" is a part of "in a week"
    is_told = found is None and _tells(word, text, relation.end())
    if is_told:
        found = clauses.read(text, relation.end())
    if found is None or not _takes(relation, found, view, text):
        return None
    names_occasion = word in _WITHIN and (is_told or _FESTIVE.match(text, relation.end()) is not None)
    return replace(_bounded(text, at, found, word, view), names_occasion=names_occasion)


def _takes(relation: re.Match[str] | None, found: Point, view: View, text: str) -> bool:
    """Whether a time has the preposition that it needs."""
    if relation is None:
        return not found.needs_lead
    word = relation["word"].lower()
    if not found.is_bare or (word == "from" and _AND_ON.match(text, found.stop)):
        return True
    return not (word in _LOOSE or (word == "for" and view.tense != "future"))


def _enumerated(text: str, first: Point, view: View) -> Point:
    """The stretch of "2021, 2022 and 2023"."""
    joint = _AS_WELL.match(text, first.stop)
    second = joint and moment(text, joint.end(), view)
    if not second or not second.needs_lead or first.is_vague or second.start < first.end:
        return first
    return _enumerated(text, replace(first, end=second.end, stop=second.stop), view)


def _bounded(text: str, at: int, found: Point, word: str, view: View) -> Phrase:
    sense = _SENSES.get(word, "in")
    found = _enumerated(text, found, view) if sense == "in" else found
    onwards = _ONWARDS.match(text, found.stop) if word in ("from", "starting") else None
    begin: datetime | None = found.start
    end = None if found.is_open else found.end
    if sense == "since" or onwards:
        end = None
    elif sense == "after":
        begin, end = end or begin, None
    elif sense == "before":
        begin, end = None, begin
    elif sense == "until":
        begin, end = None, end or begin
    elif sense == "around":
        margin = found.end - found.start
        begin, end = found.start - margin, found.end + margin
    stop = onwards.end() if onwards else found.stop
    return Phrase(
        start=at,
        stop=stop,
        begin=begin,
        end=end,
        is_vague=found.is_vague or sense == "around",
        is_absolute=found.is_absolute,
    )


def _tells(word: str, text: str, at: int) -> bool:
    """Whether words after a relation tell of something that happened: "since I moved", "at my wedding"."""
    shape = _EVENT if word in _ON else _TOLD.get(word)
    return shape is not None and shape.match(text, at) is not None


@dataclass(slots=True, kw_only=True)
class _Clauses:
    """Reads what happened, and asks when a bounded number of times."""

    view: View
    happened: Happened
    seen: int = field(default=0)
    asked: int = field(default=0)

    def read(self, text: str, at: int) -> Point | None:
        clause = _CLAUSE.match(text, at)
        if clause is None or self.seen >= MAX_CLAUSES:
            return None
        self.seen += 1
        told = clause[0]
        if not _ASKS.search(text, 0, at):  # "Before I moved what did I eat": the question begins within
            told = re.split(_ASKS, told, maxsplit=1)[0]
        told = told.rstrip()
        stop = at + len(told)
        named = next(points(told, self.view), None)
        if named is not None:
            return replace(named[1], stop=stop, is_bare=False)
        return self.ask(told, stop) if words(told) else None

    def ask(self, told: str, stop: int) -> Point | None:
        """When that was, if it may still be asked."""
        if self.asked >= MAX_ANCHORS:
            return None
        self.asked += 1
        found = self.happened(told)
        if found is None:
            return None
        start, end = found
        return Point(start=start, end=end or start + timedelta(days=1), stop=stop, is_vague=True, is_open=end is None)


_SENSES = {
    "since": "since", "ever since": "since", "starting": "since", "as of": "since",
    "after": "after", "following": "after", "later than": "after", "once": "since", "as soon as": "since",
    "before": "before", "any time before": "before", "prior to": "before", "earlier than": "before",
    "ahead of": "before", "leading up to": "before",
    "until": "until", "till": "until", "up to": "until", "by": "until", "through": "until",
    "by the time": "before", "around": "around", "circa": "around",
}  # fmt: skip
_ON = frozenset({"in", "on", "at", "around", "over", "for"})
_WITHIN = _ON | {"during", "throughout"}
#: Beside these a month or a weekday may be a name or a modal: "of May", "for Sunday".
_LOOSE = {"of", "from", "at", "through", "once", "while", "when"}
#: With a past form near by: "when I am tired" and "before I go to bed" are no dates.
_PAST = rf"(?=(?: \w+){{0,2}}? (?:\w+[^\We]ed|was|were|{'|'.join(sorted(IRREGULAR_PAST))})(?!\w))"
_SUBJECT = rf"(?:I|we|you|he|she|they){_PAST}"
_OWNER = r"(?:my|our|your|his|her|their)(?!\w)"
_NAME = r"(?-i:[A-Z])[\w'\u2019-]+"
_SENTENCE = re.compile(rf"(?:{_SUBJECT}|{_OWNER} \w|the \w|{_NAME}{_PAST})", re.IGNORECASE)
_ANYTHING = re.compile(
    rf"(?:{_SUBJECT}|{_OWNER}|the \w|{_NAME}(?:['\u2019]s \w|{_PAST})|\w{{2,}}ing(?!\w))", re.IGNORECASE
)
_THING = re.compile(rf"(?:{_OWNER}|{_NAME}['\u2019]s|the) \w", re.IGNORECASE)
_EVENT = re.compile(
    rf"(?:{_OWNER}|{_NAME}['\u2019]s) (?:[\w-]+ ){{0,2}}(?:birthday|wedding|graduation|anniversary|surgery"
    r"|operation|funeral|trip|holiday|vacation|honeymoon|move|party|interview|exam|birth|accident|divorce|engagement|promotion|concert|race|marathon"
    r"|internship|retreat|pregnancy|diagnosis|retirement)(?!\w)",
    re.IGNORECASE,
)
_FESTIVE = re.compile(rf"(?:(?:the|my|our|this|last|next) )?{HOLIDAY}", re.IGNORECASE)
_TOLD = {
    "before": _ANYTHING, "any time before": _ANYTHING, "prior to": _ANYTHING, "after": _ANYTHING, "since": _ANYTHING,
    "ever since": _ANYTHING, "following": _THING, "until": _ANYTHING, "till": _ANYTHING, "when": _SENTENCE,
    "while": _SENTENCE, "once": _SENTENCE, "as soon as": _SENTENCE, "by the time": _SENTENCE, "during": _THING,
    "throughout": _THING, "leading up to": _THING, "ahead of": _THING,
}  # fmt: skip
_TALK = re.compile(
    r"(?:(?:in|during|from|since) )?(?:(?:our|my|the) (?:last|previous) (?:conversation|chat|session|talk|discussion)"
    r"|(?:the )?last time (?:we|I|you) (?:talked|spoke|chatted|met|wrote))(?![\w-])",
    re.IGNORECASE,
)
_CLAUSE = re.compile(rf"[^?.,;:!\n]{{3,{MAX_CLAUSE_CHARS}}}")
_ASKS = re.compile(r"\b(?:what|whom?|where|which|how|why|did|do|does)\b", re.IGNORECASE)
_RELATION = re.compile(
    r"(?P<word>ever since|since|starting|as of|after|following|later than|once|as soon as|any time before|before"
    r"|prior to|earlier than|ahead of|leading up to|until|till|up to|by the time|by|through(?:out)?|around|circa"
    r"|in|on|during|at|over|within|for|of|from|when|while)"
    r" (?:(?:in|on|from|back in) (?!\w+ (?:days?|weeks?|months?|years?)\b))?",
    re.IGNORECASE,
)
_ONWARDS = re.compile(r" (?:on|onwards?|forward)(?![\w-])", re.IGNORECASE)
#: After what may be a name: "a letter from May on Friday" has another time.
_AND_ON = re.compile(
    r" (?:onwards?|forward|on(?=[?.,;:!]|$| (?:I|we|you|he|she|they|it|did|do|does|was|were)(?![\w-])))(?![\w-])",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"(?:between|from) ", re.IGNORECASE)
_AS_WELL = re.compile(r"(?:,|,? and|,? or) (?:in )?", re.IGNORECASE)
_TWO_DAYS = re.compile(r"(?P<day>(?:the )?(?P<number>\d{1,2})(?:st|nd|rd|th)?)(?: and | to |[-\u2013])", re.IGNORECASE)
_NOW = re.compile(r"(?:right )?now(?![\w-])", re.IGNORECASE)
_AND = re.compile(r" (?:and|to|until|till|through) | ?[-\u2013] ?", re.IGNORECASE)
_STARTS = re.compile(
    rf"(?<![\w'\u2019-])(?:\d|{_RELATION.pattern}|(?:between|from|the|our|my|this|these|last|past|previous|next|coming|current|later"
    r"|earlier|yesterday|today|tonight|tomorrow|lately|recently|recent|early|late|mid|beginning|start|middle|end|first"
    r"|second|third|fourth|shortly|soon|right|just|immediately|not|half|an?|one|two|three|four|five|six|seven|eight|nine"
    rf"|ten|eleven|twelve|several|some|few|couple|exactly|about|more|almost|nearly|roughly|maybe|q[1-4]|{MONTH}|{WEEKDAY}"
    rf"|{'|'.join(SEASONS)}|{HOLIDAY})(?!\w))",
    re.IGNORECASE,
)
