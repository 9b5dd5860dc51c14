"""The job queue: one dict of jobs for the whole store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from treering.errors import FenceLost
from treering.schemas.claims import FORGOTTEN
from treering.schemas.jobs import JOB_KINDS, Job, JobKind, JobState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from treering.schemas.dialogue import Scope
    from treering.testing.reference.state import State

KEEP_DONE = 100
"""Finished jobs kept a scope."""

MAX_ERROR_CHARS = 2_000
"""What is kept of an error, in characters."""


class ReferenceJobQueue:
    """Slow work: leased, fenced, retried, and never lost."""

    def __init__(self, state: State) -> None:
        self._state = state

    def enqueue(
        self,
        scope: Scope,
        kind: JobKind,
        now: datetime,
        *,
        payload: Mapping[str, str | int] | None = None,
        state: JobState = "queued",
        error: str | None = None,
        raw_reply: str | None = None,
    ) -> None:
        """Add a job, unless the same one is queued already; one that is parked as dead is always added."""
        self._state.made(scope)
        given = dict(payload or {})
        queued = self.jobs(scope=scope, states=("queued",), limit=len(self._state.jobs))
        if state == "queued" and any((job.kind, job.payload) == (kind, given) for job in queued):
            return
        self._state.last_job += 1
        self._state.jobs[self._state.last_job] = Job(
            id=self._state.last_job,
            scope=scope,
            kind=kind,
            payload=given,
            state=state,
            run_after=now,
            error=_told(error),
            raw_reply=_storable(raw_reply),
        )

    def lease(
        self,
        scope: Scope,
        kind: JobKind,
        now: datetime,
        *,
        lease_s: float,
        payload: Mapping[str, str | int] | None = None,
    ) -> Job | None:
        """Add a job and lease it at once; None while another one of the scope runs."""
        running = self.jobs(scope=scope, states=("running",), limit=len(self._state.jobs))
        if scope not in self._state.people or any(not _is_due(job, now) for job in running):
            return None
        given = dict(payload or {})
        job = next((job for job in running if (job.kind, job.payload) == (kind, given)), None)
        if job is None:
            self._state.last_job += 1
            job = Job(id=self._state.last_job, scope=scope, kind=kind, payload=given, run_after=now)
        lease = {"attempts": job.attempts + 1, "fence": self._raise_fence(scope)}
        self._change(job, state="running", lease_until=now + timedelta(seconds=lease_s), **lease)
        return self._state.jobs[job.id]

    def due_kinds(self, now: datetime) -> set[JobKind]:
        """The kinds of which some job is due."""
        return {job.kind for job in self._state.jobs.values() if _is_due(job, now)}

    def claim(
        self, now: datetime, *, lease_s: float, scope: Scope | None = None, kinds: Collection[JobKind] = JOB_KINDS
    ) -> Job | None:
        """Lease the job that is due for the longest time, of a scope where none runs; raises the scope's fence."""
        busy = {job.scope for job in self._state.jobs.values() if job.state == "running" and not _is_due(job, now)}
        due = [
            job
            for job in self._state.jobs.values()
            if job.scope not in busy and scope in (None, job.scope) and job.kind in kinds and _is_due(job, now)
        ]
        if not due:
            return None
        job = min(due, key=lambda job: (job.run_after, job.id))
        lease = {
            "state": "running",
            "attempts": job.attempts + 1,
            "fence": self._raise_fence(job.scope),
            "lease_until": now + timedelta(seconds=lease_s),
        }
        self._change(job, **lease, error=None if job.error == FORGOTTEN else job.error)
        return job.model_copy(update={**lease, "was_dropped": job.state == "running"})

    def forgive(self, job: Job) -> None:
        """Count the attempts of a leased job anew: it got somewhere."""
        self._change(self._leased(job), attempts=1)

    def extend(self, job: Job, now: datetime, *, lease_s: float) -> Job:
        """Hold the lease longer."""
        lease_until = now + timedelta(seconds=lease_s)
        self._change(self._leased(job), lease_until=lease_until)
        return job.model_copy(update={"lease_until": lease_until})

    def finish(self, job: Job) -> None:
        """Mark a leased job done, and remove finished ones that are long past."""
        self._change(self._leased(job), state="done", lease_until=None, error=None, raw_reply=None)
        done = self.jobs(scope=job.scope, states=("done",), limit=len(self._state.jobs))
        for old in done[:-KEEP_DONE]:
            del self._state.jobs[old.id]

    def fail(self, job: Job, error: str, now: datetime, *, retry_at: datetime | None) -> None:
        """Put a leased job back to be run at `retry_at`, or with None let it be dead."""
        stored = self._leased(job)
        told = FORGOTTEN if stored.error == FORGOTTEN else _told(error)
        state: JobState = "dead" if retry_at is None else "queued"
        self._change(stored, state=state, run_after=retry_at or now, lease_until=None, error=told)

    def jobs(self, *, scope: Scope | None = None, states: Sequence[JobState] = (), limit: int = 100) -> list[Job]:
        """Jobs, oldest first."""
        found = [
            job
            for _, job in sorted(self._state.jobs.items())
            if scope in (None, job.scope) and (not states or job.state in states)
        ]
        return found[:limit]

    def revoke(self, scope: Scope, now: datetime) -> datetime | None:
        """Take the lease of a running job away, and queue the job again as if it had not been started."""
        if scope in self._state.people:
            self._raise_fence(scope)
        running = self.jobs(scope=scope, states=("running",), limit=len(self._state.jobs))
        for job in running:
            self._change(job, state="queued", attempts=job.attempts - 1, run_after=now, lease_until=None)
        return max((job.lease_until for job in running if job.lease_until is not None), default=None)

    def retry(self, job_id: int, now: datetime) -> bool:
        """Queue a dead job again, with its attempts forgiven; False if there is no such dead job."""
        job = self._state.jobs.get(job_id)
        if job is None or job.state != "dead":
            return False
        self._change(job, state="queued", attempts=0, run_after=now)
        return True

    def pending(self, scope: Scope | None = None) -> int:
        """Number of jobs that are queued or running."""
        return len(self.jobs(scope=scope, states=("queued", "running"), limit=len(self._state.jobs)))

    def _raise_fence(self, scope: Scope) -> int:
        person = self._state.of(scope)
        fence = person.head.fence + 1
        person.head = person.head.model_copy(update={"fence": fence})
        return fence

    def _leased(self, job: Job) -> Job:
        """The job as it is stored, if its holder may still change it."""
        current = self._state.of(job.scope).head.fence
        stored = self._state.jobs.get(job.id)
        if stored is None or current != job.fence or (stored.fence, stored.state) != (job.fence, "running"):
            raise FenceLost(job.fence, current)
        return stored

    def _change(self, job: Job, **values: object) -> None:
        self._state.jobs[job.id] = job.model_copy(update=values)


def _is_due(job: Job, now: datetime) -> bool:
    if job.state == "running":
        return job.lease_until is not None and job.lease_until <= now
    return job.state == "queued" and job.run_after <= now


def _storable(text: str | None) -> str | None:
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "?")


def _told(error: str | None) -> str | None:
    text = _storable(error)
    return None if text is None else text[:MAX_ERROR_CHARS]
