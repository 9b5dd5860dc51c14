"""What a worker process does with a message: it runs what is due in the job table, for a while."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from treering.workers.queues import QUEUES, queues_of
from treering.workers.runner import IDLE_SWEEP_S, Runner

if TYPE_CHECKING:
    from collections.abc import Callable

    from treering.memory.engine import Engine
    from treering.settings import Settings

SLICE_S = 20.0
"""How long one message is worked for, in seconds. Then another one follows it, so that a worker that is told to stop
does so soon, and nobody with a long backlog keeps one for ever."""

_log = logging.getLogger("treering.workers")


class Worker:
    """Runs jobs of one process, queue by queue.

    Args:
        engine: Knows the jobs.
        settings: Say how long a lease is, and when a session is idle.
        wake: Tells the workers of a queue that there is something to do.
    """

    def __init__(self, engine: Engine, settings: Settings, wake: Callable[[str], None]) -> None:
        self._engine = engine
        self._settings = settings
        self._wake = wake
        self._idle_looked_at = -IDLE_SWEEP_S

    def work(self, queue: str) -> int:
        """Run what is due of a queue; returns how many jobs. What they leave to other queues wakes these."""
        runner = Runner(self._engine, lease_s=self._settings.lease_s, kinds=QUEUES[queue])
        ran = runner.run_for(SLICE_S)
        if ran:
            self._wake_all()
        return ran

    def sweep(self) -> None:
        """Wake the queues that have something due, and now and then end sessions that are idle.

        Whoever wakes a queue for nothing does no harm, so any number of processes may sweep.
        """
        if time.monotonic() - self._idle_looked_at >= IDLE_SWEEP_S:
            self._idle_looked_at = time.monotonic()
            ended = self._engine.end_idle(timedelta(minutes=self._settings.idle_minutes))
            if ended:
                _log.info("%d idle sessions ended", ended)
        self._wake_all()

    def _wake_all(self) -> None:
        with self._engine.store.begin(write=False) as unit:
            due = unit.jobs.due_kinds(self._engine.clock.now())
        for queue in queues_of(due):
            self._wake(queue)
