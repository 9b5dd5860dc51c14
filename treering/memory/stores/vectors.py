"""Vectors as SQL rows, searched exactly in memory: the default index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, insert, select, update

from treering.errors import DimensionMismatch, StoreUnreadable
from treering.memory.ports import ALWAYS, During, EntryKind, Hits, Vector, VectorEntry
from treering.memory.stores.chunks import chunks
from treering.memory.stores.vector_cache import Head, ScopeRows, VectorCache
from treering.memory.stores.vector_rows import new_epoch, row_of, vector_heads, vector_of, vectors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.memory.stores.transaction import Transaction
    from treering.schemas.dialogue import Scope


class SqlVectorIndex:
    """Search rows in the database of everything else, so they change in the same transaction.

    A search looks at the scope's head (one row), reads what is newer than the cache, and multiplies one matrix. A
    transaction that changes rows searches rows of its own, so nobody sees what is rolled back.

    Args:
        transaction: The running transaction; one index a transaction.
        fingerprint: Names the embedder whose vectors come in.
        cache: Rows in memory, shared by the transactions of a process.
    """

    def __init__(self, transaction: Transaction, *, fingerprint: str, cache: VectorCache) -> None:
        self._transaction = transaction
        self._connection = transaction.connection
        self._fingerprint = fingerprint
        self._cache = cache
        self._own: dict[int, ScopeRows] = {}

    def upsert(self, scope: Scope, entries: Sequence[VectorEntry]) -> None:
        """Store entries; one with a known id is replaced.

        Raises:
            DimensionMismatch: The scope's vectors come from another embedder.
        """
        if not entries:
            return
        scope_id = self._transaction.scope_id(scope, create=True)
        latest = {entry.id: entry for entry in entries}
        self._open(scope_id, dimension=len(entries[0].dense))
        self._delete(scope_id, list(latest))
        words = self._transaction.words(scope_id)
        self._connection.execute(insert(vectors), [row_of(scope_id, entry, words) for entry in latest.values()])

    def remove(self, scope: Scope, ids: Sequence[str]) -> None:
        """Take entries out; unknown ids are ignored."""
        scope_id = self._transaction.scope_id(scope)
        if scope_id is not None:
            self._advance(scope_id)
            self._delete(scope_id, ids)

    def search(
        self,
        scope: Scope,
        dense: Vector,
        terms: Mapping[int, int],
        *,
        kind: EntryKind,
        limit: int = 50,
        during: During = ALWAYS,
    ) -> Hits:
        """The best `limit` entries of each list, exactly.

        Raises:
            DimensionMismatch: The scope's vectors come from another embedder.
            StoreUnreadable: A row is damaged.
        """
        scope_id = self._transaction.scope_id(scope)
        head = None if scope_id is None else self._head(scope_id)
        if scope_id is None or head is None or not self._holds_ours(scope_id, head, len(dense)):
            return Hits()
        own = self._own.get(scope_id)
        rows = self._cache.of(scope_id) if own is None else own
        with rows.lock:
            if self._bring(rows, head, scope_id) and own is None:
                self._cache.settle(scope_id, rows)
            of_kind = rows.kinds.get(kind)
            return Hits() if of_kind is None else of_kind.matrix.search(dense, terms, limit=limit, during=during)

    def _bring(self, rows: ScopeRows, head: Head, scope_id: int) -> bool:
        try:
            return rows.bring_to(head, self._connection, scope_id, self._transaction.words(scope_id))
        except ValueError as error:
            raise StoreUnreadable("the table of vectors", f"a row is damaged ({error})") from error

    def dense(self, scope: Scope, ids: Sequence[str]) -> dict[str, Vector]:
        """The stored vectors of entries, by id; unknown ones are left out, and those of another embedder."""
        scope_id = self._transaction.scope_id(scope)
        head = None if scope_id is None else self._head(scope_id)
        if scope_id is None or head is None or head.fingerprint != self._fingerprint:
            return {}
        words = self._transaction.words(scope_id)
        rows = select(vectors.c.entry_id, vectors.c.dense).where(vectors.c.scope_id == scope_id)
        return {
            name: vector_of(blob, words)
            for some in chunks(ids)
            for name, blob in self._connection.execute(rows.where(vectors.c.entry_id.in_(some)))
        }

    def ids(self, scope: Scope) -> set[str]:
        """The ids of all entries of the scope."""
        scope_id = self._transaction.scope_id(scope)
        found = self._connection.execute(select(vectors.c.entry_id).where(vectors.c.scope_id == scope_id))
        return set(found.scalars())

    def clear(self, scope: Scope) -> None:
        """Remove everything of the scope."""
        scope_id = self._transaction.scope_id(scope)
        if scope_id is not None:
            self._advance(scope_id)
            self._connection.execute(delete(vectors).where(vectors.c.scope_id == scope_id))
            self._note_removal(scope_id)
            self._transaction.after_commit(lambda: self._cache.drop(scope_id))

    def count(self, scope: Scope) -> int:
        """Number of entries of the scope."""
        scope_id = self._transaction.scope_id(scope)
        return 0 if scope_id is None else self._count(scope_id)

    def _head(self, scope_id: int) -> Head | None:
        found = self._connection.execute(_HEAD, {"scope": scope_id}).one_or_none()
        return None if found is None else Head(*found)

    def _count(self, scope_id: int) -> int:
        return int(self._connection.execute(_COUNT, {"scope": scope_id}).scalar_one())

    def _holds_ours(self, scope_id: int, head: Head, dimension: int) -> bool:
        """Whether the rows come from our embedder; False also when there are none.

        Raises:
            DimensionMismatch: They come from another.
        """
        if (head.fingerprint, head.dimension) == (self._fingerprint, dimension):
            return True
        if self._count(scope_id):
            raise DimensionMismatch(
                f"{head.fingerprint} ({head.dimension} numbers)", f"{self._fingerprint} ({dimension} numbers)"
            )
        return False

    def _open(self, scope_id: int, *, dimension: int) -> None:
        """Make the scope ready for vectors of our embedder."""
        head = self._head(scope_id)
        if head is not None and self._holds_ours(scope_id, head, dimension):
            self._advance(scope_id)
            return
        ours = {"epoch": new_epoch(), "fingerprint": self._fingerprint, "dimension": dimension}
        if head is None:
            self._own[scope_id] = ScopeRows()
            self._connection.execute(insert(vector_heads).values(scope_id=scope_id, version=1, removed_at=0, **ours))
        else:
            self._advance(scope_id, **ours)

    def _advance(self, scope_id: int, **changes: object) -> None:
        """Count a change. It comes first, as on PostgreSQL it also keeps other writers of the scope waiting."""
        self._own.setdefault(scope_id, ScopeRows())
        head = update(vector_heads).where(vector_heads.c.scope_id == scope_id)
        self._connection.execute(head.values(version=vector_heads.c.version + 1, **changes))

    def _delete(self, scope_id: int, ids: Sequence[str]) -> None:
        removed = 0
        for some in chunks(ids):
            these = delete(vectors).where(vectors.c.scope_id == scope_id, vectors.c.entry_id.in_(some))
            removed += self._connection.execute(these).rowcount
        if removed:
            self._note_removal(scope_id)

    def _note_removal(self, scope_id: int) -> None:
        head = update(vector_heads).where(vector_heads.c.scope_id == scope_id)
        self._connection.execute(head.values(removed_at=vector_heads.c.version))


_HEAD = select(
    vector_heads.c.epoch,
    vector_heads.c.version,
    vector_heads.c.removed_at,
    vector_heads.c.fingerprint,
    vector_heads.c.dimension,
).where(vector_heads.c.scope_id == bindparam("scope"))
_COUNT = select(func.count()).select_from(vectors).where(vectors.c.scope_id == bindparam("scope"))
