"""The slow work of a tenant: what waits, what failed, and having it done or left."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from treering.client.intake import MAX_JOB_ID
from treering.client.memory import Memory
from treering.errors import UnknownJob
from treering.schemas.jobs import JOB_KINDS, OPEN_STATES, Job, JobKind, JobState, QueueStats
from treering.schemas.value import Value
from treering.sidecar.access import Admin, Principal
from treering.sidecar.problems import described
from treering.sidecar.routes import Remembers
from treering.sidecar.routes.paging import PAGE, Cursor, Limit, Page, page_until, place_of

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], responses=described())

JobId = Annotated[int, Path(ge=1, le=MAX_JOB_ID, description="The number of the job.", examples=[7])]
"""Which job is meant."""

Person = Annotated[str | None, Query(min_length=1, description="Only of this person.", examples=["ana"])]
States = Annotated[tuple[JobState, ...], Query(alias="state", description="Only in these states; may be given again.")]
Kinds = Annotated[tuple[JobKind, ...], Query(alias="kind", description="Only of these kinds; may be given again.")]

KINDS = tuple(sorted(JOB_KINDS))
"""Every kind, in the order of their names."""


class JobChange(Value):
    """What was done to a job."""

    changed: bool
    """Whether anything was done; false where the job was in no state for it."""
    job: Job
    """The job as it is now."""


@router.get("")
def jobs(
    memory: Remembers,
    caller: Admin,
    *,
    user: Person = None,
    states: States = OPEN_STATES,
    kinds: Kinds = KINDS,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Page[Job]:
    """Slow work, oldest first: what is queued, running or dead, with its error. States may be asked for by name."""
    found = memory.jobs(user, states=states, kinds=kinds, limit=limit + 1, after=place_of(cursor), tenant=caller.tenant)
    return page_until(found, limit=limit, place=lambda job: job.id)


@router.get("/stats")
def queue_stats(memory: Remembers, caller: Admin) -> QueueStats:
    """What is queued, running and dead, counted by kind, and since when it waits."""
    return memory.queue_stats(tenant=caller.tenant)


@router.get("/{job_id}", responses=described(404))
def job(memory: Remembers, caller: Admin, job_id: JobId) -> Job:
    """One job, in whatever state."""
    return _own(memory, caller, job_id)


@router.post("/{job_id}/retry", responses=described(404))
def retry(memory: Remembers, caller: Admin, job_id: JobId) -> JobChange:
    """Queue a dead job again, with its attempts forgiven. Any other job is left as it is."""
    _own(memory, caller, job_id)
    changed = memory.retry(job_id, tenant=caller.tenant)
    return JobChange(changed=changed, job=_own(memory, caller, job_id))


@router.post("/{job_id}/cancel", responses=described(404))
def cancel(memory: Remembers, caller: Admin, job_id: JobId) -> JobChange:
    """Have a job not be done. One that is over is left as it is."""
    _own(memory, caller, job_id)
    changed = memory.cancel(job_id, tenant=caller.tenant)
    return JobChange(changed=changed, job=_own(memory, caller, job_id))


def _own(memory: Memory, caller: Principal, job_id: int) -> Job:
    found = memory.job(job_id, tenant=caller.tenant)
    if found is None:
        raise UnknownJob(job_id)
    return found
