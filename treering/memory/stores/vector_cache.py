"""Matrices of scopes, kept in memory for the next search."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, bindparam, select

from treering.memory.retrieval.matrix import EntryMatrix
from treering.memory.stores.vector_rows import ENTRIES, block_of, rows_of, vectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from treering.memory.ports import EntryKind
    from treering.memory.stores.words import Words

CACHE_BYTES = 3 * 1024**3
"""Most memory for all scopes together, in bytes (3 GiB): of 110 people with 10,000 turns each at 384 dimensions, and
the summaries of these. Where more take turns, each is read anew every time: 30 times as slow."""

_PRESENT = select(vectors.c.id).where(*rows_of(vectors))
_NEW = ENTRIES.where(*rows_of(vectors), vectors.c.id > bindparam("last"))


class Head(NamedTuple):
    """Where a scope's rows of one embedder stand, as a transaction sees it."""

    epoch: int
    version: int
    removed_at: int
    dimension: int


@dataclass(slots=True)
class KindRows:
    """The rows of one kind in memory."""

    matrix: EntryMatrix
    row_ids: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    def add(self, rows: Sequence[tuple[Any, ...]], dimension: int, words: Words) -> None:
        """Append rows of `ENTRIES`."""
        self.matrix.add(block_of(rows, dimension, words))
        self.row_ids = np.concatenate([self.row_ids, np.array([row[0] for row in rows], np.int64)])

    def keep(self, present: NDArray[np.int64]) -> None:
        """Drop all but these."""
        kept = np.isin(self.row_ids, present)
        if not kept.all():
            self.matrix.keep(kept)
            self.row_ids = self.row_ids[kept]


@dataclass(slots=True)
class ScopeRows:
    """A scope's rows of one embedder in memory, and how far they go. Hold the lock while using it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    epoch: int | None = None
    version: int = 0
    last: int = 0
    """The newest row that was read."""
    kinds: dict[EntryKind, KindRows] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(len(rows.matrix) for rows in self.kinds.values())

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return sum(rows.matrix.nbytes for rows in self.kinds.values())

    def bring_to(self, head: Head, connection: Connection, scope_id: int, words: Words) -> bool:
        """Read what changed; False if nothing did. Rows newer than the transaction stay: they were committed."""
        if self.epoch != head.epoch:
            self.kinds, self.last = {}, 0
        elif self.version >= head.version:
            return False
        elif self.version < head.removed_at:
            self._drop_removed(connection, scope_id, head)
        self._add_new(connection, scope_id, head, words)
        self.epoch, self.version = head.epoch, head.version
        return True

    def _drop_removed(self, connection: Connection, scope_id: int, head: Head) -> None:
        present = connection.execute(_PRESENT, {"of_scope": scope_id, "of_epoch": head.epoch}).scalars().all()
        for rows in self.kinds.values():
            rows.keep(np.array(present, np.int64))

    def _add_new(self, connection: Connection, scope_id: int, head: Head, words: Words) -> None:
        new: dict[EntryKind, list[tuple[Any, ...]]] = {}
        asked = {"of_scope": scope_id, "of_epoch": head.epoch, "last": self.last}
        for row in connection.execute(_NEW, asked):
            new.setdefault(row.kind, []).append(tuple(row))
        for kind, rows in new.items():
            empty = KindRows(EntryMatrix(head.dimension, is_of_turns=kind == "turn"))
            self.kinds.setdefault(kind, empty).add(rows, head.dimension, words)
            self.last = max(self.last, rows[-1][0])


class VectorCache:
    """The rows of the scopes that were searched lately, bounded in bytes; each embedder's for itself.

    It holds committed rows only, and only what SQL holds too, so it may be cleared at any time.

    Args:
        max_bytes: Most memory for all scopes together; the least lately used go first.
    """

    def __init__(self, max_bytes: int = CACHE_BYTES) -> None:
        self.room = max_bytes
        """Most memory for all scopes together, in bytes."""
        self._scopes: OrderedDict[tuple[int, str], ScopeRows] = OrderedDict()
        self._sizes: dict[tuple[int, str], int] = {}
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        with self._lock:
            return sum(self._sizes.values())

    def of(self, scope_id: int, fingerprint: str) -> ScopeRows:
        """A scope's rows of an embedder, empty if they are not held; they become the latest used."""
        with self._lock:
            rows = self._scopes.setdefault((scope_id, fingerprint), ScopeRows())
            self._scopes.move_to_end((scope_id, fingerprint))
            return rows

    def settle(self, scope_id: int, fingerprint: str, rows: ScopeRows) -> None:
        """Note the size of rows that have grown, and make room."""
        with self._lock:
            if self._scopes.get((scope_id, fingerprint)) is not rows:
                return  # it went in the meantime
            self._sizes[scope_id, fingerprint] = rows.nbytes
            while sum(self._sizes.values()) > self.room:
                oldest, _ = self._scopes.popitem(last=False)
                self._sizes.pop(oldest, None)

    def drop(self, scope_id: int) -> None:
        """Let go of a scope's rows, of all embedders."""
        with self._lock:
            for held in [key for key in self._scopes if key[0] == scope_id]:
                del self._scopes[held]
                self._sizes.pop(held, None)

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._scopes.clear()
            self._sizes.clear()
