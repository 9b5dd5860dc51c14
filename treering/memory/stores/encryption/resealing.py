"""Sealing what is stored already: one walk over every column that the registry of words names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, tuple_, update

from treering.memory.stores.registry import WORD_TABLES, WordTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Column, Connection, Row, Select, Table, Update

    from treering.memory.stores.words import Words

PAGE_ROWS = 1_000
"""Rows sealed with one statement: bounds memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """The statements for one table."""

    one: WordTable
    key: Sequence[Column[Any]]
    first_page: Select[Any]
    change: Update


def reseal(connection: Connection, scope_id: int, old: Words, new: Words) -> int:
    """Seal all words of a scope with another key; returns how many rows that took.

    Raises:
        StoreUnreadable: A row cannot be opened; the transaction is to be given up.
    """
    return sum(_reseal_table(connection, scope_id, walk, old, new) for walk in _walks())


def _reseal_table(connection: Connection, scope_id: int, walk: _Walk, old: Words, new: Words) -> int:
    moved: dict[str, Callable[[Any], Any]] = {
        **dict.fromkeys(walk.one.texts, lambda text: new.seal(old.open(text))),
        **dict.fromkeys(walk.one.blobs, lambda blob: new.seal_bytes(old.open_bytes(blob))),
    }
    count = 0
    for page in _pages(connection, scope_id, walk):
        connection.execute(walk.change, [_moved_row(row, scope_id, walk.key, moved) for row in page])
        count += len(page)
    return count


def _moved_row(
    row: Row[Any], scope_id: int, key: Sequence[Column[Any]], moved: dict[str, Callable[[Any], Any]]
) -> dict[str, object]:
    stands = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    sealed = {f"new_{name}": None if stands[name] is None else move(stands[name]) for name, move in moved.items()}
    return {"of_scope": scope_id, **{f"of_{column.name}": stands[column.name] for column in key}, **sealed}


def _pages(connection: Connection, scope_id: int, walk: _Walk) -> Iterator[Sequence[Row[Any]]]:
    of_scope = {"of_scope": scope_id}
    page = connection.execute(walk.first_page, of_scope).all()
    while page:
        yield page
        if len(page) < PAGE_ROWS:
            return
        last = tuple(page[-1][: len(walk.key)])
        page = connection.execute(walk.first_page.where(tuple_(*walk.key) > tuple_(*last)), of_scope).all()


@cache
def _walks() -> tuple[_Walk, ...]:
    """Written once a process: most people are sealed when they have few rows, and it took longer than to read them."""
    return tuple(map(_walk, WORD_TABLES))


def _walk(one: WordTable) -> _Walk:
    table, key = one.table, _key(one.table)
    words = (*one.texts, *one.blobs)
    of_scope = table.c.scope_id == bindparam("of_scope")
    of_row = [column == bindparam(f"of_{column.name}") for column in key]
    return _Walk(
        one=one,
        key=key,
        first_page=select(*key, *(table.c[name] for name in words)).where(of_scope).order_by(*key).limit(PAGE_ROWS),
        change=update(table).where(of_scope, *of_row).values({name: bindparam(f"new_{name}") for name in words}),
    )


def _key(table: Table) -> list[Column[Any]]:
    """What names a row among those of its scope."""
    return [column for column in table.primary_key.columns if column.name != "scope_id"]
