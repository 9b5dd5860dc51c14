"""Drains the job table in this process: on demand, or from one background thread."""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from treering.errors import (
    FenceLost,
    JobUnreadable,
    KeyUnavailable,
    ModelDeferred,
    ModelReplyUnreadable,
    ModelUnavailable,
    TreeringError,
    TrunkMismatch,
)
from treering.schemas.jobs import JOB_KINDS
from treering.telemetry.logs import about
from treering.telemetry.tracing import note, span
from treering.workers.holding import OURS, Heartbeat, Turn
from treering.workers.looking import look
from treering.workers.patience import Patience
from treering.workers.schedule import Rounds
from treering.workers.watching import nobody

if TYPE_CHECKING:
    from collections.abc import Collection

    from treering.memory.engine import Engine
    from treering.schemas.dialogue import Scope
    from treering.schemas.jobs import Job, JobKind
    from treering.workers.watching import OnJob, Outcome

MAX_ATTEMPTS = 5
"""Starts of one job before it is put aside for a person."""

FIRST_BACKOFF_S = 2.0
"""Seconds before the second start; doubled with each further one."""

MAX_BACKOFF_S = 300.0
"""Longest wait between two starts, in seconds."""

IDLE_POLL_S = 1.0
"""Seconds between looks at an empty table, for jobs whose time comes and jobs of other processes."""

OLDEST_EVERY = 8
"""Of so many jobs one is the oldest, whosever turn it is: what is least urgent gets done beside whatever else comes."""

BUSY_POLL_S = 0.02
"""Seconds between looks while another worker holds the scope that is waited for."""

_MENDED_OUTSIDE = (TrunkMismatch, KeyUnavailable)
"""What fails for many people at once, until somebody migrates them or brings the keys back: no job dies of it."""

_DIED = f"each of the {MAX_ATTEMPTS} processes that began it died"

_log = logging.getLogger("treering.workers")


class Runner:
    """Runs jobs under a lease that a heartbeat renews. Any number of runners may share a store.

    Args:
        engine: Knows the jobs.
        lease_s: Seconds after which another runner takes the job of one that died.
        kinds: The kinds of jobs that it runs.
        idle_after: How long nothing has to be said in a session for the background thread to end it; none: it never
            does.
        on_job: Told of each attempt.
        patience: Shared with other runners of the process; none: one of its own.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        lease_s: float,
        kinds: Collection[JobKind] = JOB_KINDS,
        idle_after: timedelta | None = None,
        on_job: OnJob = nobody,
        patience: Patience | None = None,
    ) -> None:
        self._engine = engine
        self._lease_s = lease_s
        self._kinds = kinds
        self._idle_after = idle_after
        self._on_job = on_job
        self._patience = patience or Patience()
        self._claimed = 0
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
        now = self._engine.clock.now()
        kinds = self._patience.allows(self._kinds, now)
        if not kinds:
            return False
        by_age = self._claimed % OLDEST_EVERY == OLDEST_EVERY - 1
        with self._engine.store.begin() as unit:
            job = unit.jobs.claim(now, lease_s=self._lease_s, scope=scope, kinds=kinds, by_age=by_age)
        if job is None:
            return False
        self._claimed += 1
        began_at = time.monotonic()
        outcome: Outcome = "interrupted"
        try:
            with Heartbeat(self._engine, job, self._lease_s):
                outcome = self._try(job)
            if outcome == "done":
                outcome = self._finish(job)
        finally:
            self._on_job(job, outcome, time.monotonic() - began_at)
        return True

    def _try(self, job: Job) -> Outcome:
        asked = {"job": job.id, "kind": job.kind, "attempt": job.attempts}
        with (
            about(job.scope.tenant, job.scope.user, **asked),
            span(f"job {job.kind}", parent=job.trace, **asked) as one,
        ):
            outcome = self._attempt(job)
            note(one, outcome=outcome)
            return outcome

    def _attempt(self, job: Job) -> Outcome:
        try:
            return "done" if self._do(job) else "dead"
        except FenceLost:
            return _gone(job)
        except ModelDeferred as error:
            return self._postpone(job, error)
        except Exception as error:  # noqa: BLE001 - whatever a job raises is recorded with it, and it is tried again
            return self._fail(job, error)
        except BaseException:
            self._put_back(job)
            raise

    def _do(self, job: Job) -> bool:
        """Run a job, or go on without what kills each process that begins it; False if it is dead.

        What fails is told and counted; what kills a process leaves no trace but the attempt.
        """
        if not (job.was_dropped and job.attempts > MAX_ATTEMPTS):
            from treering.schemas.payloads import fault_of  # noqa: PLC0415 - a model for each kind, where one is run

            fault = fault_of(job)
            if fault is not None:
                raise JobUnreadable(job.id, job.kind, fault)
            turn = Turn(self._engine, job, self._kinds, until=self._is_stopping)
            self._engine.run(job, last_try=job.attempts >= MAX_ATTEMPTS, is_stopping=turn.is_over)
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
        """Whether there is more to come; waits a little for whoever works on it."""
        runs, due = look(self._engine, scope)
        if not runs and due.isdisjoint(self._patience.allows(self._kinds, self._engine.clock.now())):
            return False
        time.sleep(BUSY_POLL_S)
        return True

    def start(self) -> None:
        """Start the background thread, or wake it."""
        self._after_fork()
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name=f"{OURS}runner", daemon=True)
                self._thread.start()
        self._wake.set()

    def stop(self) -> None:
        """Let the window at hand be heard, then stop; what is left stays in the table."""
        self._after_fork()
        self._stop.set()
        self._wake.set()
        # A memory that nobody holds any more may be collected in one of our own threads, which cannot wait for itself.
        if self._thread is not None and not threading.current_thread().name.startswith(OURS):
            self._thread.join()

    def _work(self) -> None:
        rounds = None if self._idle_after is None else Rounds(self._engine.upkeep, idle_after=self._idle_after)
        while not self._stop.is_set():
            self._wake.clear()
            try:
                if rounds is not None:
                    rounds.go_now_and_then()
                while not self._stop.is_set() and self.run_one():
                    pass
            except TreeringError as error:
                _log.warning("the job table cannot be read: %s", error)
            except Exception as error:  # noqa: BLE001 - the thread must live, there is nobody to start it again
                _log.warning("the job table cannot be read: %s", type(error).__name__)
            self._wake.wait(IDLE_POLL_S)

    def _finish(self, job: Job) -> Outcome:
        try:
            with self._engine.store.begin() as unit:
                unit.jobs.finish(job)
        except FenceLost:
            _log.warning("job %d was done twice; its commits are idempotent", job.id)
            return "lost"
        return "done"

    def _fail(self, job: Job, error: Exception) -> Outcome:
        now = self._engine.clock.now()
        is_tried_enough = job.attempts >= MAX_ATTEMPTS and not isinstance(error, _MENDED_OUTSIDE)
        is_hopeless = is_tried_enough or isinstance(error, ModelReplyUnreadable)
        wanted_s = (error.retry_after_s or 0.0) if isinstance(error, ModelUnavailable) else 0.0
        wait_s = max(backoff_s(job.id, job.attempts), min(wanted_s, MAX_BACKOFF_S))
        retry_at = None if is_hopeless else now + timedelta(seconds=wait_s)
        _log.warning("job %d (%s) failed: %s", job.id, job.kind, type(error).__name__)
        try:
            with self._engine.store.begin() as unit:
                unit.jobs.fail(job, f"{type(error).__name__}: {error}", now, retry_at=retry_at)
        except FenceLost:
            return _gone(job)
        return "dead" if is_hopeless else "failed"

    def _bury(self, job: Job) -> None:
        """Let a job be dead that no process survives."""
        with self._engine.store.begin() as unit:
            unit.jobs.fail(job, _DIED, self._engine.clock.now(), retry_at=None)

    def _postpone(self, job: Job, error: ModelDeferred) -> Outcome:
        """The model may not be asked now: that is no fault of the job, which has its turn when it may."""
        now = self._engine.clock.now()
        wait_s = min(error.retry_after_s or FIRST_BACKOFF_S, MAX_BACKOFF_S)
        _log.info("job %d (%s) waits %.0f s: %s", job.id, job.kind, wait_s, error)
        self._patience.wait(now, wait_s)
        try:
            with self._engine.store.begin() as unit:
                unit.jobs.postpone(job, str(error), now + timedelta(seconds=wait_s))
        except FenceLost:
            return _gone(job)
        return "postponed"

    def _put_back(self, job: Job) -> None:
        """The process is told to stop: whoever comes next need not wait until the lease is over."""
        try:
            with self._engine.store.begin() as unit:
                unit.jobs.postpone(job, "interrupted", self._engine.clock.now())
        except TreeringError as error:
            _log.warning("job %d waits until its lease is over: %s", job.id, type(error).__name__)


def _gone(job: Job) -> Outcome:
    _log.warning("job %d went on without this worker", job.id)
    return "lost"


def backoff_s(job_id: int, attempts: int) -> float:
    """Seconds to wait after a failure: exponential, with a jitter of up to a half that the job's id decides."""
    jitter = 1.0 + (job_id * 0.618 % 1.0) / 2
    return float(min(MAX_BACKOFF_S, FIRST_BACKOFF_S * 2 ** (attempts - 1) * jitter))
