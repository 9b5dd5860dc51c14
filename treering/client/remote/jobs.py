"""The slow work of a server, as far as it is the tenant's."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, get_args

from treering.client.intake import as_job_id, as_number
from treering.client.jobs import check_names, silently
from treering.client.remote.face import RemoteFace, check_tenant, not_over_http, person
from treering.errors import UnknownJob
from treering.schemas.dialogue import DEFAULT_TENANT
from treering.schemas.jobs import JOB_KINDS, OPEN_STATES, Job, JobState, QueueStats
from treering.schemas.pages import Page, cursor_at
from treering.schemas.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from treering.schemas.gates import Gate
    from treering.schemas.jobs import Drained, JobKind


class _JobChange(Value):
    changed: bool
    job: Job


class RemoteWork(RemoteFace):
    """Jobs of the tenant. All of it needs the right `admin`."""

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
        """Slow work, oldest first; see `Memory.jobs`."""
        check_tenant(tenant)
        named = None if user is None else person(user, tenant, "jobs")
        check_names("states", states, get_args(JobState))
        check_names("kinds", kinds, JOB_KINDS)
        most, place = as_number("limit", limit), as_number("after", after, least=0)
        if not kinds:  # in a query, none of them is all of them
            return []
        found = self._connection.pages(
            Page[Job],
            "/v1/jobs",
            after=cursor_at(place) if place else None,
            most=most,
            user=named,
            state=list(states or get_args(JobState)),
            kind=sorted(kinds),
        )
        return list(islice(found, most))

    def job(self, job_id: int, *, tenant: str | None = DEFAULT_TENANT) -> Job | None:
        """One job; see `Memory.job`."""
        check_tenant(tenant)
        try:
            return self._connection.get(Job, f"/v1/jobs/{as_job_id(job_id)}")
        except UnknownJob:
            return None

    def retry(self, job_id: int, *, tenant: str | None = DEFAULT_TENANT) -> bool:
        """Queue a dead job again; see `Memory.retry`."""
        return self._change(job_id, "retry", tenant)

    def cancel(self, job_id: int, *, tenant: str | None = DEFAULT_TENANT) -> bool:
        """Have a job not be done; see `Memory.cancel`."""
        return self._change(job_id, "cancel", tenant)

    def queue_stats(self, *, tenant: str | None = DEFAULT_TENANT) -> QueueStats:
        """What is queued, running and dead, counted; see `Memory.queue_stats`."""
        check_tenant(tenant)
        return self._connection.get(QueueStats, "/v1/jobs/stats")

    def model_gates(self) -> list[Gate]:
        """Not over HTTP: limits of chat models are shared by all tenants."""
        raise not_over_http("model_gates", "run `treering jobs stats` where the store is")

    def drain(
        self,
        user: str | None = None,
        *,
        limit: int | None = None,
        progress: Callable[[Job, str], None] = silently,
        tenant: str | None = DEFAULT_TENANT,
    ) -> Drained:
        """Not over HTTP, since this process would do the work: `flush` waits until the server has."""
        raise not_over_http("drain", "`flush` waits until the server has done it")

    def _change(self, job_id: int, verb: str, tenant: str | None) -> bool:
        check_tenant(tenant)
        try:
            return self._connection.post(_JobChange, f"/v1/jobs/{as_job_id(job_id)}/{verb}").changed
        except UnknownJob:
            return False
