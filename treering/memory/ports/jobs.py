"""Port to the job table: slow work, in fair order, each piece done by one worker at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from treering.schemas.jobs import JOB_KINDS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from treering.schemas.dialogue import Scope
    from treering.schemas.jobs import Job, JobKind, JobState, QueueStats


class JobQueue(Protocol):
    """Slow work, in one table: leased, fenced, retried, and never lost."""

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
        """Add a job. A queued job of the same scope, kind and payload makes it needless; a running one does not.

        Args:
            scope: Whose memory it works on.
            kind: What is done.
            now: When it may be run first.
            payload: What it needs besides.
            state: `dead` parks it for a person.
            error: Why it is parked.
            raw_reply: The model's reply that could not be read.
            priority: How urgent it is, 0 most; that of its kind by default. A queued one becomes as urgent.
            trace: The W3C `traceparent` of who asks for it; by default the span that is open here. A queued job
                keeps the first one's.
        """
        ...

    def lease(
        self,
        scope: Scope,
        kind: JobKind,
        now: datetime,
        *,
        lease_s: float,
        payload: Mapping[str, str | int] | None = None,
    ) -> Job | None:
        """Add a job of a known scope and lease it at once, so that nobody else does it; raises the scope's fence.

        None while another one of the scope runs. If its holder dies, it is due again when the lease is over, and taken
        up by whoever leases the same.
        """
        ...

    def claim(
        self,
        now: datetime,
        *,
        lease_s: float,
        scope: Scope | None = None,
        kinds: Collection[JobKind] = JOB_KINDS,
        by_age: bool = False,
    ) -> Job | None:
        """Lease the next job of these kinds that is due, of a scope where none runs; raises the scope's fence.

        A running job whose lease is over is due again, and goes first. One of a kind in `WAITS_FOR` is not begun while
        what it waits for is due. Tenants take turns, however many jobs each has;
        those of a tenant go in the order in which they were added, less urgent ones some rounds later. With `by_age`,
        the job that was added first is next.
        """
        ...

    def due_kinds(self, now: datetime) -> set[JobKind]:
        """The kinds of which some job is due, whether or not its scope is free."""
        ...

    def others_wait(self, job: Job, now: datetime, kinds: Collection[JobKind] = JOB_KINDS) -> bool:
        """Whether a queued job of these kinds and of another scope could be claimed."""
        ...

    def forgive(self, job: Job) -> None:
        """Count the attempts of a leased job anew: it got somewhere.

        Raises:
            FenceLost: Another worker has it.
        """
        ...

    def extend(self, job: Job, now: datetime, *, lease_s: float) -> Job:
        """Hold the lease longer.

        Raises:
            FenceLost: Another worker has it.
        """
        ...

    def finish(self, job: Job) -> None:
        """Mark a leased job done.

        Raises:
            FenceLost: Another worker has it.
        """
        ...

    def fail(self, job: Job, error: str, now: datetime, *, retry_at: datetime | None) -> None:
        """Put a leased job back to be run at `retry_at`, or with None let it be dead.

        Raises:
            FenceLost: Another worker has it.
        """
        ...

    def leave_rest(self, job: Job, run_after: datetime) -> None:
        """Queue what a leased job leaves to another: as urgent, of the same trace, and waiting for as long as it did.

        A job of its kind that is queued already does it, and is as urgent then, and waits for as long.
        """
        ...

    def postpone(self, job: Job, why: str, until: datetime) -> None:
        """Put a leased job back to be run at `until`, as if it had not been started.

        Raises:
            FenceLost: Another worker has it.
        """
        ...

    def cancel(self, job_id: int) -> bool:
        """Have a job not be done; False if there is none, or it is over.

        Of a running one, what it would still commit is refused: the scope's fence is raised.
        """
        ...

    def get(self, job_id: int) -> Job | None:
        """A job by its id, in whatever state; None if there is none."""
        ...

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
        """Jobs, oldest first: of one scope or tenant, in one of these states or in any, of these kinds, after an id."""
        ...

    def stats(self, now: datetime, *, tenant: str | None = None) -> QueueStats:
        """What stands in the table, of one tenant or of all, counted: one pass over the jobs that are not over."""
        ...

    def oldest(self, tenant: str, kind: JobKind) -> datetime | None:
        """Since when the tenant's first queued job waits that is as urgent as this kind; None without one."""
        ...

    def revoke(self, scope: Scope, now: datetime) -> datetime | None:
        """Take the lease of a running job away, and queue the job again; the latest end of a lease, if there was one.

        The scope's fence is raised in any case: what was computed before cannot be committed any more.
        """
        ...

    def retry(self, job_id: int, now: datetime) -> bool:
        """Queue a dead job again, as one that waits from now on; False if there is no such dead job."""
        ...

    def pending(self, scope: Scope | None = None) -> int:
        """Number of jobs that are queued or running."""
        ...

    def unknown_kinds(self, scope: Scope) -> dict[str, int]:
        """How many jobs of the scope are of kinds that this version does not know, and leaves to a newer one, by kind.

        No other method tells of them.
        """
        ...
