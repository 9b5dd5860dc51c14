"""SQLite: one file, WAL, several processes."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError

from treering.errors import StoreBusy, StoreError, StoreFull, StoreReadOnly, StoreUnreadable
from treering.memory.stores.compiling import STATEMENTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

RETRY_S = 0.01
"""Pause between tries to switch a new file to WAL, in seconds: SQLite does not wait by itself for that lock."""

SCRUB_WAIT_S = 2.0
"""How long a scrub waits for readings to end, in seconds; after that it is put off, and the caller goes on."""

_PRAGMAS = (
    "PRAGMA synchronous=FULL",  # an acknowledged commit survives a power cut
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # erased bytes are overwritten, not only unlinked
)

_RESULT_MASK = 0xFF
"""SQLite's extended result codes carry the primary code in their lowest byte."""

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_READ_ONLY = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR}


class SqliteBackend:
    """A store in one SQLite file."""

    has_one_writer = True
    is_embedded = True

    def __init__(self, url: str, *, busy_timeout_s: float) -> None:
        name = make_url(url).database
        if not name or name == ":memory:":
            raise StoreError("a store needs a file, as in sqlite:///path/to/file.db; use a temporary folder in tests")
        self._url = url
        self._path = Path(name)
        self._busy_timeout_s = busy_timeout_s

    @property
    def may_exist(self) -> bool:
        """Whether the file is there."""
        return self._path.exists()

    @property
    def where(self) -> str:
        """The file."""
        return str(self._path)

    def connect(self) -> Engine:
        """A pool on the file, which is made if it is missing and switched to WAL."""
        self._make_folder()
        engine = create_engine(
            self._url,
            connect_args={"isolation_level": None, "timeout": self._busy_timeout_s},  # None: we say BEGIN ourselves
            execution_options={"compiled_cache": STATEMENTS},
            max_overflow=-1,  # a thread never waits for another's reading
            hide_parameters=True,  # errors must not quote what people said
        )
        event.listen(engine, "connect", _configure)
        self._switch_to_wal(engine)
        return engine

    def begin(self, connection: Connection, *, write: bool) -> None:
        """Take the writer's place at once, so that a reading that leads to a write cannot be overtaken."""
        if write:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:  # which takes no lock yet, so that nothing can go wrong; past SQLAlchemy it costs a fifth
            connection.connection.cursor().execute("BEGIN")

    def begin_alone(self, connection: Connection) -> None:
        """Take the writer's place, which keeps everybody else from writing anything."""
        self.begin(connection, write=True)

    def scrub(self, engine: Engine, tables: Iterable[str]) -> bool:
        """Rebuild the file from its live rows and empty the WAL.

        `secure_delete` alone is not enough: when SQLite rebalances pages it can leave copies of moved rows in the
        gaps (seen once in 2,400 erasures), which a later erasure does not know of.
        """
        del tables  # they are all in the one file
        with engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={int(SCRUB_WAIT_S * 1000)}")
            try:
                connection.exec_driver_sql("VACUUM")
                busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={int(self._busy_timeout_s * 1000)}")
        return not busy

    def translate(self, error: DBAPIError) -> StoreError:
        """The typed error for SQLite's result code."""
        code = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _RESULT_MASK
        if code in _BUSY:
            return StoreBusy(self.where, self._busy_timeout_s)
        if code in _READ_ONLY:
            return StoreReadOnly(self.where)
        if code == sqlite3.SQLITE_FULL:
            return StoreFull(self.where)
        if code in _DAMAGED:
            return StoreUnreadable(self.where, str(error.orig))
        return StoreError(f"{self.where}: {error.orig}")

    def _make_folder(self) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreReadOnly(self.where) from error

    def _switch_to_wal(self, engine: Engine) -> None:
        deadline = time.monotonic() + self._busy_timeout_s
        while not self._is_wal(engine, is_last_try=time.monotonic() > deadline):
            time.sleep(RETRY_S)

    def _is_wal(self, engine: Engine, *, is_last_try: bool) -> bool:
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        except DBAPIError as error:
            if is_last_try or not isinstance(self.translate(error), StoreBusy):
                raise
            return False
        return True


def _configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()
