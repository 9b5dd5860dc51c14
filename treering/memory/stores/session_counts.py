"""Sessions counted anew from their turns."""

from __future__ import annotations

from sqlalchemy import Connection, case, delete, func, insert, select

from treering.memory.stores.tables import sessions, turns
from treering.schemas.dialogue import MAX_INDEX

_LAST = func.max(turns.c["index"])


def recount(connection: Connection, scope_id: int) -> None:
    """Replace the rows of a scope's sessions by what its turns say; a session keeps whether it has ended."""
    ended = set(
        connection.execute(
            select(sessions.c.session).where(sessions.c.scope_id == scope_id, sessions.c.ended.is_(True))
        ).scalars()
    )
    counted = connection.execute(
        select(
            turns.c.session,
            func.min(turns.c.seq).label("first_seq"),
            func.min(turns.c.at).label("started_at"),
            func.max(turns.c.at).label("last_at"),
            func.count().label("turns"),
            case((_LAST < MAX_INDEX, _LAST + 1), else_=MAX_INDEX).label("next_index"),
        )
        .where(turns.c.scope_id == scope_id)
        .group_by(turns.c.session)
    ).mappings()
    rows = [{**row, "scope_id": scope_id, "ended": row["session"] in ended} for row in counted]
    connection.execute(delete(sessions).where(sessions.c.scope_id == scope_id))
    if rows:
        connection.execute(insert(sessions), rows)
