"""PostgreSQL: one server for many processes, with one writer a scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from treering.errors import (
    MissingExtra,
    StoreBusy,
    StoreError,
    StoreFull,
    StoreReadOnly,
    StoreUnavailable,
    StoreUnreadable,
)
from treering.memory.stores.compiling import STATEMENTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

_UPGRADE_LOCK = int.from_bytes(b"treering")
"""Number of the advisory lock of upgrades; a number that no other program is likely to take."""

DRIVER = "postgresql+psycopg"
"""The one driver that is supported: psycopg 3."""

POOL_SIZE = 5
"""Connections that a process keeps open when nothing happens."""

MAX_OVERFLOW = 15
"""Further connections at a rush: five busy processes fit into a server's usual 100."""

_DEFAULTS = {
    "connect_timeout": 10,  # seconds
    "application_name": "treering",
}
"""What the URL may say otherwise."""

_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_ALONE_IN_A_SCOPE = "BEGIN ISOLATION LEVEL READ COMMITTED"
# In read committed, a statement sees what was committed when it began. Whoever locks a scope with one statement sees
# with the next all that former holders of the lock did, so a check holds until the write that rests on it.

_BUSY = {
    "40001",  # serialization failure
    "40P01",  # deadlock: this one was chosen to give way
    "55P03",  # a lock was not free within lock_timeout
    "57014",  # cancelled, e.g. by the administrator's statement_timeout
}
_READ_ONLY = {
    "25006",  # a standby, or default_transaction_read_only
    "42501",  # the role lacks a right
}
_FULL = {"53100"}
_UNREADABLE = {
    "42P01",  # a table is missing
    "42703",  # a column is missing
    "XX001",  # a page is damaged
    "XX002",  # an index is damaged
}
_UNAVAILABLE = ("08", "53", "57")
"""Classes of codes: the connection broke, the server is out of something, or somebody shuts it down."""


class PostgresBackend:
    """A store in one PostgreSQL database, or in one schema of it."""

    has_one_writer = False
    is_embedded = False
    may_exist = True

    def __init__(self, url: str, *, busy_timeout_s: float) -> None:
        given = make_url(url)
        if given.drivername not in ("postgresql", DRIVER):
            raise StoreError(f"no driver {given.drivername}; a PostgreSQL store is {DRIVER}://user@host/database")
        self._url = given.set(drivername=DRIVER)
        self._busy_timeout_s = busy_timeout_s

    @property
    def where(self) -> str:
        """Server and database, without user and password."""
        url = self._url
        return f"postgresql://{url.host or 'localhost'}:{url.port or 5432}/{url.database or ''}"

    def connect(self) -> Engine:
        """A pool on the database; it connects when first used.

        Raises:
            MissingExtra: psycopg is not installed.
        """
        try:
            engine = create_engine(
                self._url,
                isolation_level="AUTOCOMMIT",  # we say BEGIN ourselves
                connect_args={name: value for name, value in _DEFAULTS.items() if name not in self._url.query},
                execution_options={"compiled_cache": STATEMENTS},
                pool_size=POOL_SIZE,
                max_overflow=MAX_OVERFLOW,
                pool_timeout=self._busy_timeout_s,
                pool_pre_ping=True,  # a server that was started anew costs nobody an error
                pool_use_lifo=True,
                use_native_hstore=False,  # nothing here is one, and a first connection would look for that type
                hide_parameters=True,  # errors must not quote what people said
            )
        except ImportError as error:
            raise MissingExtra("a PostgreSQL store", "postgres", because=error) from error
        event.listen(engine, "connect", _configure)
        return engine

    def begin(self, connection: Connection, *, write: bool) -> None:
        """Start a transaction: it reads from one snapshot, or waits for locks no longer than the busy timeout."""
        if not write:
            connection.exec_driver_sql(_SNAPSHOT)
            return
        # Both at once, because each statement is a way to the server and back.
        patience_ms = max(1, round(self._busy_timeout_s * 1000))
        connection.exec_driver_sql(f"{_ALONE_IN_A_SCOPE}; SET LOCAL lock_timeout = {patience_ms}")

    def begin_alone(self, connection: Connection) -> None:
        """Start a transaction that changes tables, after any other one that does.

        Raises:
            StoreUnreadable: The database cannot hold every text.
        """
        self.begin(connection, write=True)
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})")
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        if encoding != "UTF8":
            raise StoreUnreadable(self.where, f"its encoding is {encoding}; make a database with ENCODING 'UTF8'")

    def scrub(self, engine: Engine, tables: Iterable[str]) -> bool:
        """Vacuum the tables, as far as the role may.

        An erased row is out of every dump at once, when the erasure is committed. Its bytes stay in the server's files
        until their place is used again, and in the write-ahead log until that is recycled: `VACUUM` frees the place,
        it overwrites nothing. Against somebody who reads the server's disk or its backups, only encryption helps.
        """
        names = ", ".join(f'"{name}"' for name in tables)
        with engine.connect() as connection:
            connection.exec_driver_sql(f"VACUUM (SKIP_LOCKED) {names}")
        return True

    def translate(self, error: DBAPIError) -> StoreError:
        """The typed error for the server's code; messages carry neither a password nor values of rows."""
        code: str = getattr(error.orig, "sqlstate", None) or ""
        told = self._told(error)
        match code:
            case _ if code in _BUSY:
                return StoreBusy(self.where, self._busy_timeout_s)
            case _ if code in _READ_ONLY:
                return StoreReadOnly(self.where, f"the server says: {told}")
            case _ if code in _FULL:
                return StoreFull(self.where)
            case _ if code in _UNREADABLE:
                return StoreUnreadable(self.where, f"{told}; `treering db check` tells what is missing")
            case _ if code.startswith(_UNAVAILABLE) or (not code and _is_unreachable(error)):
                return StoreUnavailable(self.where, told)
        return StoreError(f"{self.where}: {told}")

    def _told(self, error: DBAPIError) -> str:
        """The first sentence alone: what follows may quote the values of a row."""
        diagnosis = getattr(error.orig, "diag", None)
        text = (diagnosis and diagnosis.message_primary) or " ".join(str(error.orig).split())
        password = self._url.password
        return text.replace(str(password), "***") if password else text


def _is_unreachable(error: DBAPIError) -> bool:
    """Of an error without a code, which is the driver's own: no server was reached, or it refused, or went away."""
    return error.connection_invalidated or isinstance(error, InterfaceError | OperationalError)


def _configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("SET TIME ZONE 'UTC'")  # elsewhere, the last day of the year 9999 has no name
    cursor.close()
