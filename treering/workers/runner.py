"""Drains the job table in this process: on demand, or from one background thread."""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from treering.errors import FenceLost, ModelReplyUnreadable, ModelUnavailable, TreeringError, TrunkMismatch
from treering.schemas.jobs import JOB_KINDS

if TYPE_CHECKING:
    from collections.abc import Collection

    from treering.memory.engine import Engine
    from treering.schemas.dialogue import Scope
    from treering.schemas.jobs import Job, JobKind

MAX_ATTEMPTS = 5
"""Starts of one job before it is put aside for a person."""

FIRST_BACKOFF_S = 2.0
"""Seconds before the second start; doubled with each further one."""

MAX_BACKOFF_S = 300.0
"""Longest wait between two starts, in seconds."""

IDLE_POLL_S = 1.0
"""Seconds between looks at an empty table, for jobs whose time comes and jobs of other processes."""

IDLE_SWEEP_S = 60.0
"""Seconds between looks for sessions in which nothing is said any more."""

BUSY_POLL_S = 0.02
"""Seconds between looks while another worker holds the scope that is waited for."""

_DIED = f"each of the {MAX_ATTEMPTS} processes that began it died"

_OURS = "treering-"
"""Begins the names of our threads."""

_log = logging.getLogger("treering.workers")


class Runner:
    """Runs jobs under a lease that a heartbeat renews. Any number of runners may share a store.

    Args:
        engine: Knows the jobs.
        lease_s: Seconds after which another runner takes the job of one that died.
        kinds: The kinds of jobs that it runs.
        idle_after: How long nothing has to be said in a session for the background thread to end it; none: it never
            does.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        lease_s: float,
        kinds: Collection[JobKind] = JOB_KINDS,
        idle_after: timedelta | None = None,
    ) -> None:
        self._engine = engine
        self._lease_s = lease_s
        self._kinds = kinds
        self._idle_after = idle_after
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._until = math.inf

    def _after_fork(self) -> None:
        # a child has neither the parent's thread nor, with certainty, its events in a usable state
        if self._pid != os.getpid():
            self._begin()

    def run_one(self, scope: Scope | None = None) -> bool:
        """Run the next due job, if there is one."""
        with self._engine.store.begin() as unit:
            job = unit.jobs.claim(self._engine.clock.now(), lease_s=self._lease_s, scope=scope, kinds=self._kinds)
        if job is None:
            return False
        with _Heartbeat(self._engine, job, self._lease_s):
            try:
                if not self._do(job):
                    return True
            except FenceLost:
                _log.warning("job %d went on without this worker", job.id)
                return True
            except Exception as error:  # noqa: BLE001 - whatever a job raises is recorded with it, and it is tried again
                self._fail(job, error)
                return True
            except BaseException:
                self._put_back(job)
                raise
        self._finish(job)
        return True

    def _do(self, job: Job) -> bool:
        """Run a job, or go on without what kills each process that begins it; False if it is dead.

        What fails is told and counted; what kills a process leaves no trace but the attempt.
        """
        if not (job.was_dropped and job.attempts > MAX_ATTEMPTS):
            self._engine.run(job, last_try=job.attempts >= MAX_ATTEMPTS, is_stopping=self._is_stopping)
            return True
        _log.warning("job %d (%s): %s", job.id, job.kind, _DIED)
        if self._engine.put_aside(job, _DIED):
            return True
        self._bury(job)
        return False

    def run_for(self, seconds: float) -> int:
        """Run due jobs until none is left, or the time is over; returns how many. A long one leaves its rest behind."""
        self._after_fork()
        self._until = time.monotonic() + seconds
        ran = 0
        try:
            while not self._is_stopping() and self.run_one():
                ran += 1
        finally:
            self._until = math.inf
        return ran

    def drain(self, scope: Scope | None = None) -> None:
        """Run jobs until none is due and none is running, here or elsewhere. Retries due later are not awaited."""
        self._after_fork()
        while self.run_one(scope) or self._waits_for_others(scope):
            if self._stop.is_set():
                return

    def _is_stopping(self) -> bool:
        return self._stop.is_set() or time.monotonic() >= self._until

    def _waits_for_others(self, scope: Scope | None) -> bool:
        if not self._engine.jobs(scope, states=("running",)):
            return False
        time.sleep(BUSY_POLL_S)
        return True

    def start(self) -> None:
        """Start the background thread, or wake it."""
        self._after_fork()
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name=f"{_OURS}runner", daemon=True)
                self._thread.start()
        self._wake.set()

    def stop(self) -> None:
        """Let the window at hand be heard, then stop; what is left stays in the table."""
        self._after_fork()
        self._stop.set()
        self._wake.set()
        # A memory that nobody holds any more may be collected in one of our own threads, which cannot wait for itself.
        if self._thread is not None and not threading.current_thread().name.startswith(_OURS):
            self._thread.join()

    def _work(self) -> None:
        swept_at = time.monotonic()
        while not self._stop.is_set():
            self._wake.clear()
            try:
                if self._idle_after is not None and time.monotonic() - swept_at >= IDLE_SWEEP_S:
                    swept_at = time.monotonic()
                    self._engine.end_idle(self._idle_after)
                while not self._stop.is_set() and self.run_one():
                    pass
            except TreeringError as error:
                _log.warning("the job table cannot be read: %s", error)
            except Exception as error:  # noqa: BLE001 - the thread must live, there is nobody to start it again
                _log.warning("the job table cannot be read: %s", type(error).__name__)
            self._wake.wait(IDLE_POLL_S)

    def _finish(self, job: Job) -> None:
        try:
            with self._engine.store.begin() as unit:
                unit.jobs.finish(job)
        except FenceLost:
            _log.warning("job %d was done twice; its commits are idempotent", job.id)

    def _fail(self, job: Job, error: Exception) -> None:
        now = self._engine.clock.now()
        is_tried_enough = job.attempts >= MAX_ATTEMPTS and not isinstance(error, TrunkMismatch)  # a migration helps
        is_hopeless = is_tried_enough or isinstance(error, ModelReplyUnreadable)
        wanted_s = (error.retry_after_s or 0.0) if isinstance(error, ModelUnavailable) else 0.0
        wait_s = max(backoff_s(job.id, job.attempts), min(wanted_s, MAX_BACKOFF_S))
        retry_at = None if is_hopeless else now + timedelta(seconds=wait_s)
        _log.warning("job %d (%s) failed: %s", job.id, job.kind, type(error).__name__)
        try:
            with self._engine.store.begin() as unit:
                unit.jobs.fail(job, f"{type(error).__name__}: {error}", now, retry_at=retry_at)
        except FenceLost:
            _log.warning("job %d went on without this worker", job.id)

    def _bury(self, job: Job) -> None:
        """Let a job be dead that no process survives."""
        with self._engine.store.begin() as unit:
            unit.jobs.fail(job, _DIED, self._engine.clock.now(), retry_at=None)

    def _put_back(self, job: Job) -> None:
        """The process is told to stop: whoever comes next need not wait until the lease is over."""
        now = self._engine.clock.now()
        try:
            with self._engine.store.begin() as unit:
                unit.jobs.fail(job, "interrupted", now, retry_at=now)
        except TreeringError as error:
            _log.warning("job %d waits until its lease is over: %s", job.id, type(error).__name__)


def backoff_s(job_id: int, attempts: int) -> float:
    """Seconds to wait after a failure: exponential, with a jitter of up to a half that the job's id decides."""
    jitter = 1.0 + (job_id * 0.618 % 1.0) / 2
    return float(min(MAX_BACKOFF_S, FIRST_BACKOFF_S * 2 ** (attempts - 1) * jitter))


class _Heartbeat:
    """Renews a lease while a job runs longer than a third of it."""

    def __init__(self, engine: Engine, job: Job, lease_s: float) -> None:
        self._engine = engine
        self._job = job
        self._lease_s = lease_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"{_OURS}heartbeat-{job.id}", daemon=True)

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
