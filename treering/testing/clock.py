"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from treering.errors import InvalidInput

DEFAULT_START = datetime(2024, 1, 1, 12, 0, tzinfo=UTC)
"""Noon of a Monday: far from midnight, month ends and leap days, so that no test depends on them by accident."""


class ManualClock:
    """The `Clock` port for tests.

    Example:
        >>> from treering.testing import ManualClock
        >>> clock = ManualClock()
        >>> clock.advance(90).isoformat()
        '2024-01-01T12:01:30+00:00'
    """

    def __init__(self, start: datetime = DEFAULT_START) -> None:
        self._now = _in_utc(start)

    def now(self) -> datetime:
        """The moment the clock shows, in UTC."""
        return self._now

    def advance(self, by: timedelta | float) -> datetime:
        """The new moment, `by` later; a number is seconds. A negative step sets the clock back, as real ones are."""
        self._now += by if isinstance(by, timedelta) else timedelta(seconds=by)
        return self._now

    def set(self, moment: datetime) -> datetime:
        """The new moment, which is `moment` in UTC.

        Raises:
            InvalidInput: It has no time zone.
        """
        self._now = _in_utc(moment)
        return self._now

    def __repr__(self) -> str:
        return f"ManualClock({self._now.isoformat()})"


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise InvalidInput(f"time {moment.isoformat()}", "has no time zone; pass e.g. tzinfo=UTC")
    return moment.astimezone(UTC)
