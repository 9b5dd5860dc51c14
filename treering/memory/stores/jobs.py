"""The job queue in SQL: one table, leases, and a fencing token a scope."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from treering.errors import FenceLost
from treering.memory.digest import canonical
from treering.memory.stores import job_words
from treering.memory.stores.due import RANK, WITH_SCOPE, due_kinds, next_due, others_wait
from treering.memory.stores.job_stats import count_jobs
from treering.memory.stores.tables import heads, jobs
from treering.memory.stores.words import seal_or_none
from treering.schemas.claims import FORGOTTEN
from treering.schemas.dialogue import Scope
from treering.schemas.jobs import (
    JOB_KINDS,
    LOWEST_PRIORITY,
    OVER_STATES,
    PENDING_STATES,
    PRIORITIES,
    Job,
    JobKind,
    JobState,
    QueueStats,
)
from treering.schemas.payloads import read_payload
from treering.telemetry.tracing import traceparent

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from treering.memory.stores.transaction import Transaction

KEEP_DONE = 20
"""Finished and cancelled jobs kept a scope, to look at; older ones are removed as new ones finish."""

_SAME_QUEUED = select(jobs.c.id, jobs.c.priority, jobs.c.queued_at).where(
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
_ADD = insert(jobs).values(rank=RANK)
_HASTEN = update(jobs).where(jobs.c.id == bindparam("of_job")).values(priority=bindparam("of_priority"), rank=RANK)
_AGE = update(jobs).where(jobs.c.id == bindparam("of_job")).values(queued_at=bindparam("waits_since"))
_RAISE_FENCE = (
    update(heads)
    .where(heads.c.scope_id == bindparam("of_scope"))
    .values(fence=heads.c.fence + 1)
    .returning(heads.c.fence)
)
_OLDEST = (
    select(jobs.c.queued_at)
    .where(jobs.c.tenant == bindparam("tenant"), jobs.c.state == "queued", jobs.c.priority == bindparam("priority"))
    .order_by(jobs.c.rank)
    .limit(1)
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
_FENCE = select(heads.c.fence).where(heads.c.scope_id == bindparam("of_scope"))
_CHANGE_LEASED = update(jobs).where(
    jobs.c.id == bindparam("of_job"),
    jobs.c.scope_id == bindparam("of_scope"),
    jobs.c.fence == bindparam("of_fence"),
    jobs.c.state == "running",
)
_OVER = and_(jobs.c.scope_id == bindparam("of_scope"), jobs.c.state.in_(OVER_STATES))
_LAST_TO_GO = select(jobs.c.id).where(_OVER).order_by(jobs.c.id.desc()).limit(1).offset(KEEP_DONE)
_CLEAR = delete(jobs).where(_OVER, jobs.c.id <= _LAST_TO_GO.scalar_subquery())


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
        priority: int | None = None,
        trace: str | None = None,
    ) -> None:
        """Add a job, unless the same one is queued already; one that is parked as dead is always added."""
        scope_id = self._transaction.scope_id(scope, create=True)
        same = {"scope_id": scope_id, "kind": kind, "payload": canonical(dict(payload or {}))}
        row = _row(scope, kind, now, state=state, priority=priority, trace=trace or traceparent())
        if state == "queued" and self._joins_queued(same, row):
            return
        words = self._transaction.words(scope_id)
        why = {
            "error": seal_or_none(words, job_words.told(error)),
            "raw_reply": seal_or_none(words, job_words.storable(raw_reply)),
        }
        self._connection.execute(_ADD, {**same, **row, **why})

    def leave_rest(self, job: Job, run_after: datetime) -> None:
        """Queue what a leased job leaves to another."""
        scope_id = self._transaction.scope_id(job.scope)
        same = {"scope_id": scope_id, "kind": job.kind, "payload": canonical({})}
        row = _row(job.scope, job.kind, run_after, state="queued", priority=job.priority, trace=job.trace)
        row["queued_at"] = job.queued_at
        if not self._joins_queued(same, row):
            self._connection.execute(_ADD, {**same, **row, "error": None, "raw_reply": None})

    def _joins_queued(self, same: Mapping[str, object], row: Mapping[str, Any]) -> bool:
        """Have a queued job that does the same become as urgent as a new one, and as old; False without one."""
        found = self._connection.execute(_SAME_QUEUED, same).first()
        if found is None:
            return False
        if row["priority"] < found.priority:
            place = {name: row[name] for name in ("of_tenant", "of_priority", "since")}
            self._connection.execute(_HASTEN, {"of_job": found.id, **place})
        if row["queued_at"] < found.queued_at:
            self._connection.execute(_AGE, {"of_job": found.id, "waits_since": row["queued_at"]})
        return True

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
            row = _row(scope, kind, now, state="running")
            job_id = self._connection.execute(_ADD.returning(jobs.c.id), {**same, **row}).scalar_one()
        fence = self._connection.execute(_RAISE_FENCE, {"of_scope": scope_id}).scalar_one()
        lease_until = now + timedelta(seconds=lease_s)
        self._connection.execute(_LEASE, {"of_job": job_id, "fence": fence, "lease_until": lease_until})
        return self._job(self._connection.execute(_FIND, {"of_job": job_id}).one())

    def due_kinds(self, now: datetime) -> set[JobKind]:
        """The kinds of which some job is due."""
        return due_kinds(self._transaction, now)

    def others_wait(self, job: Job, now: datetime, kinds: Collection[JobKind] = JOB_KINDS) -> bool:
        """Whether somebody else's job of these kinds could be claimed."""
        return others_wait(self._transaction, now, job.scope, kinds)

    def stats(self, now: datetime, *, tenant: str | None = None) -> QueueStats:
        """What stands in the table, counted."""
        return count_jobs(self._connection, now, tenant)

    def oldest(self, tenant: str, kind: JobKind) -> datetime | None:
        """Since when the tenant's first queued job of this kind's usual priority waits."""
        first = {"tenant": tenant, "priority": PRIORITIES[kind]}
        return self._connection.execute(_OLDEST, first).scalar()

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
        row = next_due(self._transaction, now, scope, kinds, by_age=by_age)
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
        self._connection.execute(_CLEAR, {"of_scope": scope_id})

    def fail(self, job: Job, error: str, now: datetime, *, retry_at: datetime | None) -> None:
        """Put a leased job back to be run at `retry_at`, or with None let it be dead."""
        state: JobState = "dead" if retry_at is None else "queued"
        # The raw reply stays as the row has it: the job's own copy may hold words that were erased since it was leased.
        why = self._told_of(job, error)
        self._change_leased(job, state=state, run_after=retry_at or now, lease_until=None, error=why)

    def postpone(self, job: Job, why: str, until: datetime) -> None:
        """Put a leased job back as if it had not been started."""
        again = {"state": "queued", "attempts": jobs.c.attempts - 1, "run_after": until, "lease_until": None}
        self._change_leased(job, **again, error=self._told_of(job, why))

    def cancel(self, job_id: int) -> bool:
        """Have a job not be done; of a running one, what it would still commit is refused."""
        found = self.get(job_id)
        if found is None or found.state in OVER_STATES:
            return False
        scope_id = self._transaction.scope_id(found.scope)  # locks it where that is done: the job may have gone on
        this = and_(jobs.c.id == found.id, jobs.c.state.not_in(OVER_STATES))
        state = self._connection.execute(select(jobs.c.state).where(this)).scalar()
        if state is None:
            return False
        if state == "running":
            self._connection.execute(_RAISE_FENCE, {"of_scope": scope_id})
        self._connection.execute(update(jobs).where(this).values(state="cancelled", lease_until=None))
        return True

    def get(self, job_id: int) -> Job | None:
        """A job by its id, in whatever state."""
        this = literal(job_id, BigInteger)  # a number may be larger than any that was given out
        row = self._connection.execute(WITH_SCOPE.where(jobs.c.id == this)).first()
        return None if row is None else self._job(row)

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
        query = WITH_SCOPE.where(jobs.c.kind.in_(sorted(kinds))).order_by(jobs.c.id).limit(limit)
        if after:
            query = query.where(jobs.c.id > literal(after, BigInteger))
        if scope is not None:
            query = query.where(jobs.c.scope_id == self._transaction.scope_id(scope))
        if tenant is not None:
            query = query.where(jobs.c.tenant == tenant)
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
        anew = {"state": "queued", "attempts": 0, "run_after": now, "queued_at": now}
        return self._connection.execute(again.values(**anew)).rowcount > 0

    def pending(self, scope: Scope | None = None) -> int:
        """Number of jobs that are queued or running."""
        query = (
            select(func.count()).select_from(jobs).where(jobs.c.state.in_(PENDING_STATES), jobs.c.kind.in_(JOB_KINDS))
        )
        if scope is not None:
            query = query.where(jobs.c.scope_id == self._transaction.scope_id(scope))
        return self._connection.execute(query).scalar_one()

    def unknown_kinds(self, scope: Scope) -> dict[str, int]:
        """How many jobs of the scope are left to newer versions, by kind."""
        query = select(jobs.c.kind, func.count().label("number")).where(
            jobs.c.scope_id == self._transaction.scope_id(scope),
            jobs.c.kind.not_in(JOB_KINDS),
            jobs.c.state.not_in(OVER_STATES),
        )
        return {row.kind: row.number for row in self._connection.execute(query.group_by(jobs.c.kind))}

    def _job(self, row: Row[Any]) -> Job:
        """The job of a row, also of one that a newer version wrote or that was damaged: it must not stop the others."""
        words = self._transaction.words(row.scope_id)
        payload = read_payload(row.payload)
        return Job(
            id=row.id,
            scope=Scope(tenant=row.tenant, user=row.user),
            kind=row.kind,
            payload={} if isinstance(payload, str) else payload,
            unreadable=payload if isinstance(payload, str) else None,
            state=row.state,
            attempts=row.attempts,
            run_after=row.run_after,
            lease_until=row.lease_until,
            fence=row.fence,
            priority=min(max(0, row.priority), LOWEST_PRIORITY),
            rank=row.rank,
            queued_at=row.queued_at,
            trace=row.trace,
            error=job_words.opened(words, row.error),
            raw_reply=job_words.opened(words, row.raw_reply),
        )

    def _told_of(self, job: Job, why: str) -> ColumnElement[str]:
        """What a row says of why its job goes back: nothing more where words were erased while the job ran."""
        words = self._transaction.words(self._transaction.scope_id(job.scope))
        return case((jobs.c.error == FORGOTTEN, FORGOTTEN), else_=job_words.sealed(words, why))

    def _change_leased(self, job: Job, **values: object) -> int:
        """Change a job that its holder may still change; returns the scope's row id.

        Raises:
            FenceLost: The scope was leased again since, or the job is no longer running under this lease.
        """
        scope_id = self._transaction.scope_id(job.scope)
        current = self._connection.execute(_FENCE, {"of_scope": scope_id}).scalar()
        if scope_id is None or current != job.fence:
            raise FenceLost(job.fence, current or 0)
        reckoned = {name: value for name, value in values.items() if isinstance(value, ColumnElement)}
        change = _CHANGE_LEASED.values(reckoned) if reckoned else _CHANGE_LEASED
        given = {name: value for name, value in values.items() if name not in reckoned}
        leased = {"of_job": job.id, "of_scope": scope_id, "of_fence": job.fence}
        if not self._connection.execute(change, {**leased, **given}).rowcount:
            raise FenceLost(job.fence, current)
        return scope_id


def _row(
    scope: Scope,
    kind: JobKind,
    now: datetime,
    *,
    state: JobState,
    priority: int | None = None,
    trace: str | None = None,
) -> dict[str, Any]:
    """What a new job is made of besides what it is, and what its rank is made of."""
    urgency = PRIORITIES[kind] if priority is None else priority
    place = {"of_tenant": scope.tenant, "of_priority": urgency, "since": now}
    times = {"run_after": now, "queued_at": now}
    plain = {"state": state, "attempts": 0, "fence": 0, "tenant": scope.tenant, "priority": urgency, "trace": trace}
    return {**plain, **times, **place}
