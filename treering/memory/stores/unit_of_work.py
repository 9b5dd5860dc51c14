"""All stores on one transaction."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from treering.memory.stores.forests import ForestCache
from treering.memory.stores.jobs import SqlJobQueue
from treering.memory.stores.ledger import SqlLedger
from treering.memory.stores.passages import SqlPassageStore
from treering.memory.stores.quarantine import SqlQuarantine
from treering.memory.stores.transaction import Transaction
from treering.memory.stores.turns import SqlTurnLog
from treering.schemas.trunk import Trunk


class SqlUnitOfWork:
    """One transaction over everything that must change together; its stores are made as they are asked for."""

    def __init__(
        self, transaction: Transaction, *, trunk: Trunk, forests: ForestCache, salt: Callable[[], bytes]
    ) -> None:
        self._transaction = transaction
        self._trunk = trunk
        self._forests = forests
        self._salt = salt

    @cached_property
    def turns(self) -> SqlTurnLog:
        """What was said."""
        return SqlTurnLog(self._transaction)

    @cached_property
    def ledger(self) -> SqlLedger:
        """What was learned."""
        return SqlLedger(self._transaction, trunk=self._trunk, cache=self._forests, salt=self._salt)

    @cached_property
    def passages(self) -> SqlPassageStore:
        """What can be read out."""
        return SqlPassageStore(self._transaction)

    @cached_property
    def quarantine(self) -> SqlQuarantine:
        """What waits for a person."""
        return SqlQuarantine(self._transaction)

    @cached_property
    def jobs(self) -> SqlJobQueue:
        """What is still to do."""
        return SqlJobQueue(self._transaction)
