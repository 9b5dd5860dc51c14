"""The time of this machine."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The clock of the operating system."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)
