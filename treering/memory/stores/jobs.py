"""The job queue in SQL: one table, leases, and a fencing token a scope."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Row, and_, bindparam, case, delete, func, insert, literal, select, update

from treering.errors import FenceLost
from treering.memory.digest import canonical
from treering.memory.stores.due import WITH_SCOPE, due_kinds, next_due
from treering.memory.stores.tables import heads, jobs
from treering.memory.stores.words import open_or_none, seal_or_none
from treering.schemas.claims import FORGOTTEN
from treering.schemas.dialogue import Scope
from treering.schemas.jobs import JOB_KINDS, Job, JobKind, JobState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from treering.memory.stores.transaction import Transaction

KEEP_DONE = 100
"""Finished jobs kept a scope, to look at; older ones are removed as new ones finish."""

MAX_ERROR_CHARS = 2_000
"""What is kept of an error, in characters; some quote a whole prompt."""

_OPEN: tuple[JobState, ...] = ("queued", "running")

_SAME_QUEUED = select(jobs.c.id).where(
    jobs.c.scope_id == bindparam("scope_id"),
    jobs.c.state == "queued",
    jobs.c.kind == bindparam("kind"),
    jobs.c.payload == bindparam("payload"),
)
_SAME_RUNNING = select(jobs.c.id).where(
    jobs.c.scope_id == bindparam("scope_id"),
    jobs.c.state == "running",
    jobs.c.kind == bindparam("kind"),
    jobs.c.payload == bindparam("payload"),
)
_FIND = WITH_SCOPE.where(jobs.c.id == bindparam("of_job"))
_ADD = insert(jobs)
_RAISE_FENCE = (
    update(heads)
    .where(heads.c.scope_id == bindparam("of_scope"))
    .values(fence=heads.c.fence + 1)
    .returning(heads.c.fence)
)
_RUNS = select(jobs.c.id).where(
    jobs.c.scope_id == bindparam("of_scope"), jobs.c.state == "running", jobs.c.lease_until > bindparam("now")
)
_LEASE = (
    update(jobs)
    .where(jobs.c.id == bindparam("of_job"))
    .values(
        state="running",
        attempts=jobs.c.attempts + 1,
        fence=bindparam("fence"),
        lease_until=bindparam("lease_until"),
        error=case((jobs.c.error == FORGOTTEN, None), else_=jobs.c.error),
    )
)


class SqlJobQueue:
    """Slow work, in one table: leased, fenced, retried, and never lost."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._connection = transaction.connection

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
        scope_id = self._transaction.scope_id(scope, create=True)
        same = {"scope_id": scope_id, "kind": kind, "payload": canonical(dict(payload or {}))}
        if state == "queued" and self._connection.execute(_SAME_QUEUED, same).first() is not None:
            return
        row = {"state": state, "attempts": 0, "run_after": now, "fence": 0}
        words = self._transaction.words(scope_id)
        why = {
            "error": seal_or_none(words, _told(error)),
            "raw_reply": seal_or_none(words, _storable(raw_reply)),
        }
        self._connection.execute(_ADD, {**same, **row, **why})

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
        scope_id = self._transaction.scope_id(scope)
        if scope_id is None or self._connection.execute(_RUNS, {"of_scope": scope_id, "now": now}).first() is not None:
            return None
        same = {"scope_id": scope_id, "kind": kind, "payload": canonical(dict(payload or {}))}
        job_id = self._connection.execute(_SAME_RUNNING, same).scalar()
        if job_id is None:
            row = same | {"state": "running", "attempts": 0, "run_after": now, "fence": 0}
            job_id = self._connection.execute(_ADD.returning(jobs.c.id), row).scalar_one()
        fence = self._connection.execute(_RAISE_FENCE, {"of_scope": scope_id}).scalar_one()
        lease_until = now + timedelta(seconds=lease_s)
        self._connection.execute(_LEASE, {"of_job": job_id, "fence": fence, "lease_until": lease_until})
        return self._job(self._connection.execute(_FIND, {"of_job": job_id}).one())

    def due_kinds(self, now: datetime) -> set[JobKind]:
        """The kinds of which some job is due."""
        return due_kinds(self._transaction, now)

    def claim(
        self, now: datetime, *, lease_s: float, scope: Scope | None = None, kinds: Collection[JobKind] = JOB_KINDS
    ) -> Job | None:
        """Lease the job that is due for the longest time, of a scope where none runs; raises the scope's fence."""
        row = next_due(self._transaction, now, scope, kinds)
        if row is None:
            return None
        fence = self._connection.execute(_RAISE_FENCE, {"of_scope": row.scope_id}).scalar_one()
        lease_until = now + timedelta(seconds=lease_s)
        self._connection.execute(_LEASE, {"of_job": row.id, "fence": fence, "lease_until": lease_until})
        leased = {"state": "running", "attempts": row.attempts + 1, "fence": fence, "lease_until": lease_until}
        leased["was_dropped"] = row.state == "running"
        return self._job(row).model_copy(update=leased)

    def forgive(self, job: Job) -> None:
        """Count the attempts of a leased job anew: it got somewhere."""
        self._change_leased(job, attempts=1)

    def extend(self, job: Job, now: datetime, *, lease_s: float) -> Job:
        """Hold the lease longer."""
        lease_until = now + timedelta(seconds=lease_s)
        self._change_leased(job, lease_until=lease_until)
        return job.model_copy(update={"lease_until": lease_until})

    def finish(self, job: Job) -> None:
        """Mark a leased job done, and remove finished ones that are long past."""
        scope_id = self._change_leased(job, state="done", lease_until=None, error=None, raw_reply=None)
        done = and_(jobs.c.scope_id == scope_id, jobs.c.state == "done")
        kept = select(jobs.c.id).where(done).order_by(jobs.c.id.desc()).limit(1).offset(KEEP_DONE)
        self._connection.execute(delete(jobs).where(done, jobs.c.id <= kept.scalar_subquery()))

    def fail(self, job: Job, error: str, now: datetime, *, retry_at: datetime | None) -> None:
        """Put a leased job back to be run at `retry_at`, or with None let it be dead."""
        state: JobState = "dead" if retry_at is None else "queued"
        # The raw reply stays as the row has it: the job's own copy may hold words that were erased since it was leased.
        # And the error may quote them: of a job that ran while words were erased, the next failure is told.
        words = self._transaction.words(self._transaction.scope_id(job.scope))
        told = case((jobs.c.error == FORGOTTEN, FORGOTTEN), else_=seal_or_none(words, _told(error)))
        self._change_leased(job, state=state, run_after=retry_at or now, lease_until=None, error=told)

    def jobs(self, *, scope: Scope | None = None, states: Sequence[JobState] = (), limit: int = 100) -> list[Job]:
        """Jobs, oldest first."""
        query = WITH_SCOPE.order_by(jobs.c.id).limit(limit)
        if scope is not None:
            query = query.where(jobs.c.scope_id == self._transaction.scope_id(scope))
        if states:
            query = query.where(jobs.c.state.in_(states))
        return [self._job(row) for row in self._connection.execute(query)]

    def revoke(self, scope: Scope, now: datetime) -> datetime | None:
        """Take the lease of a running job away, and queue the job again as if it had not been started."""
        scope_id = self._transaction.scope_id(scope)
        if scope_id is None:
            return None
        self._connection.execute(_RAISE_FENCE, {"of_scope": scope_id})
        running = and_(jobs.c.scope_id == scope_id, jobs.c.state == "running")
        until = self._connection.execute(select(jobs.c.lease_until).where(running)).scalars().all()
        again = {"state": "queued", "attempts": jobs.c.attempts - 1, "run_after": now, "lease_until": None}
        self._connection.execute(update(jobs).where(running).values(**again))
        return max(filter(None, until), default=None)

    def retry(self, job_id: int, now: datetime) -> bool:
        """Queue a dead job again, with its attempts forgiven; False if there is no such dead job."""
        this = literal(job_id, BigInteger)  # a number may be larger than any that was given out
        again = update(jobs).where(jobs.c.id == this, jobs.c.state == "dead")
        return self._connection.execute(again.values(state="queued", attempts=0, run_after=now)).rowcount > 0

    def pending(self, scope: Scope | None = None) -> int:
        """Number of jobs that are queued or running."""
        query = select(func.count()).select_from(jobs).where(jobs.c.state.in_(_OPEN))
        if scope is not None:
            query = query.where(jobs.c.scope_id == self._transaction.scope_id(scope))
        return self._connection.execute(query).scalar_one()

    def _job(self, row: Row[Any]) -> Job:
        words = self._transaction.words(row.scope_id)
        return Job(
            id=row.id,
            scope=Scope(tenant=row.tenant, user=row.user),
            kind=row.kind,
            payload=json.loads(row.payload),
            state=row.state,
            attempts=row.attempts,
            run_after=row.run_after,
            lease_until=row.lease_until,
            fence=row.fence,
            error=open_or_none(words, row.error),
            raw_reply=open_or_none(words, row.raw_reply),
        )

    def _change_leased(self, job: Job, **values: object) -> int:
        """Change a job that its holder may still change; returns the scope's row id.

        Raises:
            FenceLost: The scope was leased again since, or the job is no longer running under this lease.
        """
        scope_id = self._transaction.scope_id(job.scope)
        current = self._connection.execute(select(heads.c.fence).where(heads.c.scope_id == scope_id)).scalar()
        if scope_id is None or current != job.fence:
            raise FenceLost(job.fence, current or 0)
        leased = and_(
            jobs.c.id == job.id, jobs.c.scope_id == scope_id, jobs.c.fence == job.fence, jobs.c.state == "running"
        )
        if not self._connection.execute(update(jobs).where(leased).values(**values)).rowcount:
            raise FenceLost(job.fence, current)
        return scope_id


def _storable(text: str | None) -> str | None:
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "?")


def _told(error: str | None) -> str | None:
    text = _storable(error)
    return None if text is None else text[:MAX_ERROR_CHARS]
