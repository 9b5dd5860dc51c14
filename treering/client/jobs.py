"""The part of the SDK that looks after slow work: what waits, what failed, and doing it now."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, get_args

from treering.client.face import AsyncFace, Face, in_thread
from treering.client.intake import as_job_id, as_number, as_scope, as_tenant
from treering.errors import InvalidInput
from treering.schemas.dialogue import DEFAULT_TENANT
from treering.schemas.jobs import JOB_KINDS, OPEN_STATES, PENDING_STATES, Drained, JobState
from treering.workers.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from treering.memory.ports import UnitOfWork
    from treering.schemas.dialogue import Scope
    from treering.schemas.gates import Gate
    from treering.schemas.jobs import Job, JobKind, QueueStats
    from treering.settings import Settings
    from treering.workers.watching import Outcome

LOOKED_AT = 1_000
"""Jobs of one tenant among which the next one that is due is looked for first."""


def silently(_: Job, __: str) -> None:
    """Nobody wants to know."""


class Work(Face):
    """The slow work of a tenant. No method shows or changes a job of another one, unless `tenant` is None."""

    settings: Settings

    def jobs(
        self,
        user: str | None = None,
        *,
        states: Sequence[JobState] = OPEN_STATES,
        kinds: Collection[JobKind] = JOB_KINDS,
        limit: int = 100,
        after: int = 0,
        tenant: str | None = DEFAULT_TENANT,
    ) -> list[Job]:
        """Slow work, oldest first: by default what is queued, running or dead (with its error and raw reply).

        Args:
            user: Only this person's; everybody's without.
            states: Only in these states.
            kinds: Only of these kinds.
            limit: How many at most.
            after: Only those added after the job of this number; 0: from the first.
            tenant: The customer or application; None for all of them: for whoever operates the store, and no tenant.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash", background=False) as memory:
            ...     receipt = memory.remember("ana", "I moved to Lisbon.")
            ...     [job.kind for job in memory.jobs("ana")]
            ['listen']
        """
        scope = None if user is None else _scope(user, tenant, "jobs")
        check_names("states", states, get_args(JobState))
        check_names("kinds", kinds, JOB_KINDS)
        with self._engine.store.begin(write=False) as unit:
            return unit.jobs.jobs(
                scope=scope,
                tenant=None if tenant is None else as_tenant(tenant),
                states=states,
                kinds=kinds,
                limit=as_number("limit", limit),
                after=as_number("after", after, least=0),
            )

    def job(self, job_id: int, *, tenant: str | None = DEFAULT_TENANT) -> Job | None:
        """One job, in whatever state, also `done` and `cancelled`; None if there is none, or it is another tenant's."""
        with self._engine.store.begin(write=False) as unit:
            return _own(unit, job_id, tenant)

    def retry(self, job_id: int, *, tenant: str | None = DEFAULT_TENANT) -> bool:
        """Queue a dead job again, e.g. a window whose model reply could not be read; False if there is none."""
        with self._engine.store.begin() as unit:
            job = _own(unit, job_id, tenant)
            is_queued = job is not None and unit.jobs.retry(job.id, self._engine.clock.now())
        self._work()
        return is_queued

    def cancel(self, job_id: int, *, tenant: str | None = DEFAULT_TENANT) -> bool:
        """Have a job not be done; False if there is none, or it is over.

        What it was for stays undone until there is another such job: turns of a cancelled `listen` are not heard before
        the person's next turn, or the end of a session, queues the next one. They are kept, and can be recalled. What a
        running job would still commit is refused.
        """
        with self._engine.store.begin() as unit:
            job = _own(unit, job_id, tenant)
            return job is not None and unit.jobs.cancel(job.id)

    def queue_stats(self, *, tenant: str | None = DEFAULT_TENANT) -> QueueStats:
        """What is queued, running and dead, counted by kind, and since when it waits.

        Args:
            tenant: The customer or application; None for all of them, with those that wait for longest by name.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash", background=False) as memory:
            ...     memory.queue_stats(tenant="acme").tenants
            ()
        """
        named = None if tenant is None else as_tenant(tenant)
        with self._engine.store.begin(write=False) as unit:
            return unit.jobs.stats(self._engine.clock.now(), tenant=named)

    def model_gates(self) -> list[Gate]:
        """How much was asked of chat models lately, and which one rests: for all who share the store, by name."""
        return self._engine.store.gates()

    def drain(
        self,
        user: str | None = None,
        *,
        limit: int | None = None,
        progress: Callable[[Job, str], None] = silently,
        tenant: str | None = DEFAULT_TENANT,
    ) -> Drained:
        """Do due work now, in this thread, until none is due; other workers may do so meanwhile.

        `flush` also waits for what others have begun. A KeyboardInterrupt puts the job at hand back.

        Args:
            user: Only this person's; everybody's without.
            limit: After how many attempts to stop; none: not before nothing is due. With 0 it says what is left.
            progress: Told of each attempt, with what became of it.
            tenant: The customer or application; None for all of them.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash", background=False) as memory:
            ...     receipt = memory.remember("ana", "I moved to Lisbon.")
            ...     memory.drain("ana").left
            0
        """
        outcomes: Counter[str] = Counter()

        def on_job(job: Job, outcome: Outcome, _: float) -> None:
            outcomes[outcome] += 1
            progress(job, outcome)

        if limit is not None:
            as_number("limit", limit, least=0)
        scope = None if user is None else _scope(user, tenant, "drain")
        runner = Runner(self._engine, lease_s=self.settings.lease_s, on_job=on_job)
        if scope is None and tenant is not None:
            attempts = self._of_tenant(runner, as_tenant(tenant))
        else:
            attempts = _while(lambda: runner.run_one(scope))
        for _ in islice(attempts, limit):
            pass
        return self._left(scope, tenant, outcomes)

    def _of_tenant(self, runner: Runner, tenant: str) -> Iterator[None]:
        """Attempts at the due jobs of a tenant, in their order, one at a time."""
        limit = LOOKED_AT
        while True:
            with self._engine.store.begin(write=False) as unit:
                found = unit.jobs.jobs(tenant=tenant, states=PENDING_STATES, limit=limit)
            now = self._engine.clock.now()
            due = [job for job in found if (job.lease_until or job.run_after) <= now]
            in_order = dict.fromkeys(job.scope for job in sorted(due, key=lambda job: job.rank))
            if any(runner.run_one(scope) for scope in in_order):
                yield
            elif len(found) == limit:  # all of these wait for their time, or for somebody
                limit *= 10
            else:
                return

    def _left(self, scope: Scope | None, tenant: str | None, outcomes: Counter[str]) -> Drained:
        with self._engine.store.begin(write=False) as unit:
            queued = unit.jobs.jobs(scope=scope, tenant=tenant, states=("queued",), limit=LOOKED_AT)
            if scope is None:
                kinds = unit.jobs.stats(self._engine.clock.now(), tenant=tenant).kinds
                left = sum(one.queued + one.running for one in kinds)
            else:
                left = unit.jobs.pending(scope)
            runs = bool(unit.jobs.jobs(scope=scope, tenant=tenant, states=("running",), limit=1))
            now = self._engine.clock.now()
        due_at = min((job.run_after for job in queued), default=None)
        is_idle = not runs and len(queued) < LOOKED_AT and (due_at is None or due_at > now)
        return Drained(outcomes=dict(outcomes), left=left, due_at=due_at, is_idle=is_idle)


def check_names(what: str, given: Collection[str], known: Collection[str]) -> None:
    """Refuse what is no list of known names.

    Raises:
        InvalidInput: It is none.
    """
    if isinstance(given, str) or not set(given) <= set(known):
        raise InvalidInput(what, f"are {given!r}; give several of {', '.join(sorted(known))}")


def _scope(user: str, tenant: str | None, method: str) -> Scope:
    return as_scope(user, DEFAULT_TENANT if tenant is None else tenant, method)


def _own(unit: UnitOfWork, job_id: int, tenant: str | None) -> Job | None:
    """A job as the tenant sees it: that of another one is not there. No id reaches the store but through here."""
    job = unit.jobs.get(as_job_id(job_id))
    return job if job is not None and tenant in (None, job.scope.tenant) else None


def _while(attempt: Callable[[], bool]) -> Iterator[None]:
    while attempt():
        yield


class AsyncWork(AsyncFace):
    """The same for event loops."""

    async def jobs(
        self,
        user: str | None = None,
        *,
        states: Sequence[JobState] = OPEN_STATES,
        kinds: Collection[JobKind] = JOB_KINDS,
        limit: int = 100,
        after: int = 0,
        tenant: str | None = DEFAULT_TENANT,
    ) -> list[Job]:
        """Slow work; see `Memory.jobs`."""
        return await in_thread(
            self.memory.jobs, user, states=states, kinds=kinds, limit=limit, after=after, tenant=tenant
        )

    async def job(self, job_id: int, *, tenant: str | None = DEFAULT_TENANT) -> Job | None:
        """One job; see `Memory.job`."""
        return await in_thread(self.memory.job, job_id, tenant=tenant)

    async def retry(self, job_id: int, *, tenant: str | None = DEFAULT_TENANT) -> bool:
        """Queue a dead job again; see `Memory.retry`."""
        return await in_thread(self.memory.retry, job_id, tenant=tenant)

    async def cancel(self, job_id: int, *, tenant: str | None = DEFAULT_TENANT) -> bool:
        """Have a job not be done; see `Memory.cancel`."""
        return await in_thread(self.memory.cancel, job_id, tenant=tenant)

    async def queue_stats(self, *, tenant: str | None = DEFAULT_TENANT) -> QueueStats:
        """What is queued, running and dead, counted; see `Memory.queue_stats`."""
        return await in_thread(self.memory.queue_stats, tenant=tenant)

    async def model_gates(self) -> list[Gate]:
        """How much was asked of chat models lately; see `Memory.model_gates`."""
        return await in_thread(self.memory.model_gates)

    async def drain(
        self,
        user: str | None = None,
        *,
        limit: int | None = None,
        progress: Callable[[Job, str], None] = silently,
        tenant: str | None = DEFAULT_TENANT,
    ) -> Drained:
        """Do due work now; see `Memory.drain`."""
        return await in_thread(self.memory.drain, user, limit=limit, progress=progress, tenant=tenant)
