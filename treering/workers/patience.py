"""What a process does not begin while a chat model may not be asked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from treering.schemas.jobs import JobKind

ASKING: frozenset[JobKind] = frozenset({"listen", "window", "summarise"})
"""Kinds of jobs that may ask a chat model."""

MAX_PATIENCE_S = 10.0
"""Longest time, in seconds, for which one job's wait keeps others from being tried: they may ask for less."""


class Patience:
    """Leaves jobs alone that ask a model, for as long as one of them was told to wait.

    Else a process would take up each job of a long queue only to put it back. Runners of one process may share it.
    """

    def __init__(self) -> None:
        self._until: datetime | None = None

    def wait(self, now: datetime, seconds: float) -> None:
        """A job was told to wait for so long."""
        self._until = now + timedelta(seconds=min(seconds, MAX_PATIENCE_S))

    def allows(self, kinds: Collection[JobKind], now: datetime) -> Collection[JobKind]:
        """Those of the kinds that may be begun.

        Example:
            >>> from datetime import UTC, datetime, timedelta
            >>> noon, patience = datetime(2024, 3, 1, 12, tzinfo=UTC), Patience()
            >>> patience.wait(noon, 5.0)
            >>> patience.allows(["listen", "index"], noon + timedelta(seconds=4))
            ['index']
            >>> patience.allows(["listen", "index"], noon + timedelta(seconds=5))
            ['listen', 'index']
        """
        if self._until is None or now >= self._until:
            return kinds
        return [kind for kind in kinds if kind not in ASKING]
