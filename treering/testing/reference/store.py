"""The reference store: copies on begin, keeps the copy on commit."""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from treering.errors import StoreBusy, StoreError
from treering.testing.reference.access import ReferenceAuditLog, ReferenceKeyRing
from treering.testing.reference.erasure import ReferenceReceiptStore, ReferenceTombstoneStore, ReferenceWordStores
from treering.testing.reference.gates import ReferenceModelGate
from treering.testing.reference.history import ReferenceHistory
from treering.testing.reference.jobs import ReferenceJobQueue
from treering.testing.reference.ledger import ReferenceLedger, ReferenceTrunkStore
from treering.testing.reference.mentions import ReferenceMentions
from treering.testing.reference.neglect import neglected
from treering.testing.reference.passages import ReferencePassageStore
from treering.testing.reference.state import State
from treering.testing.reference.turns import ReferenceTurnLog
from treering.testing.reference.vectors import ReferenceVectorIndex
from treering.testing.reference.waiting import ReferenceQuarantine

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime

    from treering.memory.ports import JobQueue, Mentions, PassageStore, Quarantine, TurnLog, UnitOfWork, VectorIndex
    from treering.memory.ports.access import AuditLog, KeyRing
    from treering.memory.ports.erasure import ReceiptStore, TombstoneStore, WordStores
    from treering.memory.ports.history import History
    from treering.memory.ports.ledger import Ledger, TrunkStore
    from treering.schemas.dialogue import Scope
    from treering.schemas.gates import Gate
    from treering.schemas.jobs import JobKind
    from treering.schemas.trunk import Trunk

SALT_BYTES = 16
"""Length of the salt of a commitment."""


def _random_salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)


class MemoryStore:
    """A `Store` in this process's memory: what the ports mean, in plain dicts. For tests; it scales to nothing.

    Example:
        >>> from treering.schemas.dialogue import Message, Scope
        >>> from treering.schemas.trunks import load_trunk
        >>> from treering.testing import ManualClock, MemoryStore
        >>> store = MemoryStore(load_trunk("core"))
        >>> with store.begin() as unit:
        ...     receipt = unit.turns.append(Scope(user="ana"), "s1", [Message(content="Hi.")], ManualClock().now())
        >>> [scope.user for scope in store.scopes()]
        ['ana']

    Args:
        trunk: The trunk that all trees of the store stand on.
        same_as: Another opening of the store whose content this one shares.
        busy_timeout_s: How long a writer waits for another.
        fingerprint: Names the embedder whose vectors are stored.
        salt: Source of salts for the ledger's commitments.
    """

    def __init__(
        self,
        trunk: Trunk,
        *,
        same_as: MemoryStore | None = None,
        busy_timeout_s: float = 15.0,
        fingerprint: str = "",
        salt: Callable[[], bytes] = _random_salt,
    ) -> None:
        self._trunk = trunk
        self._cell: _Cell = same_as._cell if same_as is not None else _Cell()  # noqa: SLF001 - of the same class
        self._busy_timeout_s = busy_timeout_s
        self._fingerprint = fingerprint
        self._salt = salt
        self._is_closed = False

    @contextmanager
    def begin(self, *, write: bool = True) -> Iterator[UnitOfWork]:
        """A transaction: committed when the block ends, forgotten when it raises.

        Raises:
            StoreBusy: Another writer took too long.
            StoreError: The store was closed.
        """
        if self._is_closed:
            raise StoreError("the store in memory was closed; make a new store")
        if not write:
            yield self._unit(self._cell.state)  # nobody ever changes it: the next commit puts another in its place
            return
        with self._alone() as cell:
            state = cell.state.copy()
            yield self._unit(state)
            cell.state = state

    @contextmanager
    def _alone(self) -> Iterator[_Cell]:
        if not self._cell.writer.acquire(timeout=self._busy_timeout_s):
            raise StoreBusy("the store in memory", self._busy_timeout_s)
        try:
            yield self._cell
        finally:
            self._cell.writer.release()

    def scopes(self, *, tenant: str | None = None) -> list[Scope]:
        """All known scopes, sorted."""
        found = (scope for scope in self._cell.state.people if tenant in (None, scope.tenant))
        return sorted(found, key=lambda scope: (scope.tenant, scope.user))

    def people(self, tenant: str, *, after: str | None = None, limit: int = 100) -> list[str]:
        """Those of a tenant of whom something is stored, sorted."""
        users = (scope.user for scope in self.scopes(tenant=tenant))
        return [user for user in users if after is None or user > after][:limit]

    def idle(self, since: datetime, *, limit: int = 1_000) -> list[tuple[Scope, str]]:
        """Open sessions whose last turn was said before this moment, the longest idle first."""
        found = sorted(
            (one.last_at, number, name, scope)
            for number, (scope, person) in enumerate(self._cell.state.people.items())
            for name, one in person.sessions.items()
            if not one.ended and one.last_at < since
        )
        return [(scope, name) for _, _, name, scope in found[:limit]]

    def neglected(self, turn: int, *, people: int, roles: Collection[str]) -> list[tuple[Scope, JobKind]]:
        """Jobs that somebody ought to have and has not, on one page of the people; see the port."""
        return neglected(self._cell.state, turn, people=people, roles=roles, fingerprint=self._fingerprint)

    def died(self, since: datetime, before: datetime) -> Mapping[JobKind, int]:
        """How many jobs died between two moments, and are still dead, by kind."""
        jobs = self._cell.state.jobs.values()
        return Counter(job.kind for job in jobs if job.state == "dead" and since <= job.run_after < before)

    @property
    def model_gate(self) -> ReferenceModelGate:
        """The gates before chat models."""
        return ReferenceModelGate(self._gates)

    def gates(self) -> list[Gate]:
        """How much was asked of models lately, and which one rests."""
        return self.model_gate.gates()

    @contextmanager
    def _gates(self) -> Iterator[dict[str, Gate]]:
        with self._alone() as cell:
            yield cell.gates

    def close(self) -> None:
        """Let go; other openings of the same store go on."""
        self._is_closed = True

    def _unit(self, state: State) -> UnitOfWork:
        return MemoryUnitOfWork(state, trunk=self._trunk, fingerprint=self._fingerprint, salt=self._salt)


class MemoryUnitOfWork:
    """One transaction over everything that must change together."""

    def __init__(self, state: State, *, trunk: Trunk, fingerprint: str, salt: Callable[[], bytes]) -> None:
        self._state = state
        self._trunk = trunk
        self._fingerprint = fingerprint
        self._salt = salt

    def rekey(self, scope: Scope) -> bool:
        """False: words are plain here."""
        del scope
        return False

    @cached_property
    def turns(self) -> TurnLog:
        """What was said."""
        return ReferenceTurnLog(self._state)

    @cached_property
    def ledger(self) -> Ledger:
        """What was learned."""
        return ReferenceLedger(self._state, trunk=self._trunk, salt=self._salt, fingerprint=self._fingerprint)

    @cached_property
    def trunks(self) -> TrunkStore:
        """What ledgers stand on, and have stood on."""
        return ReferenceTrunkStore(self._state)

    @cached_property
    def passages(self) -> PassageStore:
        """What can be read out."""
        return ReferencePassageStore(self._state)

    @cached_property
    def mentions(self) -> Mentions:
        """What turns mention."""
        return ReferenceMentions(self._state)

    @cached_property
    def quarantine(self) -> Quarantine:
        """What waits for a person."""
        return ReferenceQuarantine(self._state)

    @cached_property
    def jobs(self) -> JobQueue:
        """What is still to do."""
        return ReferenceJobQueue(self._state)

    @cached_property
    def word_stores(self) -> WordStores:
        """Every store of words at once."""
        return ReferenceWordStores(self._state)

    @cached_property
    def tombstones(self) -> TombstoneStore:
        """Marks of what was forgotten."""
        return ReferenceTombstoneStore(self._state)

    @cached_property
    def receipts(self) -> ReceiptStore:
        """Proofs of what was forgotten."""
        return ReferenceReceiptStore(self._state)

    @cached_property
    def vectors(self) -> VectorIndex:
        """Search entries."""
        return ReferenceVectorIndex(self._state, fingerprint=self._fingerprint)

    @cached_property
    def history(self) -> History:
        """All records of a person, to be carried elsewhere."""
        return ReferenceHistory(self._state, trunk=self._trunk)

    @cached_property
    def api_keys(self) -> KeyRing:
        """Keys of a server's callers."""
        return ReferenceKeyRing(self._state)

    @cached_property
    def audit(self) -> AuditLog:
        """What callers did."""
        return ReferenceAuditLog(self._state)


class _Cell:
    """What openings of one store share."""

    def __init__(self) -> None:
        self.state = State()
        self.writer = threading.Lock()
        self.gates: dict[str, Gate] = {}
