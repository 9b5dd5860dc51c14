"""Who of a scope's speakers is the user: read from the turns, so that no name stands anywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, func, or_, select, update

from treering.memory.stores.chunks import chunks
from treering.memory.stores.tables import turn_versions, turns
from treering.memory.stores.words import open_or_none
from treering.memory.whose import owner_among

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from treering.memory.stores.words import Words

_NAME = func.coalesce(turns.c.speaker, turn_versions.c.speaker)
_FIRST_FORMER = and_(
    turn_versions.c.scope_id == turns.c.scope_id, turn_versions.c.seq == turns.c.seq, turn_versions.c.number == 1
)
_OF_SCOPE = turns.c.scope_id == bindparam("of_scope")
_SPEAKERS = (
    select(turns.c.session, _NAME)
    .select_from(turns.outerjoin(turn_versions, _FIRST_FORMER))
    .where(_OF_SCOPE, turns.c.role == "user", or_(_NAME.is_not(None), turns.c.content != ""))
    .order_by(turns.c.seq)
)
_NAMED = select(turns.c.message_id, turns.c.speaker, turns.c.content != "").where(
    _OF_SCOPE, turns.c.speaker.is_not(None)
)


def owner(connection: Connection, scope_id: int | None, words: Words, user: str) -> str | None:
    """The speaker who is the user; see the port. 10,000 turns take some 10 ms."""
    if scope_id is None:
        return None
    rows = connection.execute(_SPEAKERS, {"of_scope": scope_id})
    return owner_among(((session, open_or_none(words, name)) for session, name in rows), user)


def erase_speakers(connection: Connection, scope_id: int | None, words: Words, message_ids: Sequence[str]) -> None:
    """Take the names out of erased turns, and out of those erased before, but for names that stand in others still."""
    gone = set(message_ids)
    named = [
        (one, words.open(name), is_said) for one, name, is_said in connection.execute(_NAMED, {"of_scope": scope_id})
    ]
    left = {name for one, name, is_said in named if is_said and one not in gone}
    silent = [one for one, name, is_said in named if name not in left]
    for some in chunks(silent):
        this = (turns.c.scope_id == scope_id) & turns.c.message_id.in_(some)
        connection.execute(update(turns).where(this).values(speaker=None))
