"""Sealing what is stored already: every column that holds words, and one walk over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, tuple_, update

from treering.memory.stores.tables import (
    claims,
    held,
    jobs,
    operation_words,
    passages,
    replies,
    subjects,
    turn_versions,
    turns,
)
from treering.memory.stores.vector_rows import vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Column, Connection, Row, Table

    from treering.memory.stores.words import Words

PAGE_ROWS = 1_000
"""Rows sealed with one statement: bounds memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedTable:
    """A table with words in it."""

    table: Table
    texts: tuple[str, ...] = ()
    """Columns sealed as text."""
    blobs: tuple[str, ...] = ()
    """Columns sealed as bytes. Salts are among them: with a salt, a guess could be held against a commitment."""


SEALED = (
    SealedTable(table=turns, texts=("content", "speaker", "metadata")),
    SealedTable(table=turn_versions, texts=("content", "speaker", "metadata")),
    SealedTable(table=subjects, texts=("name",), blobs=("salt",)),
    SealedTable(table=operation_words, texts=("words",), blobs=("salt",)),
    SealedTable(table=claims, texts=("claim",)),
    SealedTable(table=passages, texts=("passage",)),
    SealedTable(table=held, texts=("verdict",)),
    SealedTable(table=replies, texts=("reply",)),
    SealedTable(table=jobs, texts=("error", "raw_reply")),
    SealedTable(table=vectors, blobs=("dense", "terms")),
)
"""Every column that holds words, or what could tell them."""


def reseal(connection: Connection, scope_id: int, old: Words, new: Words) -> int:
    """Seal all words of a scope with another key; returns how many rows that took.

    Raises:
        StoreUnreadable: A row cannot be opened; the transaction is to be given up.
    """
    return sum(_reseal_table(connection, scope_id, sealed, old, new) for sealed in SEALED)


def _reseal_table(connection: Connection, scope_id: int, sealed: SealedTable, old: Words, new: Words) -> int:
    table = sealed.table
    key = _key(table)
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in (*sealed.texts, *sealed.blobs)}
    of_row = [column == bindparam(f"of_{column.name}") for column in key]
    change = update(table).where(table.c.scope_id == scope_id, *of_row).values(values)
    moved: dict[str, Callable[[Any], Any]] = {
        **dict.fromkeys(sealed.texts, lambda text: new.seal(old.open(text))),
        **dict.fromkeys(sealed.blobs, lambda blob: new.seal_bytes(old.open_bytes(blob))),
    }
    count = 0
    for page in _pages(connection, scope_id, sealed, key):
        connection.execute(change, [_moved_row(row, key, moved) for row in page])
        count += len(page)
    return count


def _moved_row(row: Row[Any], key: Sequence[Column[Any]], moved: dict[str, Callable[[Any], Any]]) -> dict[str, object]:
    stands = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    sealed = {f"new_{name}": None if stands[name] is None else move(stands[name]) for name, move in moved.items()}
    return {**{f"of_{column.name}": stands[column.name] for column in key}, **sealed}


def _pages(
    connection: Connection, scope_id: int, sealed: SealedTable, key: Sequence[Column[Any]]
) -> Iterator[Sequence[Row[Any]]]:
    table = sealed.table
    first = (
        select(*key, *(table.c[name] for name in (*sealed.texts, *sealed.blobs)))
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
