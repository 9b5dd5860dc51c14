"""The tables of the search rows, and the columns that a matrix is made of."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    select,
)

from treering.memory.retrieval.hits import Place
from treering.memory.retrieval.matrix import Block
from treering.memory.stores.tables import metadata
from treering.schemas.value import MAX_IDENTIFIER_CHARS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement

    from treering.memory.ports import Vector, VectorEntry
    from treering.memory.stores.words import Words

vectors = Table(
    "vectors",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("scope_id", ForeignKey("scopes.id"), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("entry_id", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("dense", LargeBinary, nullable=False),
    Column("terms", LargeBinary, nullable=False),
    Column("session", String(MAX_IDENTIFIER_CHARS)),
    Column("index", Integer),
    Column("at", BigInteger),
    Column("is_users", Boolean),
    Column("asks", Boolean),
    UniqueConstraint("scope_id", "entry_id", "epoch"),
    Index("ix_vectors_epoch", "scope_id", "epoch", "id"),
    sqlite_autoincrement=True,  # a number that was used never comes again, so that caches can go by it
)
"""What is searched: derived data, to be made anew from turns and claims. A row is never updated, only replaced.
Rows of several embedders lie side by side, each with the `epoch` of its embedder's head. The last five
are the place of a turn."""

vector_heads = Table(
    "vector_heads",
    metadata,
    Column("scope_id", ForeignKey("scopes.id"), primary_key=True, autoincrement=False),
    Column("fingerprint", Text, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("removed_at", Integer, nullable=False),
    Column("dimension", Integer, nullable=False),
)
"""Where each scope's rows of an embedder stand: `version` counts changes, `removed_at` is the last that took rows away;
`epoch` is drawn anew with each row of this table, so that a scope that was erased and came back is not taken for the
old one."""

FLOAT = np.dtype("<f4")
"""A number of a stored vector."""

WORD = np.dtype("<u4")
"""A number of the stored terms: hash, count, hash, count, …"""

ENTRIES = select(
    *(
        vectors.c[name]
        for name in ("id", "entry_id", "kind", "dense", "terms", "session", "index", "at", "is_users", "asks")
    )
).order_by(vectors.c.id)


def rows_of(table: Table, *, of_all: bool = False) -> list[ColumnElement[bool]]:
    """Rows of `vectors` or `vector_heads` that belong to `of_scope`, and to the embedder of `of_epoch` or to all."""
    of_scope = [table.c.scope_id == bindparam("of_scope")]
    return of_scope if of_all else [*of_scope, table.c.epoch == bindparam("of_epoch")]


def new_epoch() -> int:
    """A number that no other head has."""
    return secrets.randbits(62)


def row_of(scope_id: int, epoch: int, entry: VectorEntry, words: Words) -> dict[str, object]:
    """An entry as it is stored."""
    place = entry.place
    numbers = [number for posting in sorted(entry.terms.items()) for number in posting]
    return {
        "scope_id": scope_id,
        "epoch": epoch,
        "entry_id": entry.id,
        "kind": entry.kind,
        "dense": words.seal_bytes(np.asarray(entry.dense, FLOAT).tobytes()),
        "terms": words.seal_bytes(np.array(numbers, WORD).tobytes()),
        "session": place and place.session,
        "index": place and place.index,
        "at": place and place.at,
        "is_users": place and place.is_users,
        "asks": place and place.asks,
    }


def vector_of(blob: bytes, words: Words) -> Vector:
    """A vector that is stored."""
    vector: Vector = np.frombuffer(words.open_bytes(blob), FLOAT).astype(np.float32)
    return vector


def block_of(rows: Sequence[tuple[Any, ...]], dimension: int, words: Words) -> Block:
    """Rows of `ENTRIES`, at least one and all of one kind, as columns of a matrix."""
    _, ids, _, sealed_dense, sealed_terms, *placed = zip(*rows, strict=True)
    dense = [words.open_bytes(blob) for blob in sealed_dense]
    terms = [words.open_bytes(blob) for blob in sealed_terms]
    postings = np.frombuffer(b"".join(terms), WORD).reshape(-1, 2)
    return Block(
        ids=ids,
        dense=np.frombuffer(b"".join(dense), FLOAT).reshape(len(rows), dimension),
        terms=postings[:, 0].astype(np.uint32),
        counts=postings[:, 1].astype(np.float32),
        sizes=np.array([len(blob) for blob in terms], np.int64) // (2 * WORD.itemsize),
        places=[_place(*columns) for columns in zip(*placed, strict=True)],
    )


def _place(session: str | None, index: int, at: int, is_users: bool, asks: bool) -> Place | None:
    if session is None:
        return None
    return Place(session=session, index=index, at=at, is_users=is_users, asks=asks)
