"""Spans of the calendar, each with the words by which a record names it."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from treering.memory.retrieval.times.vocabulary import MONTHS, WEEKDAYS

MIN_YEAR, MAX_YEAR = 1900, 2100
"""Years that a person's own life and plans can touch; other numbers are no years."""

_DAY = timedelta(days=1)
_SEASON_BEGINS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_MONTHS_A_SEASON = 3
_MONTHS_A_QUARTER = 3
_MONTHS_A_UNIT = {"month": 1, "quarter": _MONTHS_A_QUARTER, "year": 12, "decade": 120}


_LEAP = 9
"""Within so many years there is a 29th of February, also around 1900 and 2100."""

_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_NAMES = "|".join(sorted({name[:length] for name in MONTHS for length in (3, 4, len(name))}, key=len, reverse=True))
_AFTER_DAY = r"(?:st|nd|rd|th)?"
_PLAIN = re.compile(
    rf"(?:the )?(?:(?P<day>\d{{1,2}}){_AFTER_DAY} (?:of )?)?(?P<month>{_NAMES})\.?"
    rf"(?: (?P<day_after>\d{{1,2}}){_AFTER_DAY})?"
    r"(?:(?:,|,? (?:of )?)(?P<year>\d{4}))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A half-open span of time, without a zone: in that of the moment it was counted from."""

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


def quarter(at: datetime, step: int = 0) -> Period:
    """The quarter of a year `step` quarters from that of `at`."""
    start = _month_start(at, step * _MONTHS_A_QUARTER - (at.month - 1) % _MONTHS_A_QUARTER)
    name = f"Q{(start.month + 2) // _MONTHS_A_QUARTER} {start.year}"
    return Period(start=start, end=_month_start(start, _MONTHS_A_QUARTER), bare=name, named=f"in {name}")


def season(at: datetime, name: str, step: int) -> Period:
    """The last (-1), this year's (0) or the next (1) season of that name, in the northern hemisphere.

    One that is going on is this one, also the winter in January.
    """
    begins = _SEASON_BEGINS[name]
    number = at.year if at.month >= begins else at.year - 1
    is_on = _month_start(at, 0) < _month_start(datetime(number, begins, 1), _MONTHS_A_SEASON)  # noqa: DTZ001
    if step < 0 and is_on:
        number -= 1
    if step == 0 and not is_on:
        number = at.year
    if step > 0:
        number += 1
    return season_of(number, name)


def season_of(number: int, name: str) -> Period:
    """The season of that name that begins in a year."""
    start = datetime(number, _SEASON_BEGINS[name], 1)  # noqa: DTZ001
    end = _month_start(start, _MONTHS_A_SEASON)
    return Period(start=start, end=end, bare=f"{name} {number}", named=f"in {name} {number}")


def decade(number: int) -> Period | None:
    """The ten years from `number`."""
    first = year(number)
    if first is None:
        return None
    end = first.start.replace(year=number + 10)
    return Period(start=first.start, end=end, bare=f"the {number}s", named=f"in the {number}s")


def weekday(at: datetime, name: str, *, ahead: bool) -> Period:
    """The nearest day of that name before the day of `at`, or with `ahead` after it."""
    days = (WEEKDAYS.index(name) - at.weekday()) % 7
    return day(at + timedelta(days=(days or 7) if ahead else days - 7))


def month_named(at: datetime, name: str, *, ahead: bool) -> Period:
    """The nearest month of that name ("May") that has begun at `at`, or with `ahead` that has not ended."""
    months = (MONTHS.index(name) + 1 - at.month) % 12
    return month(at, months if ahead else months - 12 if months else 0)


def shifted(at: datetime, unit: str, count: int) -> datetime:
    """The moment `count` units later ("hour", "day", "week", "month", "quarter", "year", "decade"; "weekend": weeks).

    The last day of a longer month becomes that of a shorter one.

    Raises:
        OverflowError, ValueError: It is beyond the calendar.
    """
    if unit in _MONTHS_A_UNIT:
        start = _month_start(at, count * _MONTHS_A_UNIT[unit])
        last = calendar.monthrange(start.year, start.month)[1]
        return at.replace(year=start.year, month=start.month, day=min(at.day, last))
    return at + count * timedelta(weeks=1) if unit.startswith("week") else at + count * timedelta(**{f"{unit}s": 1})


def around(at: datetime, unit: str) -> Period | None:
    """The unit of the calendar ("hour": the day) that the moment `at` is in; None beyond a person's life."""
    if unit in _UNITS:
        return _UNITS[unit](at)
    return decade(at.year // 10 * 10) if unit == "decade" else year(at.year)


def year(number: int) -> Period | None:
    """A calendar year; None beyond a person's life."""
    if not MIN_YEAR <= number <= MAX_YEAR:
        return None
    start = datetime(number, 1, 1)  # noqa: DTZ001  # without a zone, as everywhere in this module
    return Period(start=start, end=start.replace(year=number + 1), bare=str(number), named=f"in {number}")


def written(words: str, at: datetime, *, future: bool) -> Period | None:
    """The day or month that written words name ("3 May", "March 2024"); None if they name none.

    Without a year it is the nearest one before `at`, or with `future` after it.
    """
    plain = _PLAIN.fullmatch(words.strip())
    if plain is not None:
        return _plain(plain, at, future=future)
    if _ISO.fullmatch(words):
        return _iso(words)
    import dateparser  # noqa: PLC0415  # 0.2 s to import, and few messages write a date in numbers

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


def _iso(words: str) -> Period | None:
    try:
        found = datetime.fromisoformat(words)
    except ValueError:
        return None
    return day(found) if MIN_YEAR <= found.year <= MAX_YEAR else None


def _plain(words: re.Match[str], at: datetime, *, future: bool) -> Period | None:
    """Read a month by its name, with a day, a year, both or neither: as the library does, a hundred times as fast."""
    number = next(index for index, name in enumerate(MONTHS, 1) if name.startswith(words["month"].capitalize()))
    first = words["day"] or words["day_after"]
    given = int(words["year"]) if words["year"] else None
    if given is not None and not MIN_YEAR <= given <= MAX_YEAR:
        return None
    years = (given,) if given else range(at.year, at.year + _LEAP) if future else range(at.year, at.year - _LEAP, -1)
    for number_of_year in years:
        try:
            start = datetime(number_of_year, number, int(first or 1))  # noqa: DTZ001
        except ValueError:  # no 29th of February, or no such day in any year
            continue
        if given or (start > at if future else start <= at):
            return day(start) if first else month(start)
    return None


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _month_start(at: datetime, step: int) -> datetime:
    months = at.year * 12 + at.month - 1 + step
    return _midnight(at).replace(year=months // 12, month=months % 12 + 1, day=1)


_UNITS = {"hour": day, "day": day, "weekend": weekend, "week": week, "month": month, "quarter": quarter}
