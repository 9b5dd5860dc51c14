"""Sealing what is stored already: one walk over every column that the registry of words names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, tuple_, update

from treering.memory.stores.registry import WORD_TABLES, WordTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Column, Connection, Row, Table

    from treering.memory.stores.words import Words

PAGE_ROWS = 1_000
"""Rows sealed with one statement: bounds memory."""


def reseal(connection: Connection, scope_id: int, old: Words, new: Words) -> int:
    """Seal all words of a scope with another key; returns how many rows that took.

    Raises:
        StoreUnreadable: A row cannot be opened; the transaction is to be given up.
    """
    return sum(_reseal_table(connection, scope_id, one, old, new) for one in WORD_TABLES)


def _reseal_table(connection: Connection, scope_id: int, one: WordTable, old: Words, new: Words) -> int:
    table = one.table
    key = _key(table)
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in (*one.texts, *one.blobs)}
    of_row = [column == bindparam(f"of_{column.name}") for column in key]
    change = update(table).where(table.c.scope_id == scope_id, *of_row).values(values)
    moved: dict[str, Callable[[Any], Any]] = {
        **dict.fromkeys(one.texts, lambda text: new.seal(old.open(text))),
        **dict.fromkeys(one.blobs, lambda blob: new.seal_bytes(old.open_bytes(blob))),
    }
    count = 0
    for page in _pages(connection, scope_id, one, key):
        connection.execute(change, [_moved_row(row, key, moved) for row in page])
        count += len(page)
    return count


def _moved_row(row: Row[Any], key: Sequence[Column[Any]], moved: dict[str, Callable[[Any], Any]]) -> dict[str, object]:
    stands = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    sealed = {f"new_{name}": None if stands[name] is None else move(stands[name]) for name, move in moved.items()}
    return {**{f"of_{column.name}": stands[column.name] for column in key}, **sealed}


def _pages(
    connection: Connection, scope_id: int, one: WordTable, key: Sequence[Column[Any]]
) -> Iterator[Sequence[Row[Any]]]:
    table = one.table
    first = (
        select(*key, *(table.c[name] for name in (*one.texts, *one.blobs)))
        .where(table.c.scope_id == scope_id)
        .order_by(*key)
        .limit(PAGE_ROWS)
    )
    page = connection.execute(first).all()
    while page:
        yield page
        last = tuple(page[-1][: len(key)])
        page = connection.execute(first.where(tuple_(*key) > tuple_(*last))).all() if len(page) == PAGE_ROWS else []


def _key(table: Table) -> list[Column[Any]]:
    """What names a row among those of its scope."""
    return [column for column in table.primary_key.columns if column.name != "scope_id"]
