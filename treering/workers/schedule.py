"""What is looked at now and then, and how often: by beat's messages, or by the thread of an embedded memory."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from treering.memory.upkeep import PERIOD_S

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from treering.memory.upkeep import Upkeep
    from treering.schemas.jobs import JobKind

SWEEP = "treering.sweep"
"""The task that ends sessions that are idle, and wakes workers for what became due by itself: retries whose time has
come, leases that are over, jobs whose message was lost."""

SWEEP_S = 5.0
"""Seconds between sweeps: by so much a lost message, or a retry whose time has come, is late at most."""

UPKEEP = "treering.upkeep"
"""The task that queues what nobody queued, and tells of dead jobs."""

UPKEEP_S = float(PERIOD_S)
"""Seconds between two of them: each looks at another page of people."""

EMBEDDED_S = 60.0
"""Seconds between two rounds of a memory's own thread, which does both."""

PERIODS_A_REPORT = 60
"""Periods between two reports of all dead jobs, where none died meanwhile: an hour."""

BEAT: Mapping[str, Mapping[str, object]] = {
    # Who is too late for one finds the next: messages that nobody took do not pile up.
    "sweep": {"task": SWEEP, "schedule": SWEEP_S, "options": {"expires": SWEEP_S}},
    "upkeep": {"task": UPKEEP, "schedule": UPKEEP_S, "options": {"expires": UPKEEP_S}},
}
"""Beat's schedule. Several beats are a waste and no harm."""

_log = logging.getLogger("treering.workers")


class Rounds:
    """Looks after a whole store, as often as it is told to.

    What is done follows from the store and the clock, so that any number of processes may go their rounds at once. What
    is remembered here only spares a process to look twice in a minute, or to say a thing twice.

    Args:
        upkeep: Finds what is due.
        idle_after: How long nothing has to be said in a session for it to have ended.
    """

    def __init__(self, upkeep: Upkeep, *, idle_after: timedelta) -> None:
        self._upkeep = upkeep
        self._idle_after = idle_after
        self._period = -1
        self._went_at = time.monotonic()

    def go_now_and_then(self) -> None:
        """Do both, if the last time was long ago; the first time is as long after the beginning."""
        if time.monotonic() - self._went_at >= EMBEDDED_S:
            self._went_at = time.monotonic()
            self.end_idle()
            self.keep_up()

    def end_idle(self) -> None:
        """End sessions that are idle."""
        ended = self._upkeep.end_idle(self._idle_after)
        if ended:
            _log.info("%d idle sessions ended", ended)

    def keep_up(self) -> None:
        """Queue what nobody queued and tell of dead jobs, once in each period."""
        period = self._upkeep.period
        if period == self._period:
            return
        self._period = period
        queued = self._upkeep.queue_neglected()
        if queued:
            _log.warning("nobody had queued %s; it is queued now", _counts(queued))
        died = self._upkeep.died()
        if died or period % PERIODS_A_REPORT == 0:
            dead = self._upkeep.dead()
            if dead:
                _log.warning("dead jobs wait for a person: %s; treering jobs lists them", _counts(dead))


def _counts(numbers: Mapping[JobKind, int]) -> str:
    return ", ".join(f"{number} {kind}" for kind, number in sorted(numbers.items()))
