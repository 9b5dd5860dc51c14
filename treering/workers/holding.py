"""While a job is held: its lease is renewed, and its turn ends when others wait."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from treering.errors import FenceLost, TreeringError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from treering.memory.engine import Engine
    from treering.schemas.jobs import Job, JobKind

TURN_S = 0.1
"""How long a job goes on while others wait, in seconds: then the window at hand is the last, and the rest of the job
goes behind them. So nobody waits for another's backlog, and what taking turns costs stays small beside the work."""

OURS = "treering-"
"""Begins the names of our threads."""

_log = logging.getLogger("treering.workers")


class Turn:
    """How long a job may go on: as long as it likes while nobody else waits."""

    def __init__(self, engine: Engine, job: Job, kinds: Collection[JobKind], *, until: Callable[[], bool]) -> None:
        self._engine = engine
        self._job = job
        self._kinds = kinds
        self._until = until
        self._look_at = time.monotonic() + TURN_S

    def is_over(self) -> bool:
        """Whether the rest is to be left to another job."""
        if self._until():
            return True
        if time.monotonic() < self._look_at:
            return False
        self._look_at = time.monotonic() + TURN_S
        with self._engine.store.begin(write=False) as unit:
            return unit.jobs.others_wait(self._job, self._engine.clock.now(), self._kinds)


class Heartbeat:
    """Renews a lease while a job runs longer than a third of it."""

    def __init__(self, engine: Engine, job: Job, lease_s: float) -> None:
        self._engine = engine
        self._job = job
        self._lease_s = lease_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"{OURS}heartbeat-{job.id}", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._done.wait(self._lease_s / 3):
            try:
                with self._engine.store.begin() as unit:
                    unit.jobs.extend(self._job, self._engine.clock.now(), lease_s=self._lease_s)
            except FenceLost:
                return
            except TreeringError as error:
                _log.warning("the lease of job %d could not be renewed: %s", self._job.id, error)
