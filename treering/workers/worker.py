"""What a worker process does with a message: it runs what is due in the job table, for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from treering.workers.patience import Patience
from treering.workers.queues import QUEUES, queues_of
from treering.workers.runner import Runner
from treering.workers.schedule import Rounds
from treering.workers.watching import nobody

if TYPE_CHECKING:
    from collections.abc import Callable

    from treering.memory.engine import Engine
    from treering.settings import Settings
    from treering.workers.watching import OnJob

SLICE_S = 2.0
"""How long one message is worked for, in seconds. Then another one follows it, so that a worker that is told to stop
does so soon, and looks into its other queues meanwhile."""


class Worker:
    """Runs jobs of one process, queue by queue.

    Args:
        engine: Knows the jobs.
        settings: Say how long a lease is, and when a session is idle.
        wake: Tells the workers of a queue that there is something to do.
        on_job: Told of each attempt.
    """

    def __init__(
        self, engine: Engine, settings: Settings, wake: Callable[[str], None], *, on_job: OnJob = nobody
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._wake = wake
        self._on_job = on_job
        self._rounds = Rounds(engine.upkeep, idle_after=timedelta(minutes=settings.idle_minutes))
        self._patience = Patience()

    def work(self, queue: str) -> int:
        """Run what is due of a queue; returns how many jobs. What they leave to other queues wakes these."""
        runner = Runner(
            self._engine,
            lease_s=self._settings.lease_s,
            kinds=QUEUES[queue],
            patience=self._patience,
            on_job=self._on_job,
        )
        ran = runner.run_for(SLICE_S)
        if ran:
            self._wake_all()
        return ran

    def sweep(self) -> None:
        """End sessions that are idle, and wake the queues that have something due.

        Whoever wakes a queue for nothing does no harm, so any number of processes may sweep.
        """
        self._rounds.end_idle()
        self._wake_all()

    def keep_up(self) -> None:
        """Queue what nobody queued, and tell of dead jobs."""
        self._rounds.keep_up()
        self._wake_all()

    def _wake_all(self) -> None:
        with self._engine.store.begin(write=False) as unit:
            due = unit.jobs.due_kinds(self._engine.clock.now())
        for queue in queues_of(due):
            self._wake(queue)
