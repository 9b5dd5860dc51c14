"""The store: makes units of work on a database."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from treering.memory.stores.backend import backend_of
from treering.memory.stores.connections import Connections
from treering.memory.stores.forking import watch
from treering.memory.stores.scopes import people_of
from treering.memory.stores.tables import scopes, sessions
from treering.memory.stores.unit_of_work import ROOM_BYTES, Outfit, SqlUnitOfWork
from treering.schemas.dialogue import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime

    from treering.memory.stores.encryption.keys import Keys
    from treering.memory.stores.gates import SqlModelGate
    from treering.memory.stores.transaction import Transaction
    from treering.schemas.gates import Gate
    from treering.schemas.jobs import JobKind
    from treering.schemas.trunk import Trunk

BUSY_TIMEOUT_S = 15.0
"""How long a transaction waits for its turn, in seconds: many times the longest write, below a person's patience."""

SALT_BYTES = 16
"""Length of the salt of a commitment: 128 bits, so that erased words cannot be guessed from it."""


_IDLE = (
    select(scopes.c.tenant, scopes.c.user, sessions.c.session)
    .join(scopes, scopes.c.id == sessions.c.scope_id)
    .where(sessions.c.ended.is_(False), sessions.c.last_at < bindparam("since"))
    .order_by(sessions.c.last_at, sessions.c.scope_id, sessions.c.session)
    .limit(bindparam("most"))
)


def _random_salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)


class SqlStore:
    """Where the truth is kept: one SQL database, for any number of threads and processes.

    Making one touches nothing. The first transaction makes the folder, the file and the tables.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from treering.schemas.trunks import load_trunk
        >>> with TemporaryDirectory() as folder:
        ...     store = SqlStore(f"sqlite:///{folder}/memory.db", load_trunk("core"))
        ...     with store.begin(write=False) as unit:
        ...         unit.ledger.head(Scope(user="ana")).version
        ...     store.close()
        0

    Args:
        url: Database URL, e.g. `sqlite:////home/ana/.treering/memory.db`.
        trunk: The trunk that all trees of the store stand on.
        busy_timeout_s: How long a transaction waits for its turn before `StoreBusy`.
        fingerprint: Names the embedder whose vectors are stored.
        salt: Source of salts for the ledger's commitments.
        keys: Seals words; none: they are stored as they are.
        room_bytes: Memory for vectors and mentions of the people who were asked for last, in bytes.
    """

    def __init__(
        self,
        url: str,
        trunk: Trunk,
        *,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
        fingerprint: str = "",
        salt: Callable[[], bytes] = _random_salt,
        keys: Keys | None = None,
        room_bytes: int = ROOM_BYTES,
    ) -> None:
        self._outfit = Outfit(trunk=trunk, fingerprint=fingerprint, salt=salt)
        self._connect = partial(
            Connections,
            backend_of(url, busy_timeout_s=busy_timeout_s),
            busy_timeout_s=busy_timeout_s,
            keys=keys,
            room_bytes=room_bytes,
        )
        self._connections = self._connect()
        self._inherited: list[Connections] = []
        watch(self)

    @contextmanager
    def begin(self, *, write: bool = True) -> Iterator[SqlUnitOfWork]:
        """A transaction: committed when the block ends, rolled back when it raises.

        Raises:
            StoreBusy, StoreReadOnly, StoreFull: Translated from the driver; nothing was changed.
            StoreTooNew, StoreUnreadable: The file is not for this Treering.
        """
        connections = self._connections
        with connections.transaction(write=write) as transaction:
            yield SqlUnitOfWork(transaction, self._outfit, connections.caches)

    @contextmanager
    def transaction(self, *, write: bool = True, scrub: bool = True) -> Iterator[Transaction]:
        """A bare transaction, for what concerns the store and no person; raises like `begin`."""
        with self._connections.transaction(write=write, scrub=scrub) as transaction:
            yield transaction

    def scopes(self, *, tenant: str | None = None) -> list[Scope]:
        """All known scopes, sorted."""
        query = select(scopes.c.tenant, scopes.c.user)
        if tenant is not None:
            query = query.where(scopes.c.tenant == tenant)
        with self._connections.transaction(write=False) as transaction:
            found = transaction.connection.execute(query).all()
        return [Scope(tenant=tenant, user=user) for tenant, user in sorted(map(tuple, found))]

    def people(self, tenant: str, *, after: str | None = None, limit: int = 100) -> list[str]:
        """Those of a tenant of whom something is stored, sorted, a page at a time."""
        with self._connections.transaction(write=False) as transaction:
            return people_of(transaction.connection, tenant, after=after, limit=limit)

    def idle(self, since: datetime, *, limit: int = 1_000) -> list[tuple[Scope, str]]:
        """Open sessions whose last turn was said before this moment, the longest idle first."""
        with self._connections.transaction(write=False) as transaction:
            found = transaction.connection.execute(_IDLE, {"since": since, "most": limit}).all()
        return [(Scope(tenant=tenant, user=user), session) for tenant, user, session in found]

    def neglected(self, turn: int, *, people: int, roles: Collection[str]) -> list[tuple[Scope, JobKind]]:
        """Jobs that somebody ought to have and has not, on one page of the people; see the port."""
        from treering.memory.stores.neglect import neglected  # noqa: PLC0415 - its statements, where somebody works

        fingerprint = self._outfit.fingerprint
        with self._connections.transaction(write=False) as transaction:
            return neglected(transaction.connection, turn, people=people, roles=roles, fingerprint=fingerprint)

    def died(self, since: datetime, before: datetime) -> Mapping[JobKind, int]:
        """How many jobs died between two moments, and are still dead, by kind."""
        from treering.memory.stores.neglect import died  # noqa: PLC0415 - likewise

        with self._connections.transaction(write=False) as transaction:
            return died(transaction.connection, since, before)

    @property
    def model_gate(self) -> SqlModelGate:
        """The gates before chat models."""
        from treering.memory.stores.gates import SqlModelGate  # noqa: PLC0415 - only where there is a model

        return SqlModelGate(lambda write: self.transaction(write=write, scrub=False))

    def gates(self) -> list[Gate]:
        """How much was asked of models lately, and which one rests."""
        return self.model_gate.gates()

    def close(self) -> None:
        """Release files and connections; the store cannot be used afterwards."""
        self._connections.close()

    def before_fork(self) -> None:
        """In the parent: let go of connections."""
        self._connections.before_fork()

    def after_fork(self, *, in_child: bool) -> None:
        """Go on, in a child with connections of its own."""
        if not in_child:
            self._connections.after_fork_in_parent()
            return
        self._inherited.append(self._connections)  # kept for ever: closing a parent's connection would break its locks
        self._connections = self._connect()
