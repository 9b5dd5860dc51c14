"""The connections of one process to one store: opened when first needed, writers in line, errors translated."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import TimeoutError as PoolTimeout

from treering.errors import StoreBusy, StoreError
from treering.memory.stores.backend import translated
from treering.memory.stores.forking import Gate
from treering.memory.stores.opening import prepare, refuse_sealed
from treering.memory.stores.scrubbing import Scrubber
from treering.memory.stores.transaction import Transaction
from treering.memory.stores.unit_of_work import ROOM_BYTES, Caches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from treering.memory.stores.backend import Backend
    from treering.memory.stores.encryption.keys import Keys


class Connections:
    """Runs transactions; a forked child needs a new one, because nothing here may cross a fork."""

    def __init__(
        self, backend: Backend, *, busy_timeout_s: float, keys: Keys | None = None, room_bytes: int = ROOM_BYTES
    ) -> None:
        self.caches = Caches.within(room_bytes)
        self._backend = backend
        self._busy_timeout_s = busy_timeout_s
        self._keys = keys
        self._gate = Gate()
        # Threads queue here instead of in the database, whose waiting is a poll with growing pauses.
        self._writer = threading.Lock()
        # Again by the same thread: a store that is let go of is closed wherever the garbage collector runs.
        self._opening = threading.RLock()
        self._scrubber = Scrubber(backend)
        self._engine: Engine | None = None
        self._is_closed = False

    @contextmanager
    def transaction(self, *, write: bool, scrub: bool = True) -> Iterator[Transaction]:
        """A transaction: committed when the block ends, rolled back when it raises.

        Args:
            write: Whether it may write.
            scrub: Whether to scrub after an erasure; one of many leaves it to the last.
        """
        with self._translated(), self._gate.passing(), self._turn(write=write):
            engine = self._opened()
            with self._connected(engine) as connection:
                self._backend.begin(connection, write=write)
                locks_scopes = write and not self._backend.has_one_writer
                transaction = Transaction(
                    connection, self.caches.scope_ids, writes=write, locks_scopes=locks_scopes, keys=self._keys
                )
                yield transaction
                connection.commit()
            transaction.committed()
            if transaction.has_erased:
                self._scrubber.request()
            if write and scrub and self._scrubber.is_due and engine is self._engine:
                self._scrubber.scrub(engine)

    @contextmanager
    def _connected(self, engine: Engine) -> Iterator[Connection]:
        with engine.connect() as connection:
            try:
                yield connection
            finally:
                if engine is not self._engine:  # released meanwhile, with the pool that would take the connection back
                    connection.detach()

    def close(self) -> None:
        """Release the connections, for good."""
        self._is_closed = True
        self._release()

    def before_fork(self) -> None:
        """Let go of idle connections, and of the way to new ones."""
        self._gate.shut()
        self._release()

    def after_fork_in_parent(self) -> None:
        """Go on."""
        self._gate.open()

    @contextmanager
    def _turn(self, *, write: bool) -> Iterator[None]:
        if not write or not self._backend.has_one_writer:
            yield
            return
        if not self._writer.acquire(timeout=self._busy_timeout_s):
            raise StoreBusy(self._backend.where, self._busy_timeout_s)
        try:
            yield
        finally:
            self._writer.release()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            with translated(self._backend):
                yield
        except PoolTimeout as error:
            raise StoreBusy(self._backend.where, self._busy_timeout_s) from error

    def _opened(self) -> Engine:
        with self._opening:
            if self._is_closed:
                raise StoreError(f"{self._backend.where} was closed; make a new store")
            if self._engine is None:
                self._engine = self._open()
            return self._engine

    def _open(self) -> Engine:
        engine = self._backend.connect()
        try:
            prepare(engine, self._backend)
            if self._keys is None:
                refuse_sealed(engine, self._backend)
        except BaseException:
            engine.dispose()
            raise
        self._scrubber.request()  # somebody may have died between an erasure and its scrub
        return engine

    def _release(self) -> None:
        with self._opening:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None
