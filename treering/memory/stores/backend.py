"""What differs between databases, and the choice of one by its URL."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from treering.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Backend(Protocol):
    """The few things that databases do differently."""

    @property
    def has_one_writer(self) -> bool:
        """Whether a writing transaction is alone in the store; otherwise it is alone in each scope that it locks."""
        ...

    @property
    def is_embedded(self) -> bool:
        """Whether the store is this program's own file: then tables are made and upgraded as it is opened."""
        ...

    @property
    def may_exist(self) -> bool:
        """False if it is certain without connecting that there is no store yet."""
        ...

    @property
    def where(self) -> str:
        """The store, as an error message names it, without a password."""
        ...

    def connect(self) -> Engine:
        """A new pool of connections to a store that exists from now on; no tables are made."""
        ...

    def begin(self, connection: Connection, *, write: bool) -> None:
        """Start a transaction: with or without others that write, see above; on a fixed snapshot when it reads."""
        ...

    def begin_alone(self, connection: Connection) -> None:
        """Start a transaction that makes or changes tables; another one of these waits."""
        ...

    def scrub(self, engine: Engine, tables: Iterable[str]) -> bool:
        """Remove traces of what was erased from unused bytes; False if somebody's reading prevents it for now."""
        ...

    def translate(self, error: DBAPIError) -> StoreError:
        """The typed error for what the driver says."""
        ...


@contextmanager
def translated(backend: Backend) -> Iterator[None]:
    """Inside the block, what the driver raises becomes a typed error."""
    try:
        yield
    except DBAPIError as error:
        raise backend.translate(error) from error


def backend_of(url: str, *, busy_timeout_s: float) -> Backend:
    """The backend for a database URL.

    Raises:
        StoreError: No backend for this kind of database, or no URL.
    """
    try:
        name = make_url(url).get_backend_name()
    except ArgumentError as error:  # without the URL, for it may hold a password
        raise StoreError("the database URL cannot be read; give e.g. sqlite:///path/to/file.db") from error
    if name == "sqlite":
        from treering.memory.stores.sqlite import SqliteBackend  # noqa: PLC0415 - one driver is loaded, not all

        return SqliteBackend(url, busy_timeout_s=busy_timeout_s)
    if name == "postgresql":
        from treering.memory.stores.postgres import PostgresBackend  # noqa: PLC0415

        return PostgresBackend(url, busy_timeout_s=busy_timeout_s)
    raise StoreError(
        f"no store for {name} databases; use sqlite:///path/to/file.db or postgresql://user@host:5432/database"
    )
