"""What a worker process does with a message: it runs what is due in the job table, for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from treering.schemas.jobs import JobKind
from treering.workers.queues import QUEUES, queues_of
from treering.workers.runner import Runner
from treering.workers.schedule import Rounds
from treering.workers.watching import nobody

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from treering.memory.engine import Engine
    from treering.settings import Settings
    from treering.workers.watching import OnJob

SLICE_S = 2.0
"""How long one message is worked for, in seconds. Then another one follows it, so that a worker that is told to stop
does so soon, and sweeps are not kept waiting."""


class Worker:
    """Runs jobs of one process.

    Args:
        engine: Knows the jobs.
        settings: Say how long a lease is, and when a session is idle.
        wake: Tells the workers of a queue that there is something to do.
        queues: Those that this process looks into.
        on_job: Told of each attempt.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        wake: Callable[[str], None],
        *,
        queues: Iterable[str] = QUEUES,
        on_job: OnJob = nobody,
    ) -> None:
        self._engine = engine
        self._wake = wake
        self._rounds = Rounds(engine.upkeep, idle_after=timedelta(minutes=settings.idle_minutes))
        kinds = frozenset[JobKind]().union(*(QUEUES[queue] for queue in queues))
        self._runner = Runner(engine, lease_s=settings.lease_s, kinds=kinds, on_job=on_job)

    def work(self) -> int:
        """Run what is due, in the order of the job table, whichever queue it goes through; returns how many jobs.

        What they leave to other queues wakes these.
        """
        ran = self._runner.run_for(SLICE_S)
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
