"""The job queue: one dict of jobs for the whole store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from treering.errors import FenceLost
from treering.schemas.claims import FORGOTTEN
from treering.schemas.jobs import (
    JOB_KINDS,
    MAX_TENANT_STATS,
    OPEN_STATES,
    PENDING_STATES,
    PRIORITIES,
    WAITS_FOR,
    Job,
    JobKind,
    JobState,
    KindStats,
    QueueStats,
    TenantStats,
)
from treering.telemetry.tracing import traceparent

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from treering.schemas.dialogue import Scope
    from treering.testing.reference.state import State

KEEP_DONE = 20
"""Finished and cancelled jobs kept a scope."""

ROUNDS_A_PRIORITY = 16
"""How many rounds of the tenants each step of priority stands further back."""

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
        priority: int | None = None,
        trace: str | None = None,
        waits_since: datetime | None = None,
    ) -> None:
        """Add a job, unless the same one is queued already; one that is parked as dead is always added."""
        self._state.made(scope)
        given = dict(payload or {})
        urgency = PRIORITIES[kind] if priority is None else priority
        rank = self._rank(scope, urgency, now)
        queued = self.jobs(scope=scope, states=("queued",), limit=len(self._state.jobs))
        same = next((job for job in queued if (job.kind, job.payload) == (kind, given)), None)
        if state == "queued" and same is not None:
            place = {"priority": urgency, "rank": rank} if urgency < same.priority else {}
            self._change(same, queued_at=min(same.queued_at, waits_since or now), **place)
            return
        self._add(
            scope=scope,
            kind=kind,
            payload=given,
            state=state,
            run_after=now,
            error=_told(error),
            raw_reply=_storable(raw_reply),
            priority=urgency,
            rank=rank,
            queued_at=waits_since or now,
            trace=trace or traceparent(),
        )

    def leave_rest(self, job: Job, run_after: datetime) -> None:
        """Queue what a leased job leaves to another."""
        since = job.queued_at
        self.enqueue(job.scope, job.kind, run_after, priority=job.priority, trace=job.trace, waits_since=since)

    def _add(self, **fields: object) -> Job:
        self._state.last_job += 1
        job = Job(id=self._state.last_job, **fields)
        self._state.jobs[job.id] = job
        return job

    def _rank(self, scope: Scope, priority: int, now: datetime) -> int:
        queued = [job for job in self._state.jobs.values() if job.state == "queued"]
        head = min((job.rank for job in queued if job.run_after <= now), default=0)
        like = [job.rank for job in queued if (job.scope.tenant, job.priority) == (scope.tenant, priority)]
        return max(head + priority * ROUNDS_A_PRIORITY, max(like) + 1 if like else 0)

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
            priority = PRIORITIES[kind]
            rank = self._rank(scope, priority, now)
            job = self._add(
                scope=scope, kind=kind, payload=given, run_after=now, queued_at=now, priority=priority, rank=rank
            )
        lease = {"attempts": job.attempts + 1, "fence": self._raise_fence(scope)}
        self._change(job, state="running", lease_until=now + timedelta(seconds=lease_s), **lease)
        return self._state.jobs[job.id]

    def due_kinds(self, now: datetime) -> set[JobKind]:
        """The kinds of which some job is due."""
        return {job.kind for job in self._state.jobs.values() if _is_due(job, now)}

    def claim(
        self,
        now: datetime,
        *,
        lease_s: float,
        scope: Scope | None = None,
        kinds: Collection[JobKind] = JOB_KINDS,
        by_age: bool = False,
    ) -> Job | None:
        """Lease the job whose turn it is, of a scope where none runs; raises the scope's fence."""
        due = [job for job in self._free(now, kinds) if scope in (None, job.scope)]
        if not due:
            return None
        job = min(due, key=_by_age if by_age else _by_rank)
        lease = {
            "state": "running",
            "attempts": job.attempts + 1,
            "fence": self._raise_fence(job.scope),
            "lease_until": now + timedelta(seconds=lease_s),
        }
        self._change(job, **lease, error=None if job.error == FORGOTTEN else job.error)
        return job.model_copy(update={**lease, "was_dropped": job.state == "running"})

    def _free(self, now: datetime, kinds: Collection[JobKind]) -> list[Job]:
        """Jobs of these kinds that could be claimed."""
        busy = {job.scope for job in self._state.jobs.values() if job.state == "running" and not _is_due(job, now)}
        due = [job for job in self._state.jobs.values() if job.scope not in busy and _is_due(job, now)]
        queued = {(job.scope, job.kind) for job in due if job.state == "queued"}
        return [job for job in due if job.kind in kinds and (job.scope, WAITS_FOR.get(job.kind)) not in queued]

    def others_wait(self, job: Job, now: datetime, kinds: Collection[JobKind] = JOB_KINDS) -> bool:
        """Whether somebody else's job of these kinds could be claimed."""
        return any(one.scope != job.scope and one.state == "queued" for one in self._free(now, kinds))

    def stats(self, now: datetime, *, tenant: str | None = None) -> QueueStats:
        """What stands in the table, counted."""
        counted = [
            job for job in self._state.jobs.values() if job.state in OPEN_STATES and tenant in (None, job.scope.tenant)
        ]
        kinds = [
            KindStats(
                kind=kind,
                **{state: sum((job.kind, job.state) == (kind, state) for job in counted) for state in OPEN_STATES},
                oldest_at=min(
                    (job.queued_at for job in counted if (job.kind, job.state) == (kind, "queued")), default=None
                ),
            )
            for kind in sorted({job.kind for job in counted})
        ]
        waiting: dict[str, list[datetime]] = {}
        for job in counted:
            if job.state == "queued":
                waiting.setdefault(job.scope.tenant, []).append(job.queued_at)
        tenants = [
            TenantStats(tenant=tenant, queued=len(since), oldest_at=min(since)) for tenant, since in waiting.items()
        ]
        tenants.sort(key=lambda one: (one.oldest_at, one.tenant))
        return QueueStats(at=now, kinds=tuple(kinds), tenants=tuple(tenants[:MAX_TENANT_STATS]))

    def oldest(self, tenant: str, kind: JobKind) -> datetime | None:
        """Since when the tenant's first queued job of this kind's usual priority waits."""
        alike = [
            job
            for job in self._state.jobs.values()
            if (job.scope.tenant, job.state, job.priority) == (tenant, "queued", PRIORITIES[kind])
        ]
        return min(alike, key=lambda job: job.rank).queued_at if alike else None

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
        done = self.jobs(scope=job.scope, states=("done", "cancelled"), limit=len(self._state.jobs))
        for old in done[:-KEEP_DONE]:
            del self._state.jobs[old.id]

    def fail(self, job: Job, error: str, now: datetime, *, retry_at: datetime | None) -> None:
        """Put a leased job back to be run at `retry_at`, or with None let it be dead."""
        stored = self._leased(job)
        told = FORGOTTEN if stored.error == FORGOTTEN else _told(error)
        state: JobState = "dead" if retry_at is None else "queued"
        self._change(stored, state=state, run_after=retry_at or now, lease_until=None, error=told)

    def postpone(self, job: Job, why: str, until: datetime) -> None:
        """Put a leased job back as if it had not been started."""
        stored = self._leased(job)
        told = FORGOTTEN if stored.error == FORGOTTEN else _told(why)
        again = {"state": "queued", "attempts": stored.attempts - 1, "run_after": until, "lease_until": None}
        self._change(stored, **again, error=told)

    def cancel(self, job_id: int) -> bool:
        """Have a job not be done."""
        job = self._state.jobs.get(job_id)
        if job is None or job.state in ("done", "cancelled"):
            return False
        if job.state == "running":
            self._raise_fence(job.scope)
        self._change(job, state="cancelled", lease_until=None)
        return True

    def get(self, job_id: int) -> Job | None:
        """A job by its id, in whatever state."""
        return self._state.jobs.get(job_id)

    def jobs(
        self,
        *,
        scope: Scope | None = None,
        tenant: str | None = None,
        states: Sequence[JobState] = (),
        kinds: Collection[JobKind] = JOB_KINDS,
        limit: int = 100,
        after: int = 0,
    ) -> list[Job]:
        """Jobs, oldest first."""
        found = [
            job
            for _, job in sorted(self._state.jobs.items())
            if scope in (None, job.scope)
            and tenant in (None, job.scope.tenant)
            and (not states or job.state in states)
            and job.kind in kinds
            and job.id > after
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
        self._change(job, state="queued", attempts=0, run_after=now, queued_at=now)
        return True

    def pending(self, scope: Scope | None = None) -> int:
        """Number of jobs that are queued or running."""
        return len(self.jobs(scope=scope, states=PENDING_STATES, limit=len(self._state.jobs)))

    def unknown_kinds(self, scope: Scope) -> dict[str, int]:
        """None: nobody else writes into these dicts."""
        del scope
        return {}

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


def _by_rank(job: Job) -> tuple[bool, int, int, int]:
    return job.state == "queued", job.rank, job.priority, job.id


def _by_age(job: Job) -> tuple[bool, int]:
    return job.state == "queued", job.id


def _is_due(job: Job, now: datetime) -> bool:
    if job.state == "running":
        return job.lease_until is not None and job.lease_until <= now
    return job.state == "queued" and job.run_after <= now


def _storable(text: str | None) -> str | None:
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "?")


def _told(error: str | None) -> str | None:
    text = _storable(error)
    return None if text is None else text[:MAX_ERROR_CHARS]
