"""Spans of the calendar, each with the words by which a record names it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

MIN_YEAR, MAX_YEAR = 1900, 2100
"""Years that a person's own life and plans can touch; other numbers are no years."""

_DAY = timedelta(days=1)
_SEASON_BEGINS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_MONTHS_A_SEASON = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A half-open span of time, in naive UTC."""

    start: datetime
    end: datetime
    bare: str
    """Its name after "since": `March 2024`."""
    named: str
    """Its name with its own preposition: `in March 2024`."""


def day(at: datetime) -> Period:
    """The day of `at`."""
    start = _midnight(at)
    return Period(start=start, end=start + _DAY, bare=f"{start:%Y-%m-%d}", named=f"on {start:%Y-%m-%d}")


def week(at: datetime) -> Period:
    """The week of `at`, from Monday."""
    start = _midnight(at) - timedelta(days=at.weekday())
    name = f"the week of {start:%Y-%m-%d}"
    return Period(start=start, end=start + 7 * _DAY, bare=name, named=f"in {name}")


def weekend(at: datetime) -> Period:
    """Saturday and Sunday of the week of `at`."""
    start = week(at).start + 5 * _DAY
    name = f"the weekend of {start:%Y-%m-%d}"
    return Period(start=start, end=start + 2 * _DAY, bare=name, named=f"on {name}")


def month(at: datetime, step: int = 0) -> Period:
    """The month `step` months from that of `at`."""
    start, end = _month_start(at, step), _month_start(at, step + 1)
    return Period(start=start, end=end, bare=f"{start:%B %Y}", named=f"in {start:%B %Y}")


def season(at: datetime, name: str, step: int) -> Period:
    """The season of that name: of this year (0), or the one before (-1) or after (1) `at`."""
    begins = _SEASON_BEGINS[name]
    number = at.year
    if step < 0 and (at.year, at.month) < (number, begins + _MONTHS_A_SEASON):
        number -= 1
    if step > 0 and at.month >= begins:
        number += 1
    start = at.replace(year=number, month=begins, day=1, hour=0, minute=0, second=0, microsecond=0)
    end = _month_start(start, _MONTHS_A_SEASON)
    return Period(start=start, end=end, bare=f"{name} {number}", named=f"in {name} {number}")


def year(number: int) -> Period | None:
    """A calendar year; None beyond a person's life."""
    if not MIN_YEAR <= number <= MAX_YEAR:
        return None
    start = datetime(number, 1, 1)  # noqa: DTZ001  # naive UTC, as everywhere in this module
    return Period(start=start, end=start.replace(year=number + 1), bare=str(number), named=f"in {number}")


def written(words: str, at: datetime, *, future: bool) -> Period | None:
    """The day or month that written words name ("3 May", "March 2024"); None if they name none.

    Without a year it is the nearest one before `at`, or with `future` after it.
    """
    import dateparser  # noqa: PLC0415  # 0.1 s to import, and few messages name a date

    found = dateparser.parse(
        words,
        languages=["en"],
        settings={
            "RELATIVE_BASE": at,
            "PREFER_DATES_FROM": "future" if future else "past",
            "PREFER_DAY_OF_MONTH": "first",
            "RETURN_AS_TIMEZONE_AWARE": False,
            "TIMEZONE": "UTC",
            "NORMALIZE": False,
        },
    )
    if found is None or not MIN_YEAR <= found.year <= MAX_YEAR:
        return None
    names_a_day = re.search(r"\b\d{1,2}(?:st|nd|rd|th)?\b", words) is not None
    return day(found) if names_a_day else month(found)


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _month_start(at: datetime, step: int) -> datetime:
    months = at.year * 12 + at.month - 1 + step
    return _midnight(at).replace(year=months // 12, month=months % 12 + 1, day=1)
