"""Times that are counted from others: "the end of last year", "May last year", "two days after I moved"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from treering.memory.retrieval.times.calendar import around, season, shifted, weekday, weekend
from treering.memory.retrieval.times.points import Point, View, point
from treering.memory.retrieval.times.vocabulary import COUNT, SEASONS, WEEKDAY, WEEKDAYS, counted

if TYPE_CHECKING:
    from treering.memory.retrieval.times.calendar import Period

SOON_DAYS = 30
"""How long "shortly after" lasts."""

MAX_DEPTH = 3
"""How many times may be counted from one another; nobody says "the end of the start of the end of the week"."""

_DAY = timedelta(days=1)
_DAYS_A_MONTH = 30.44
_MONTHS_TO_COUNT = 3
"""From this length on a part of a time is counted in months: half of a year ends with June."""

Clause = Callable[[str, int], Point | None]
"""Reads the words at a place of a text as something that happened, and says when."""


def no_clause(_text: str, _at: int) -> None:
    """Knows of nothing that happened."""
    return


def moment(text: str, at: int, view: View, clause: Clause = no_clause, depth: int = 0) -> Point | None:
    """The time that the words at a place of a text name or count out; None if they do neither.

    Example:
        >>> named = moment("the weekend before 3 June", 0, View(at=datetime(2024, 8, 1)))
        >>> f"{named.start:%A %Y-%m-%d}"
        'Saturday 2024-06-01'
    """
    if depth < MAX_DEPTH:
        for pattern, read in _COUNTED_FROM:
            hit = pattern.match(text, at)
            inner = hit and (moment(text, hit.end(), view, clause, depth + 1) or clause(text, hit.end()))
            if hit and inner:
                found = _safely(read, hit, inner)
                if found is not None:
                    return found
        running = _RUNNING.match(text, at) if depth else None
        if running:
            period = around(view.at, running["unit"].lower())
            if period is not None:
                return Point(start=period.start, end=period.end, stop=running.end())
    found = point(text, at, view)
    return found and _within(text, at, found, view)


def _safely(read: _Read, hit: re.Match[str], inner: Point) -> Point | None:
    try:
        return read(hit, inner)
    except (OverflowError, ValueError):  # beyond the calendar
        return None


def _within(text: str, at: int, first: Point, view: View) -> Point:
    """The first of two times beside each other, held to the second: "May last year", "last week on Monday"."""
    joint = _JOINT.match(text, first.stop)
    second = joint and point(text, joint.end(), view)
    if not joint or not second or first.is_floating == second.is_floating:
        return first
    (inner_at, outer) = (at, second) if first.is_floating else (joint.end(), first)
    if second.is_bare and not joint["lead"]:
        return first
    for end in (outer.end - datetime.resolution, outer.end):
        inner = point(text, inner_at, View(at=end))
        if inner and outer.start <= inner.start < outer.end and inner.end - inner.start < outer.end - outer.start:
            return replace(inner, stop=second.stop, is_floating=False, needs_lead=False, is_bare=False)
    return first


def _edge(hit: re.Match[str], inner: Point) -> Point:
    """Read "the end of", "early": a third of it, or half."""
    word = hit["edge"].lower().rstrip("- ")
    length = inner.end - inner.start
    first, last = _EDGES[word]
    months = round(length / _DAY / _DAYS_A_MONTH)
    if months >= _MONTHS_TO_COUNT:
        start, end = (shifted(inner.start, "month", round(months * share)) for share in (first, last))
    else:  # whole days, so that the end of a day is that day
        start, end = (inner.start + round(length / _DAY * share) * _DAY for share in (first, last))
        start = min(start, inner.end - _DAY)
    return Point(start=start, end=max(end, start + _DAY), stop=inner.stop, is_vague=True)


def _nth(hit: re.Match[str], outer: Point) -> Point | None:
    """Read "the first week of", "the last Friday in"."""
    number, unit = _NTH[hit["nth"].lower()], hit["unit"].lower()
    if unit in ("weekend", *WEEKDAYS):
        name = "saturday" if unit == "weekend" else unit
        ahead = weekday(outer.start - _DAY, name, ahead=True).start + (number - 1) * 7 * _DAY
        start = ahead if number else weekday(outer.end, name, ahead=False).start
        end = start + (2 if unit == "weekend" else 1) * _DAY
    else:
        start = shifted(outer.start, unit, number - 1) if number else shifted(outer.end, unit, -1)
        end = shifted(start, unit, 1)
    return Point(start=start, end=end, stop=outer.stop) if start < outer.end else None


def _unit_of(hit: re.Match[str], inner: Point) -> Point | None:
    """Read "the week of 3 June"."""
    unit = hit["unit"].lower()
    return _as_point(around(inner.start, unit if unit in _CALENDAR_UNITS else "day"), inner)


def _offset(hit: re.Match[str], inner: Point) -> Point | None:
    """Read "two days after", "a few weeks before"."""
    count, unit, sign = hit["count"].lower(), hit["unit"].lower(), -1 if _is_before(hit) else 1
    is_day = inner.is_open or inner.end - inner.start <= _DAY
    base = inner.start if sign < 0 or is_day else inner.end
    if count in _FEW:
        bounds = sorted((base, shifted(base, unit, sign * (3 + 2))))
        return Point(start=bounds[0], end=bounds[1] + _DAY, stop=inner.stop, is_vague=True)
    return _as_point(around(shifted(base, unit, sign * counted(count)), unit), inner)


def _beside(hit: re.Match[str], inner: Point) -> Point | None:
    """Read "the weekend before", "the month after"."""
    unit, is_before = hit["unit"].lower(), _is_before(hit)
    base = inner.start if is_before else inner.start + _DAY if inner.is_open else inner.end
    if unit in WEEKDAYS:
        return _as_point(weekday(base if is_before else base - _DAY, unit, ahead=not is_before), inner)
    if unit in SEASONS:
        return _as_point(season(inner.start, unit, -1 if is_before else 1), inner)
    if unit == "weekend":
        near = weekend(base)
        week = (
            -7 * _DAY
            if is_before and near.end > base
            else 7 * _DAY
            if not is_before and near.start < base
            else 0 * _DAY
        )
        return Point(start=near.start + week, end=near.end + week, stop=inner.stop)
    bounds = sorted((base, shifted(base, unit if unit in _CALENDAR_UNITS else "day", -1 if is_before else 1)))
    return Point(start=bounds[0], end=bounds[1], stop=inner.stop)


def _soon(hit: re.Match[str], inner: Point) -> Point:
    """Read "shortly after"."""
    if _is_before(hit):
        return Point(start=inner.start - SOON_DAYS * _DAY, end=inner.start, stop=inner.stop, is_vague=True)
    base = inner.start if inner.is_open else inner.end
    return Point(start=base, end=base + SOON_DAYS * _DAY, stop=inner.stop, is_vague=True)


def _as_point(period: Period | None, inner: Point) -> Point | None:
    if period is None:
        return None
    return Point(start=period.start, end=period.end, stop=inner.stop, is_vague=inner.is_vague)


def _is_before(hit: re.Match[str]) -> bool:
    return hit["side"].lower() in ("before", "prior to")


_Read = Callable[[re.Match[str], Point], Point | None]
_NTH = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": 0}
_EDGES = {
    "beginning": (0, 1 / 3), "start": (0, 1 / 3), "early": (0, 1 / 3), "middle": (1 / 3, 2 / 3), "mid": (1 / 3, 2 / 3),
    "end": (2 / 3, 1), "late": (2 / 3, 1), "first half": (0, 1 / 2), "second half": (1 / 2, 1),
}  # fmt: skip
_FEW = {"few", "a few", "couple of", "a couple of", "several", "some"}
_CALENDAR_UNITS = {"day", "weekend", "week", "month", "quarter", "year", "decade"}
_UNIT = r"(?P<unit>day|week|month|quarter|year|hour)"
_DAY_OR_LONGER = rf"(?P<unit>day|night|morning|evening|weekend|week|month|quarter|year|{WEEKDAY}|{'|'.join(SEASONS)})"
_SIDE = r"(?P<side>before|after|following|prior to) "
_COUNTED_FROM: tuple[tuple[re.Pattern[str], _Read], ...] = tuple(
    (re.compile(source, re.IGNORECASE), read)
    for source, read in (
        (r"(?:the )?(?:very )?(?P<edge>beginning|start|end|middle|first half|second half) of ", _edge),
        (r"(?:the )?(?P<edge>early |late |mid[- ])(?:in )?", _edge),
        (rf"the (?P<nth>{'|'.join(_NTH)}) (?P<unit>day|weekend|week|month|{WEEKDAY}) (?:of|in) ", _nth),
        (r"the (?P<unit>day|night|morning|evening|weekend|week|month|year) of ", _unit_of),
        (rf"(?:about |around |exactly )?(?P<count>{COUNT}|several) {_UNIT}s? {_SIDE}", _offset),
        (rf"the {_DAY_OR_LONGER} (?:right |just )?{_SIDE}", _beside),
        (rf"(?:shortly|soon|right|just|immediately|not long) {_SIDE}", _soon),
    )
)
_RUNNING = re.compile(r"the (?P<unit>week|month|quarter|year|decade)(?![\w-])", re.IGNORECASE)
_JOINT = re.compile(r",? (?P<lead>(?:of|in|on|at|around) )?", re.IGNORECASE)
