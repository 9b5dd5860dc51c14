"""Insert-or-replace, the one statement that SQLAlchemy spells by dialect."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Table) -> Executable:
    """A statement that inserts a row, or replaces the one with the same primary key."""
    return _statement(connection.dialect.name, table)


@cache
def _statement(dialect: str, table: Table) -> Executable:
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    keys = list(table.primary_key.columns)
    rest = {column.name: insert.excluded[column.name] for column in table.columns if column not in set(keys)}
    return insert.on_conflict_do_update(index_elements=keys, set_=rest)
