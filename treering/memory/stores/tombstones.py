"""Tombstones in SQL: keyed hashes of what was forgotten, and the key of each scope."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from treering.memory.stores.chunks import chunks
from treering.memory.stores.tables import tombstone_keys, tombstones
from treering.memory.tombstones import KEY_BYTES, NO_TOMBSTONES, TombstoneKind, Tombstones, turn_mark

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from treering.memory.stores.transaction import Transaction
    from treering.schemas.dialogue import Scope, Turn

_KEY = select(tombstone_keys.c.key).where(tombstone_keys.c.scope_id == bindparam("scope_id"))
_OF_CLAIMS = select(tombstones.c.mark).where(
    tombstones.c.scope_id == bindparam("scope_id"), tombstones.c.kind == "claim"
)
_THESE = select(tombstones.c.mark).where(
    tombstones.c.scope_id == bindparam("scope_id"), tombstones.c.mark.in_(bindparam("marks", expanding=True))
)


class SqlTombstones:
    """Keyed hashes of what was forgotten, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._connection = transaction.connection

    def of_claims(self, scope: Scope) -> Tombstones:
        """The marks of forgotten claims."""
        scope_id = self._transaction.scope_id(scope)
        key = None if scope_id is None else self._connection.execute(_KEY, {"scope_id": scope_id}).scalar()
        if key is None:
            return NO_TOMBSTONES
        marks = self._connection.execute(_OF_CLAIMS, {"scope_id": scope_id}).scalars()
        return Tombstones(key=self._transaction.unwrap(scope, key), marks=frozenset(marks))

    def forbids(self, scope: Scope, content: str) -> bool:
        """Whether a turn must not say this: one that did was forgotten."""
        scope_id = self._transaction.scope_id(scope)
        key = None if scope_id is None else self._connection.execute(_KEY, {"scope_id": scope_id}).scalar()
        if scope_id is None or key is None:
            return False
        mark = turn_mark(self._transaction.unwrap(scope, key), content)
        return bool(_known(self._connection, scope_id, [mark]))

    def key(self, scope: Scope) -> bytes:
        """The key of the scope's marks, drawn when it is first asked for."""
        scope_id = self._transaction.scope_id(scope, create=True)
        found = self._connection.execute(_KEY, {"scope_id": scope_id}).scalar()
        if found is None:
            found = self._transaction.wrap(scope, secrets.token_bytes(KEY_BYTES))
            self._connection.execute(insert(tombstone_keys), {"scope_id": scope_id, "key": found})
        return self._transaction.unwrap(scope, found)

    def put(self, scope: Scope, kind: TombstoneKind, marks: Collection[str], now: datetime) -> int:
        """Set marks; returns how many are new."""
        scope_id = self._transaction.scope_id(scope, create=True)
        new = sorted(set(marks) - _known(self._connection, scope_id, marks))
        if new:
            rows = [{"scope_id": scope_id, "mark": mark, "kind": kind, "at": now} for mark in new]
            self._connection.execute(insert(tombstones), rows)
        return len(new)

    def lift(self, scope: Scope, marks: Collection[str] | None = None) -> int:
        """Take marks away (None: all of the scope); returns how many there were."""
        scope_id = self._transaction.scope_id(scope)
        of_scope = delete(tombstones).where(tombstones.c.scope_id == scope_id)
        if marks is None:
            return self._connection.execute(of_scope).rowcount
        return sum(
            self._connection.execute(of_scope.where(tombstones.c.mark.in_(some))).rowcount
            for some in chunks(sorted(set(marks)))
        )


def without_forgotten(
    connection: Connection, scope_id: int, key: bytes, turns: Sequence[Turn]
) -> tuple[list[Turn], frozenset[str]]:
    """Turns, empty where they say what was forgotten; and the message ids of those."""
    marks = {turn.message_id: turn_mark(key, turn.content) for turn in turns}
    known = _known(connection, scope_id, marks.values())
    gone = frozenset(name for name, mark in marks.items() if mark in known)
    nothing: dict[str, object] = {"content": "", "speaker": None, "metadata": {}}
    return [turn.model_copy(update=nothing) if turn.message_id in gone else turn for turn in turns], gone


def _known(connection: Connection, scope_id: int, marks: Collection[str]) -> set[str]:
    found: set[str] = set()
    for some in chunks(sorted(set(marks))):
        found.update(connection.execute(_THESE, {"scope_id": scope_id, "marks": some}).scalars())
    return found
