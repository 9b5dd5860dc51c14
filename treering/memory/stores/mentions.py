"""What turns mention, in SQL, and the graph that it makes, in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sqlalchemy import bindparam, delete, func, insert, select, update

from treering.errors import StoreUnreadable
from treering.memory.retrieval.associate import NOTHING, EntityGraph, Mentioned
from treering.memory.stores.chunks import chunks
from treering.memory.stores.scope_cache import ScopeCache
from treering.memory.stores.tables import mention_heads, mentions
from treering.memory.stores.upsert import insert_missing
from treering.memory.stores.vector_rows import WORD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.memory.retrieval.associate import Mention
    from treering.memory.stores.transaction import Transaction
    from treering.schemas.dialogue import Scope

GRAPH_BYTES = 512 * 1024**2
"""Most memory for the graphs of all scopes together, in bytes (512 MiB): of 150 people with 10,000 turns each."""

GraphCache = ScopeCache[int, EntityGraph]
"""Graphs by the version that they show: what is committed, so it may be cleared at any time. Hashes and ids only."""


def graph_cache(room: int = GRAPH_BYTES) -> GraphCache:
    """An empty one, for so many bytes."""
    return GraphCache(room=room)


class _Head(NamedTuple):
    version: int
    rewritten_at: int


class SqlMentions:
    """What turns mention, by message. A graph is read whole once, and grown by the turns that come later.

    A transaction that changes a scope makes graphs of its own, so nobody sees what is rolled back.

    Args:
        transaction: The running transaction.
        cache: Graphs in memory, shared by the transactions of a process.
    """

    def __init__(self, transaction: Transaction, cache: GraphCache) -> None:
        self._transaction = transaction
        self._connection = transaction.connection
        self._cache = cache
        self._changed: set[int] = set()

    def put(self, scope: Scope, new: Sequence[Mention]) -> None:
        """Store what turns mention; a known turn's is replaced. The same once more changes nothing, for the graphs."""
        if not new:
            return
        scope_id = self._transaction.scope_id(scope, create=True)
        packed = {one.message_id: (one.seq, _packed(one)) for one in new}
        known = self._known(scope_id, list(packed))
        stale = [name for name, row in known.items() if row != packed[name]]
        fresh = {name: row for name, row in packed.items() if row[1] and row != known.get(name)}
        self._delete(scope_id, stale)
        is_later = bool(fresh) and min(seq for seq, _ in fresh.values()) > self._last_seq(scope_id)
        words = self._transaction.words(scope_id)
        rows = [
            {"scope_id": scope_id, "message_id": name, "seq": seq, "entities": words.seal_bytes(blob)}
            for name, (seq, blob) in fresh.items()
        ]
        if rows:
            self._connection.execute(_ADD, rows)
        if rows or stale:
            self._advance(scope_id, is_rewriting=bool(stale) or not is_later)

    def remove(self, scope: Scope, message_ids: Sequence[str]) -> None:
        """Take turns out; unknown ones are ignored."""
        scope_id = self._transaction.scope_id(scope)
        if scope_id is not None and self._delete(scope_id, message_ids):
            self._advance(scope_id, is_rewriting=True)

    def clear(self, scope: Scope) -> None:
        """Take all turns of the scope out."""
        scope_id = self._transaction.scope_id(scope)
        if scope_id is not None:
            self._connection.execute(delete(mentions).where(mentions.c.scope_id == scope_id))
            self._advance(scope_id, is_rewriting=True)
            self._transaction.after_commit(lambda: self._cache.drop(scope_id))

    def graph(self, scope: Scope) -> EntityGraph:
        """All turns of the scope with what they mention, to be walked; see the port.

        Raises:
            StoreUnreadable: A row is damaged.
        """
        scope_id = self._transaction.scope_id(scope)
        head = None if scope_id is None else self._head(scope_id)
        if scope_id is None or head is None:
            return EntityGraph()
        kept = None if scope_id in self._changed else self._cache.get(scope_id)
        if kept is not None and kept.stamp >= head.version:
            return kept.value
        known = NOTHING if kept is None or kept.stamp < head.rewritten_at else kept.value.mentioned
        graph = EntityGraph(known.with_(self._after(scope_id, int(known.seqs[-1]) if known.ids else 0)))
        if scope_id not in self._changed:
            self._cache.put(scope_id, stamp=head.version, value=graph, size=graph.nbytes)
        return graph

    def _head(self, scope_id: int) -> _Head | None:
        found = self._connection.execute(_HEAD, {"scope": scope_id}).one_or_none()
        return None if found is None else _Head(*found)

    def _last_seq(self, scope_id: int) -> int:
        return int(self._connection.execute(_LAST, {"scope": scope_id}).scalar() or 0)

    def _known(self, scope_id: int, message_ids: Sequence[str]) -> dict[str, tuple[int, bytes]]:
        """What is stored of these turns, opened."""
        words = self._transaction.words(scope_id)
        found: dict[str, tuple[int, bytes]] = {}
        for some in chunks(message_ids):
            rows = self._connection.execute(_NAMED, {"scope": scope_id, "seq": 0, "names": list(some)})
            found |= {row.message_id: (row.seq, words.open_bytes(row.entities)) for row in rows}
        return found

    def _after(self, scope_id: int, seq: int) -> Mentioned:
        rows = self._connection.execute(_ROWS, {"scope": scope_id, "seq": seq}).all()
        words = self._transaction.words(scope_id)
        try:
            opened = [words.open_bytes(row.entities) for row in rows]
            return Mentioned(
                ids=[row.message_id for row in rows],
                seqs=np.array([row.seq for row in rows], np.int64),
                entities=np.frombuffer(b"".join(opened), WORD).reshape(-1, 2)[:, 0].astype(np.uint32),
                sizes=np.array([len(blob) for blob in opened], np.int64) // (2 * WORD.itemsize),
            )
        except ValueError as error:
            raise StoreUnreadable("the table of mentions", f"a row is damaged ({error})") from error

    def _delete(self, scope_id: int, message_ids: Sequence[str]) -> bool:
        """Whether there was anything to take out."""
        removed = 0
        for some in chunks(message_ids):
            these = delete(mentions).where(mentions.c.scope_id == scope_id, mentions.c.message_id.in_(some))
            removed += self._connection.execute(these).rowcount
        return removed > 0

    def _advance(self, scope_id: int, *, is_rewriting: bool) -> None:
        """Count a change; graphs from before one that is rewriting are of no use any more."""
        self._changed.add(scope_id)
        start = {"scope_id": scope_id, "version": 0, "rewritten_at": 0}
        self._connection.execute(insert_missing(self._connection, mention_heads), start)
        self._connection.execute(_REWRITE if is_rewriting else _ADVANCE, {"scope": scope_id})


_HEAD = select(mention_heads.c.version, mention_heads.c.rewritten_at).where(
    mention_heads.c.scope_id == bindparam("scope")
)
_LAST = select(func.max(mentions.c.seq)).where(mentions.c.scope_id == bindparam("scope"))
_ROWS = (
    select(mentions.c.message_id, mentions.c.seq, mentions.c.entities)
    .where(mentions.c.scope_id == bindparam("scope"), mentions.c.seq > bindparam("seq"))
    .order_by(mentions.c.seq)
)

_ADD = insert(mentions)
_NEXT = mention_heads.c.version + 1
_OF_SCOPE = update(mention_heads).where(mention_heads.c.scope_id == bindparam("scope"))
_ADVANCE = _OF_SCOPE.values(version=_NEXT)
_REWRITE = _OF_SCOPE.values(version=_NEXT, rewritten_at=_NEXT)
_NAMED = _ROWS.where(mentions.c.message_id.in_(bindparam("names", expanding=True)))


def _packed(one: Mention) -> bytes:
    numbers = [number for entity in sorted(one.entities.items()) for number in entity]
    return np.array(numbers, WORD).tobytes()
