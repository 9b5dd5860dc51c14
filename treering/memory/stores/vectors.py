"""Vectors as SQL rows, searched exactly in memory: the default index."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, delete, func, insert, select, update

from treering.errors import DimensionMismatch, StoreUnreadable
from treering.memory.retrieval.candidates import Candidates
from treering.memory.retrieval.hits import ALWAYS, During, Hits
from treering.memory.stores.chunks import chunks
from treering.memory.stores.upsert import upsert
from treering.memory.stores.vector_cache import Head, ScopeRows, VectorCache
from treering.memory.stores.vector_rows import new_epoch, row_of, rows_of, vector_heads, vector_of, vectors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from treering.memory.ports import EntryKind, Vector, VectorEntry
    from treering.memory.retrieval.matrix import EntryMatrix
    from treering.memory.stores.transaction import Transaction
    from treering.schemas.dialogue import Scope


class SqlVectorIndex:
    """Search rows in the database of everything else, so they change in the same transaction.

    A search looks at the scope's head (one row), reads what is newer than the cache, and multiplies one matrix. A
    transaction that changes rows searches rows of its own, so nobody sees what is rolled back.

    Args:
        transaction: The running transaction; one index a transaction.
        fingerprint: Names the embedder whose vectors come in and are searched.
        cache: Rows in memory, shared by the transactions of a process.
    """

    def __init__(self, transaction: Transaction, *, fingerprint: str, cache: VectorCache) -> None:
        self._transaction = transaction
        self._connection = transaction.connection
        self._fingerprint = fingerprint
        self._cache = cache
        self._own: dict[int, ScopeRows] = {}

    def upsert(self, scope: Scope, entries: Sequence[VectorEntry], *, beside: bool = False) -> None:
        """Store entries; one with a known id is replaced. See the port.

        Raises:
            DimensionMismatch: The scope's vectors come from another embedder, and `beside` is not set.
        """
        if not entries:
            return
        scope_id = self._transaction.scope_id(scope, create=True)
        latest = {entry.id: entry for entry in entries}
        epoch = self._open(scope_id, dimension=len(entries[0].dense), beside=beside)
        self._delete(scope_id, list(latest), epoch)
        words = self._transaction.words(scope_id)
        rows = [row_of(scope_id, epoch, entry, words) for entry in latest.values()]
        self._connection.execute(_ADD, rows)

    def remove(self, scope: Scope, ids: Sequence[str]) -> None:
        """Take entries out, of all embedders; unknown ids are ignored."""
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
        with self._of_kind(scope, len(dense), kind) as matrix:
            return Hits() if matrix is None else matrix.search(dense, terms, limit=limit, during=during)

    def candidates(
        self, scope: Scope, dense: Vector, terms: Mapping[int, int], *, limit: int = 50, during: During = ALWAYS
    ) -> Candidates:
        """Turns as `search` finds them, in columns; raises as it does."""
        with self._of_kind(scope, len(dense), "turn") as matrix:
            return Candidates() if matrix is None else matrix.candidates(dense, terms, limit=limit, during=during)

    @contextmanager
    def _of_kind(self, scope: Scope, dimension: int, kind: EntryKind) -> Iterator[EntryMatrix | None]:
        """The entries of a kind, ready to be searched and held still; None where there are none."""
        scope_id = self._transaction.scope_id(scope)
        head = None if scope_id is None else self._head(scope_id)
        if scope_id is None or head is None or not self._is_fit(scope_id, head, dimension):
            if scope_id is not None:
                self._check_no_other(scope_id, dimension)
            yield None
            return
        own = self._own.get(scope_id)
        rows = self._cache.of(scope_id, self._fingerprint) if own is None else own
        with rows.lock:
            if self._bring(rows, head, scope_id) and own is None:
                self._cache.settle(scope_id, self._fingerprint, rows)
            if not len(rows):
                self._check_no_other(scope_id, dimension)
            of_kind = rows.kinds.get(kind)
            yield None if of_kind is None else of_kind.matrix

    def _bring(self, rows: ScopeRows, head: Head, scope_id: int) -> bool:
        try:
            return rows.bring_to(head, self._connection, scope_id, self._transaction.words(scope_id))
        except ValueError as error:
            raise StoreUnreadable("the table of vectors", f"a row is damaged ({error})") from error

    def dense(self, scope: Scope, ids: Sequence[str]) -> dict[str, Vector]:
        """The stored vectors of entries, by id; unknown ones are left out, and those of another embedder."""
        scope_id = self._transaction.scope_id(scope)
        head = None if scope_id is None else self._head(scope_id)
        if scope_id is None or head is None:
            return {}
        words = self._transaction.words(scope_id)
        return {
            name: vector_of(blob, words)
            for some in chunks(ids)
            for name, blob in self._connection.execute(_DENSE, {**_of(scope_id, head.epoch), "names": list(some)})
        }

    def ids(self, scope: Scope) -> set[str]:
        """The ids of all entries of the scope."""
        scope_id = self._transaction.scope_id(scope)
        head = None if scope_id is None else self._head(scope_id)
        if scope_id is None or head is None:
            return set()
        return set(self._connection.execute(_IDS, _of(scope_id, head.epoch)).scalars())

    def clear(self, scope: Scope) -> None:
        """Remove everything of the scope, of all embedders."""
        scope_id = self._transaction.scope_id(scope)
        if scope_id is not None:
            self._advance(scope_id)
            self._connection.execute(delete(vectors).where(vectors.c.scope_id == scope_id))
            self._note_removal(scope_id)
            self._let_go(scope_id)

    def count(self, scope: Scope) -> int:
        """Number of entries of the scope."""
        scope_id = self._transaction.scope_id(scope)
        head = None if scope_id is None else self._head(scope_id)
        if scope_id is None or head is None:
            return 0
        return int(self._connection.execute(_COUNT, _of(scope_id, head.epoch)).scalar_one())

    def others(self, scope: Scope) -> dict[str, int]:
        """How many entries of the scope other embedders have, by their fingerprint; those with none are left out."""
        scope_id = self._transaction.scope_id(scope)
        return {} if scope_id is None else {one: count for one, _, count in self._others(scope_id)}

    def drop_others(self, scope: Scope) -> None:
        """Remove the scope's entries of all other embedders."""
        scope_id = self._transaction.scope_id(scope)
        if scope_id is not None:
            heads = [vector_heads.c.scope_id == scope_id, vector_heads.c.fingerprint != self._fingerprint]
            theirs = vectors.c.epoch.in_(select(vector_heads.c.epoch).where(*heads))
            self._connection.execute(delete(vectors).where(vectors.c.scope_id == scope_id, theirs))
            self._connection.execute(delete(vector_heads).where(*heads))
            self._let_go(scope_id)

    def _head(self, scope_id: int) -> Head | None:
        return self._transaction.standing(scope_id, self._fingerprint).vectors

    def _has_rows(self, scope_id: int, head: Head) -> bool:
        first = {"scope": scope_id, "of_epoch": head.epoch}
        return self._connection.execute(_FIRST_ROW, first).first() is not None

    def _others(self, scope_id: int) -> list[tuple[str, int, int]]:
        """Fingerprint, dimension and number of rows of each other embedder that has rows, most rows first."""
        found = self._connection.execute(_OTHERS, {"scope": scope_id, "embedder": self._fingerprint})
        return [tuple(row) for row in found]

    def _is_fit(self, scope_id: int, head: Head, dimension: int) -> bool:
        """Whether our rows have this dimension; False if they had another, and have gone.

        Raises:
            DimensionMismatch: They have another.
        """
        if head.dimension != dimension and self._has_rows(scope_id, head):
            raise self._mismatch(self._fingerprint, head.dimension, dimension)
        return head.dimension == dimension

    def _check_no_other(self, scope_id: int, dimension: int) -> None:
        """Tell a scope without rows from one whose rows come from another embedder.

        Raises:
            DimensionMismatch: They do.
        """
        for fingerprint, stored, _ in self._others(scope_id):
            raise self._mismatch(fingerprint, stored, dimension)

    def _mismatch(self, fingerprint: str, stored: int, given: int) -> DimensionMismatch:
        return DimensionMismatch(f"{fingerprint} ({stored} numbers)", f"{self._fingerprint} ({given} numbers)")

    def _open(self, scope_id: int, *, dimension: int, beside: bool) -> int:
        """Make the scope ready for vectors of our embedder; the epoch of its rows."""
        head = self._head(scope_id)
        if not beside and (head is None or not self._has_rows(scope_id, head)):
            self._check_no_other(scope_id, dimension)
        if head is not None and self._is_fit(scope_id, head, dimension):
            self._advance(scope_id, head.epoch)
            return head.epoch
        fresh = Head(epoch=new_epoch(), version=1, removed_at=0, dimension=dimension)
        row = {"scope_id": scope_id, "fingerprint": self._fingerprint, **fresh._asdict()}
        self._own[scope_id] = ScopeRows()
        self._connection.execute(upsert(self._connection, vector_heads), row)
        return fresh.epoch

    def _advance(self, scope_id: int, epoch: int | None = None) -> None:
        """Count a change. It comes first, as on PostgreSQL it also keeps other writers of the scope waiting."""
        self._own.setdefault(scope_id, ScopeRows())
        advance = _ADVANCE if epoch is None else _ADVANCE_ONE
        self._connection.execute(advance, _of(scope_id, epoch))

    def _delete(self, scope_id: int, ids: Sequence[str], epoch: int | None = None) -> None:
        removed = 0
        for some in chunks(ids):
            these = {**_of(scope_id, epoch), "names": list(some)}
            removed += self._connection.execute(_DELETE if epoch is None else _DELETE_OF_ONE, these).rowcount
        if removed:
            self._note_removal(scope_id, epoch)

    def _note_removal(self, scope_id: int, epoch: int | None = None) -> None:
        note = _NOTE_REMOVAL if epoch is None else _NOTE_REMOVAL_OF_ONE
        self._connection.execute(note, _of(scope_id, epoch))

    def _let_go(self, scope_id: int) -> None:
        self._transaction.after_commit(lambda: self._cache.drop(scope_id))


_FIRST_ROW = (
    select(vectors.c.id)
    .where(vectors.c.scope_id == bindparam("scope"), vectors.c.epoch == bindparam("of_epoch"))
    .limit(1)
)
_ROWS = func.count().label("rows")
_OTHERS = (
    select(vector_heads.c.fingerprint, vector_heads.c.dimension, _ROWS)
    .join(vectors, and_(vectors.c.scope_id == vector_heads.c.scope_id, vectors.c.epoch == vector_heads.c.epoch))
    .where(vector_heads.c.scope_id == bindparam("scope"), vector_heads.c.fingerprint != bindparam("embedder"))
    .group_by(vector_heads.c.fingerprint, vector_heads.c.dimension)
    .order_by(_ROWS.desc(), vector_heads.c.fingerprint)
)
_NAMED = vectors.c.entry_id.in_(bindparam("names", expanding=True))
_DENSE = select(vectors.c.entry_id, vectors.c.dense).where(*rows_of(vectors), _NAMED)
_IDS = select(vectors.c.entry_id).where(*rows_of(vectors))
_COUNT = select(func.count()).select_from(vectors).where(*rows_of(vectors))
_ADD = insert(vectors)
# Of all embedders, and of one.
_DELETE, _DELETE_OF_ONE = (delete(vectors).where(*rows_of(vectors, of_all=all_), _NAMED) for all_ in (True, False))
_HEADS, _HEAD_OF_ONE = (update(vector_heads).where(*rows_of(vector_heads, of_all=all_)) for all_ in (True, False))
_ADVANCE, _ADVANCE_ONE = (one.values(version=vector_heads.c.version + 1) for one in (_HEADS, _HEAD_OF_ONE))
_NOTE_REMOVAL, _NOTE_REMOVAL_OF_ONE = (one.values(removed_at=vector_heads.c.version) for one in (_HEADS, _HEAD_OF_ONE))


def _of(scope_id: int, epoch: int | None) -> dict[str, int]:
    """What names the rows of one embedder, or of all; an update refuses what it does not ask for."""
    return {"of_scope": scope_id} if epoch is None else {"of_scope": scope_id, "of_epoch": epoch}
