"""Committed batches as rows: how each version came about, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from treering.memory.stores.tables import batches
from treering.schemas.operations import Commit

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_OF_SCOPE = batches.c.scope_id == bindparam("scope_id")
_COMMITS = (
    select(*(batches.c[name] for name in Commit.model_fields))
    .where(_OF_SCOPE, batches.c.version > bindparam("after"))
    .order_by(batches.c.version)
)
_COMMITS_THROUGH = _COMMITS.where(batches.c.version <= bindparam("through"))
_VERSION_AT = (
    select(batches.c.version)
    .where(_OF_SCOPE, batches.c.recorded_at <= bindparam("moment"))
    .order_by(batches.c.recorded_at.desc(), batches.c.version.desc())
    .limit(1)
)


def read_commits(connection: Connection, scope_id: int, after: int, through: int | None) -> list[Commit]:
    """Batches with `after < version <= through`, oldest first."""
    bounds = {"scope_id": scope_id, "after": after}
    if through is None:
        rows = connection.execute(_COMMITS, bounds)
    else:
        rows = connection.execute(_COMMITS_THROUGH, {**bounds, "through": through})
    return [Commit.model_validate(dict(row)) for row in rows.mappings()]


def version_at(connection: Connection, scope_id: int, moment: datetime) -> int:
    """The version recorded last at or before a moment, by the clocks of those who committed; 0 before the first."""
    found = connection.execute(_VERSION_AT, {"scope_id": scope_id, "moment": moment}).scalar()
    return int(found) if found is not None else 0
