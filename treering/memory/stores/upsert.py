"""What SQLAlchemy spells by dialect: insert-or-replace, insert-or-leave, and a list of numbers as rows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import JSON, Integer, Text, bindparam, cast, func
from sqlalchemy.dialects import sqlite

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Connection, Executable, Table
    from sqlalchemy.dialects import postgresql

    _Insert = sqlite.Insert | postgresql.Insert


def upsert(connection: Connection, table: Table) -> Executable:
    """A statement that inserts a row, or replaces the one with the same primary key."""
    return _replacing(connection.dialect.name, table)


def insert_missing(connection: Connection, table: Table) -> _Insert:
    """A statement that inserts a row, or does nothing where one with the same unique columns is there."""
    return _leaving(connection.dialect.name, table)


def numbers(dialect: str, parameter: str) -> ColumnElement[int]:
    """The whole numbers in a JSON list that is bound as a parameter, as a column to select from."""
    bound = bindparam(parameter, type_=Text)
    # JSON, because SQLite has no arrays to bind, and a list of values is another statement for each length.
    rows = func.json_each(bound) if dialect == "sqlite" else func.json_array_elements_text(cast(bound, JSON))
    return cast(rows.table_valued("value").c.value, Integer)


@cache
def _leaving(dialect: str, table: Table) -> _Insert:
    return _insert(dialect)(table).on_conflict_do_nothing()


@cache
def _replacing(dialect: str, table: Table) -> Executable:
    insert = _insert(dialect)(table)
    keys = list(table.primary_key.columns)
    rest = {column.name: insert.excluded[column.name] for column in table.columns if column not in set(keys)}
    return insert.on_conflict_do_update(index_elements=keys, set_=rest)


def _insert(dialect: str) -> Callable[[Table], _Insert]:
    if dialect == "sqlite":
        return sqlite.insert
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - 20 ms that an embedded store need not pay

    return postgresql.insert
