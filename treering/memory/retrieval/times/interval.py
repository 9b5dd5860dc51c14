"""A stretch of time with a zone, open where nothing bounds it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.memory.retrieval.hits import During

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """`begin` <= moment < `end`; None: without a bound. Both have a zone."""

    begin: datetime | None = None
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether a moment with a zone lies in it.

        Example:
            >>> from datetime import UTC, datetime
            >>> Interval(end=datetime(2024, 1, 1, tzinfo=UTC)).holds(datetime(2023, 12, 31, tzinfo=UTC))
            True
        """
        return (self.begin is None or self.begin <= moment) and (self.end is None or moment < self.end)

    def meets(self, begin: datetime, end: datetime | None) -> bool:
        """Whether it has a moment in common with what lasted from `begin` until before `end` (None: it lasts)."""
        begins_in_time = self.end is None or begin < self.end
        return begins_in_time and (self.begin is None or end is None or self.begin < end or self.begin == begin)

    def seconds(self) -> tuple[float, float]:
        """Both ends in seconds since 1970; an open one is infinite."""
        begin = -math.inf if self.begin is None else self.begin.timestamp()
        return begin, math.inf if self.end is None else self.end.timestamp()

    def during(self) -> During:
        """The same for an index, in whole seconds."""
        return During(begin=_seconds(self.begin), end=_seconds(self.end))


Anchors = Callable[[str], Interval | None]
"""When something happened that a question counts from ("I moved to Lisbon", "my surgery"); None: it is not known."""


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else math.ceil(moment.timestamp())
