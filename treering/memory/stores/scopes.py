"""People as row ids: every other table refers to a scope by its number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from sqlalchemy import Connection, bindparam, collate, insert, select

from treering.memory.stores.tables import heads, scopes
from treering.memory.stores.upsert import insert_missing

if TYPE_CHECKING:
    from treering.schemas.dialogue import Scope

_FIND = select(scopes.c.id).where(scopes.c.tenant == bindparam("tenant"), scopes.c.user == bindparam("user"))
_LOCK = _FIND.join(heads, heads.c.scope_id == scopes.c.id).with_for_update(of=heads)
_ADD_HEAD = insert(heads)


KEPT_IDS = 65_536
"""Row ids that a process remembers, about 10 MB."""

MAX_PEOPLE = 2**31 - 1
"""Largest page of people: what every database can count to."""

_BY_BYTES = {"postgresql": "C", "sqlite": "BINARY"}
"""The collation by which UTF-8 is sorted byte by byte, which is the order of code points."""


class ScopeIds:
    """Row ids of scopes that are committed. They never change, and no scope's row is ever removed. Safe in threads."""

    def __init__(self, *, keep: int = KEPT_IDS) -> None:
        self._keep = keep
        self._ids: dict[tuple[str, str], int] = {}

    def get(self, scope: Scope) -> int | None:
        """The id, if it is remembered."""
        return self._ids.get((scope.tenant, scope.user))

    def put(self, scope: Scope, scope_id: int) -> None:
        """Remember an id; when there are too many, begin anew."""
        if len(self._ids) >= self._keep:
            self._ids = {}
        self._ids[scope.tenant, scope.user] = scope_id


def people_of(connection: Connection, tenant: str, *, after: str | None, limit: int) -> list[str]:
    """Users of a tenant after one of them, by code points on every database, whatever language it sorts by itself."""
    user = collate(scopes.c.user, _BY_BYTES[connection.dialect.name])
    query = select(scopes.c.user).where(scopes.c.tenant == tenant).order_by(user).limit(min(limit, MAX_PEOPLE))
    return list(connection.execute(query if after is None else query.where(user > after)).scalars())


@overload
def scope_id(connection: Connection, scope: Scope, *, lock: bool, create: Literal[True]) -> int: ...
@overload
def scope_id(connection: Connection, scope: Scope, *, lock: bool, create: bool = False) -> int | None: ...
def scope_id(connection: Connection, scope: Scope, *, lock: bool, create: bool = False) -> int | None:
    """The row id of a scope; None for an unknown one unless it is to be created, with an empty head.

    With `lock`, nobody else writes in the scope until the transaction ends, and this waits for whoever does now. Of
    two that create a scope at once, one does, and the other waits for it: with `lock`, or alone in the store.
    """
    names = {"tenant": scope.tenant, "user": scope.user}
    found = connection.execute(_LOCK if lock else _FIND, names).scalar()
    if found is None and create:
        found = _add(connection, names)
        if found is None:  # somebody was faster, and has committed by now
            found = connection.execute(_LOCK, names).scalar_one()
    return None if found is None else int(found)


def _add(connection: Connection, names: dict[str, str]) -> int | None:
    added = connection.execute(insert_missing(connection, scopes).returning(scopes.c.id), names).scalar()
    if added is not None:
        connection.execute(_ADD_HEAD, {"scope_id": added})
    return added
