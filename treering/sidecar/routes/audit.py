"""What callers of a tenant did."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from treering.schemas.access import AuditEntry
from treering.sidecar.access import Admin
from treering.sidecar.problems import described
from treering.sidecar.routes import Remembers
from treering.sidecar.routes.paging import PAGE, Cursor, Limit, Page, page_until, place_of

router = APIRouter(prefix="/v1/audit", tags=["audit"], responses=described())

Person = Annotated[str | None, Query(min_length=1, description="Only about this person.", examples=["ana"])]


@router.get("")
def audit(
    memory: Remembers, caller: Admin, *, user: Person = None, cursor: Cursor = None, limit: Limit = PAGE
) -> Page[AuditEntry]:
    """Requests about memories of the tenant, newest first. People are keyed hashes of their ids."""
    before = place_of(cursor) or None
    found = memory.audit(user, before=before, limit=limit + 1, tenant=caller.tenant)
    return page_until(found, limit=limit, place=lambda entry: entry.id)
