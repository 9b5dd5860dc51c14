"""People as row ids: every other table refers to a scope by its number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from sqlalchemy import Connection, bindparam, insert, select

from treering.memory.stores.tables import heads, scopes

if TYPE_CHECKING:
    from treering.schemas.dialogue import Scope

_FIND = select(scopes.c.id).where(scopes.c.tenant == bindparam("tenant"), scopes.c.user == bindparam("user"))
_ADD = insert(scopes).returning(scopes.c.id)
_ADD_HEAD = insert(heads)


@overload
def scope_id(connection: Connection, scope: Scope, *, create: Literal[True]) -> int: ...
@overload
def scope_id(connection: Connection, scope: Scope, *, create: bool = False) -> int | None: ...
def scope_id(connection: Connection, scope: Scope, *, create: bool = False) -> int | None:
    """The row id of a scope; None for an unknown one unless it is to be created, with an empty head.

    Creating needs a write transaction, which is alone in the store, so that looking first is safe.
    """
    names = {"tenant": scope.tenant, "user": scope.user}
    found = connection.execute(_FIND, names).scalar()
    if found is not None:
        return int(found)
    return _add(connection, names) if create else None


def _add(connection: Connection, names: dict[str, str]) -> int:
    added = int(connection.execute(_ADD, names).scalar_one())
    connection.execute(_ADD_HEAD, {"scope_id": added})
    return added
