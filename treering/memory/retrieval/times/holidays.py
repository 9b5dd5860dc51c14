"""Holidays whose day of the year is fixed, or counted in weekdays. Easter and lunar ones are left out."""

from __future__ import annotations

from datetime import datetime, timedelta

from treering.memory.retrieval.times.calendar import MAX_YEAR, MIN_YEAR, Period

_DAYS = {
    "christmas eve": (12, 24, 1),
    "christmas": (12, 24, 3),
    "new year's eve": (12, 31, 1),
    "new year": (12, 31, 2),
    "halloween": (10, 31, 1),
    "valentine": (2, 14, 1),
    "thanksgiving": (11, 22, 7),
}
"""Month, first day and number of days; the longer name first. Thanksgiving (US) is the Thursday among its seven."""

HOLIDAY = (
    r"(?:christmas(?: (?:eve|day))?|new year['\u2019]s(?: (?:eve|day))?|halloween|thanksgiving"
    r"|valentine(?:['\u2019]?s(?: day)?)?)"
)
"""A regular expression; "new year" without its 's is any year that begins."""


def holiday(name: str, at: datetime | int, *, ahead: bool) -> Period | None:
    """The nearest holiday of that name that has begun at `at`, or with `ahead` has not ended; a number is its year.

    None beyond a person's life.
    """
    key = next(key for key in _DAYS if name.lower().replace("\u2019", "'").startswith(key))
    if isinstance(at, int):
        return _in_year(key, at)
    # "new year" begins in December, so the one around the first of January is last year's
    near = [found for year in (at.year - 1, at.year, at.year + 1) if (found := _in_year(key, year))]
    if ahead:
        return next((one for one in near if one.end > at), None)
    return next((one for one in reversed(near) if one.start <= at), None)


def _in_year(key: str, year: int) -> Period | None:
    if not MIN_YEAR <= year < MAX_YEAR:
        return None
    month, number, days = _DAYS[key]
    start = datetime(year, month, number)  # noqa: DTZ001  # without a zone, like every period
    if key == "thanksgiving":
        start, days = start + timedelta(days=(3 - start.weekday()) % 7), 1
    name = f"{key} {year}"
    return Period(start=start, end=start + timedelta(days=days), bare=name, named=f"at {name}")
