"""All stores on one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from treering.memory.stores.forests import ForestCache
from treering.memory.stores.ledger import SqlLedger
from treering.memory.stores.scopes import ScopeIds
from treering.memory.stores.turns import SqlTurnLog
from treering.memory.stores.vector_cache import VectorCache
from treering.memory.stores.vectors import SqlVectorIndex

if TYPE_CHECKING:
    from collections.abc import Callable

    from treering.memory.stores.jobs import SqlJobQueue
    from treering.memory.stores.passages import SqlPassageStore
    from treering.memory.stores.quarantine import SqlQuarantine
    from treering.memory.stores.transaction import Transaction
    from treering.schemas.trunk import Trunk


@dataclass(frozen=True, slots=True)
class Caches:
    """What transactions of one process remember for the next."""

    forests: ForestCache = field(default_factory=ForestCache)
    vectors: VectorCache = field(default_factory=VectorCache)
    scope_ids: ScopeIds = field(default_factory=ScopeIds)


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

    @cached_property
    def turns(self) -> SqlTurnLog:
        """What was said."""
        return SqlTurnLog(self._transaction)

    @cached_property
    def ledger(self) -> SqlLedger:
        """What was learned."""
        outfit = self._outfit
        return SqlLedger(self._transaction, trunk=outfit.trunk, cache=self._caches.forests, salt=outfit.salt)

    @cached_property
    def passages(self) -> SqlPassageStore:
        """What can be read out."""
        from treering.memory.stores.passages import SqlPassageStore  # noqa: PLC0415 - not for those who only read

        return SqlPassageStore(self._transaction)

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
    def vectors(self) -> SqlVectorIndex:
        """Search rows in the same database."""
        fingerprint = self._outfit.fingerprint
        return SqlVectorIndex(self._transaction, fingerprint=fingerprint, cache=self._caches.vectors)
