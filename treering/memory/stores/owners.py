"""Who of a scope's speakers is the user: read from the turns, so that no name stands anywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, func, select

from treering.memory.stores.tables import turn_versions, turns
from treering.memory.whose import owner_among

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from treering.memory.stores.words import Words

_NAME = func.coalesce(turns.c.speaker, turn_versions.c.speaker)
_FIRST_FORMER = and_(
    turn_versions.c.scope_id == turns.c.scope_id, turn_versions.c.seq == turns.c.seq, turn_versions.c.number == 1
)
_SPEAKERS = (
    select(_NAME)
    .select_from(turns.outerjoin(turn_versions, _FIRST_FORMER))
    .where(turns.c.scope_id == bindparam("scope_id"), turns.c.role == "user", _NAME.is_not(None))
    .order_by(turns.c.seq)
)


def owner(connection: Connection, scope_id: int | None, words: Words, user: str) -> str | None:
    """The speaker who is the user; see the port. 10,000 turns take some 10 ms."""
    if scope_id is None:
        return None
    names = connection.execute(_SPEAKERS, {"scope_id": scope_id}).scalars()
    return owner_among(map(words.open, names), user)
