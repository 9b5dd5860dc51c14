"""All stores on one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from treering.memory.stores.forests import ForestCache, forest_cache
from treering.memory.stores.ledger import SqlLedger
from treering.memory.stores.mentions import GRAPH_BYTES, GraphCache, SqlMentions, graph_cache
from treering.memory.stores.scopes import ScopeIds
from treering.memory.stores.summary_trees import SummaryTreeCache, summary_tree_cache
from treering.memory.stores.trunks import SqlTrunkStore
from treering.memory.stores.turns import SqlTurnLog
from treering.memory.stores.vector_cache import CACHE_BYTES, VectorCache
from treering.memory.stores.vectors import SqlVectorIndex

if TYPE_CHECKING:
    from collections.abc import Callable

    from treering.memory.stores.credentials import SqlAuditLog, SqlKeyRing
    from treering.memory.stores.history import SqlHistory
    from treering.memory.stores.jobs import SqlJobQueue
    from treering.memory.stores.passages import SqlPassageStore
    from treering.memory.stores.quarantine import SqlQuarantine
    from treering.memory.stores.receipts import SqlReceipts
    from treering.memory.stores.tombstones import SqlTombstones
    from treering.memory.stores.transaction import Transaction
    from treering.memory.stores.word_stores import SqlWordStores
    from treering.schemas.dialogue import Scope
    from treering.schemas.trunk import Trunk


ROOM_BYTES = CACHE_BYTES + GRAPH_BYTES
"""Memory of a process for what was read of people, in bytes (3.5 GiB), beside the claims of their trees."""


@dataclass(frozen=True, slots=True)
class Caches:
    """What transactions of one process remember for the next."""

    @classmethod
    def within(cls, room_bytes: int) -> Caches:
        """Empty ones that take no more than this, of which vectors have six parts and graphs one."""
        of_graphs = room_bytes * GRAPH_BYTES // ROOM_BYTES
        return cls(vectors=VectorCache(room_bytes - of_graphs), graphs=graph_cache(of_graphs))

    forests: ForestCache = field(default_factory=forest_cache)
    vectors: VectorCache = field(default_factory=VectorCache)
    summary_trees: SummaryTreeCache = field(default_factory=summary_tree_cache)
    graphs: GraphCache = field(default_factory=graph_cache)
    scope_ids: ScopeIds = field(default_factory=ScopeIds)
    trunks: set[str] = field(default_factory=set)
    """Digests of trunks that are known to be in the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outfit:
    """What a store gives to all of its transactions."""

    trunk: Trunk
    fingerprint: str
    """Names the embedder whose vectors are stored."""
    salt: Callable[[], bytes]
    """Source of salts for the ledger's commitments."""


class SqlUnitOfWork:
    """One transaction over everything that must change together; its stores are made as they are asked for."""

    def __init__(self, transaction: Transaction, outfit: Outfit, caches: Caches) -> None:
        self._transaction = transaction
        self._outfit = outfit
        self._caches = caches

    def rekey(self, scope: Scope) -> bool:
        """Seal all words of a scope anew under a new key; False where words are plain. See the port."""
        scope_id = self._transaction.scope_id(scope)
        return scope_id is not None and self._transaction.rekey(scope_id)

    @cached_property
    def turns(self) -> SqlTurnLog:
        """What was said."""
        return SqlTurnLog(self._transaction)

    @cached_property
    def ledger(self) -> SqlLedger:
        """What was learned."""
        caches = self._caches
        return SqlLedger(
            self._transaction,
            trunk=self._outfit.trunk,
            cache=caches.forests,
            salt=self._outfit.salt,
            recorded=caches.trunks,
            fingerprint=self._outfit.fingerprint,
        )

    @cached_property
    def trunks(self) -> SqlTrunkStore:
        """What ledgers stand on, and have stood on."""
        return SqlTrunkStore(self._transaction.connection)

    @cached_property
    def passages(self) -> SqlPassageStore:
        """What can be read out."""
        from treering.memory.stores.passages import SqlPassageStore  # noqa: PLC0415 - not for those who only read

        return SqlPassageStore(self._transaction, self._caches.summary_trees)

    @cached_property
    def mentions(self) -> SqlMentions:
        """What turns mention."""
        return SqlMentions(self._transaction, self._caches.graphs)

    @cached_property
    def quarantine(self) -> SqlQuarantine:
        """What waits for a person."""
        from treering.memory.stores.quarantine import SqlQuarantine  # noqa: PLC0415 - not for those who only read

        return SqlQuarantine(self._transaction)

    @cached_property
    def jobs(self) -> SqlJobQueue:
        """What is still to do."""
        from treering.memory.stores.jobs import SqlJobQueue  # noqa: PLC0415 - not for those who only read

        return SqlJobQueue(self._transaction)

    @cached_property
    def word_stores(self) -> SqlWordStores:
        """Every store of words at once."""
        from treering.memory.stores.word_stores import SqlWordStores  # noqa: PLC0415 - only for those who forget

        return SqlWordStores(self._transaction, self._caches)

    @cached_property
    def tombstones(self) -> SqlTombstones:
        """Marks of what was forgotten."""
        from treering.memory.stores.tombstones import SqlTombstones  # noqa: PLC0415 - not for those who only read

        return SqlTombstones(self._transaction)

    @cached_property
    def receipts(self) -> SqlReceipts:
        """Proofs of what was forgotten."""
        from treering.memory.stores.receipts import SqlReceipts  # noqa: PLC0415 - only for those who forget

        return SqlReceipts(self._transaction)

    @cached_property
    def vectors(self) -> SqlVectorIndex:
        """Search rows in the same database."""
        fingerprint = self._outfit.fingerprint
        return SqlVectorIndex(self._transaction, fingerprint=fingerprint, cache=self._caches.vectors)

    @cached_property
    def history(self) -> SqlHistory:
        """All rows of a person, to be carried elsewhere."""
        from treering.memory.stores.history import SqlHistory  # noqa: PLC0415 - only for exports and imports

        return SqlHistory(self._transaction, trunk=self._outfit.trunk)

    @cached_property
    def api_keys(self) -> SqlKeyRing:
        """Keys of a server's callers."""
        from treering.memory.stores.credentials import SqlKeyRing  # noqa: PLC0415 - only for servers

        return SqlKeyRing(self._transaction.connection)

    @cached_property
    def audit(self) -> SqlAuditLog:
        """What callers did."""
        from treering.memory.stores.credentials import SqlAuditLog  # noqa: PLC0415 - only for servers

        return SqlAuditLog(self._transaction.connection)
