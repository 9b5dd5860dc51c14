"""Dates as a model writes them, made to agree with when something was said."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

#: 2024-03-09, and what models make of it in other languages: 2024/3/9, 2024.03, and years, months and days in Chinese,
#: Japanese and Korean. Digits may be of any script. The year always comes first: 3/4/2024 could be two days.
_PARTS = re.compile(
    r"(\d{4})(?:[-/.\u5e74\ub144]\s?(?:(\d{1,2})(?:[-/.\u6708\uc6d4]\s?(?:(\d{1,2})[\u65e5\uc77c]?)?)?)?)?"
)


def since(text: str, said_at: datetime) -> datetime | None:
    """The beginning of the period that `text` names; None if that period is going on when it is said.

    "Since 2024", said in June 2024, must not come before what was said in May: the message's own time decides there.

    Raises:
        ValueError: It is no ISO date.
    """
    begin, end = _period(text)
    return None if begin <= said_at < end else begin


def until(text: str, said_at: datetime) -> datetime:
    """The end of the period that `text` names; when it was said, if that period is going on then.

    Raises:
        ValueError: It is no ISO date.
    """
    begin, end = _period(text)
    return said_at if begin <= said_at < end else end


def _period(text: str) -> tuple[datetime, datetime]:
    match = _PARTS.fullmatch(text.strip())
    try:
        if match is None:
            moment = datetime.fromisoformat(text.strip())
            moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
            return moment, moment
        year, month, day = (int(part) if part else None for part in match.groups())
        return _calendar_period(year or 0, month, day)
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:40]!r} is no date like 2024, 2024-03 or 2024-03-09") from None


def _calendar_period(year: int, month: int | None, day: int | None) -> tuple[datetime, datetime]:
    begin = datetime(year, month or 1, day or 1, tzinfo=UTC)
    if day is not None:
        return begin, begin + timedelta(days=1)
    if month is None:
        return begin, begin.replace(year=year + 1)
    return begin, (begin + timedelta(days=31)).replace(day=1)
