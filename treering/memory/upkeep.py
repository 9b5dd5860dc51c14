"""What becomes due by itself: sessions that are idle, and work that nobody queued."""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from treering.errors import KeyUnavailable, StoreUnreadable, TrunkMismatch
from treering.memory.catching_up import RECALLABLE_ROLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from treering.memory.ports import Clock, Store
    from treering.schemas.dialogue import Scope
    from treering.schemas.jobs import JobKind

PERIOD_S = 60
"""Seconds into which time is divided: in each such period another page of people is looked at, whoever looks."""

PEOPLE_A_PERIOD = 2_000
"""People on a page. A page takes 40 ms, and a round of a million people eight hours."""

SESSIONS_A_SWEEP = 200
"""Idle sessions that one sweep ends, the longest idle first: a second's work."""

_log = logging.getLogger("treering.memory")


class Upkeep:
    """Finds what is due, whichever process looks: it remembers nothing, and doing it twice does nothing twice.

    The page of people to look at follows from the clock. So processes need not agree on where they are, and one that
    was away has missed some pages until the next round.
    """

    def __init__(self, *, store: Store, clock: Clock, end_session: Callable[[Scope, str], None]) -> None:
        self._store = store
        self._clock = clock
        self._end_session = end_session

    @property
    def period(self) -> int:
        """The number of the present period."""
        return int(self._clock.now().timestamp() // PERIOD_S)

    def end_idle(self, after: timedelta, *, limit: int = SESSIONS_A_SWEEP) -> int:
        """End sessions in which nothing was said for so long; returns how many. A turn that comes later reopens one."""
        ended = 0
        for scope, session in self._store.idle(self._clock.now() - after, limit=limit):
            with _one_of_many():
                self._end_session(scope, session)
                ended += 1
        return ended

    def queue_neglected(self) -> Counter[JobKind]:
        """Queue jobs that somebody on the present page ought to have and has not; returns how many of each kind.

        What is dead or was cancelled is left to whoever decides on it.
        """
        queued: Counter[JobKind] = Counter()
        for scope, kind in self._store.neglected(self.period, people=PEOPLE_A_PERIOD, roles=RECALLABLE_ROLES):
            with _one_of_many(), self._store.begin() as unit:
                unit.jobs.enqueue(scope, kind, self._clock.now())
                queued[kind] += 1
        return queued

    def died(self) -> Mapping[JobKind, int]:
        """How many jobs died in the period before this one, and are still dead, by kind."""
        begin = datetime.fromtimestamp(self.period * PERIOD_S, UTC)
        return self._store.died(begin - timedelta(seconds=PERIOD_S), begin)

    def dead(self) -> Mapping[JobKind, int]:
        """How many jobs are dead, by kind."""
        with self._store.begin(write=False) as unit:
            return {one.kind: one.dead for one in unit.jobs.stats(self._clock.now()).kinds if one.dead}


@contextmanager
def _one_of_many() -> Iterator[None]:
    """Whoever's memory cannot be written to must not keep others from being looked after."""
    try:
        yield
    except (KeyUnavailable, StoreUnreadable, TrunkMismatch) as error:
        _log.warning("somebody could not be looked after: %s", type(error).__name__)
