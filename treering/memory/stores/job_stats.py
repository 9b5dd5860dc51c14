"""The job table, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from treering.memory.stores.tables import jobs
from treering.schemas.jobs import JOB_KINDS, MAX_TENANT_STATS, OPEN_STATES, KindStats, QueueStats, TenantStats

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_SINCE = func.min(jobs.c.queued_at)
_BY_KIND = (
    select(jobs.c.kind, jobs.c.state, func.count().label("count"), _SINCE.label("oldest_at"))
    .where(jobs.c.state.in_(OPEN_STATES), jobs.c.kind.in_(JOB_KINDS))
    .group_by(jobs.c.kind, jobs.c.state)
)
_BY_TENANT = (
    select(jobs.c.tenant, func.count().label("queued"), _SINCE.label("oldest_at"))
    .where(jobs.c.state == "queued", jobs.c.kind.in_(JOB_KINDS))
    .group_by(jobs.c.tenant)
    .order_by(_SINCE, jobs.c.tenant)
    .limit(MAX_TENANT_STATS)
)


def count_jobs(connection: Connection, now: datetime, tenant: str | None = None) -> QueueStats:
    """How many jobs there are by kind and state, and who waits for how long: O(n) in the jobs that are not over."""
    by_kind, by_tenant = _BY_KIND, _BY_TENANT
    if tenant is not None:
        by_kind, by_tenant = (query.where(jobs.c.tenant == tenant) for query in (by_kind, by_tenant))
    rows = connection.execute(by_kind).all()
    kinds = [
        KindStats(
            kind=kind,
            **{row.state: row.count for row in rows if row.kind == kind},
            oldest_at=next((row.oldest_at for row in rows if row.kind == kind and row.state == "queued"), None),
        )
        for kind in sorted({row.kind for row in rows})
    ]
    tenants = [TenantStats.model_validate(dict(row._mapping)) for row in connection.execute(by_tenant)]  # noqa: SLF001 - SQLAlchemy's public name
    return QueueStats(at=now, kinds=tuple(kinds), tenants=tuple(tenants))
