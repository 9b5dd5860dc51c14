"""Upgrading a store on purpose, and asking how it stands: what `treering db` does."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from treering.memory.stores.backend import backend_of, translated
from treering.memory.stores.opening import found_format, make_current
from treering.memory.stores.tables import STORE_FORMAT
from treering.schemas.store import StoreStanding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import Connection, Engine

    from treering.memory.stores.backend import Backend

UPGRADE_TIMEOUT_S = 60.0
"""How long an upgrade waits for those who use the store, in seconds: it needs its tables for itself."""


def upgrade_store(url: str, *, report: Callable[[str], None] | None = None) -> StoreStanding:
    """Make the tables, or bring them up to date, in one transaction: it is done as a whole or not at all.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     upgrade_store(f"sqlite:///{folder}/memory.db").steps
        ('made the tables of store format 7',)

    Args:
        url: The store's URL.
        report: Called with each step when it is done; all of them count when this returns.

    Raises:
        StoreBusy: Somebody uses the tables; stop what runs on the store first.
        StoreTooNew: A newer Treering made it.
        StoreUnavailable: The server cannot be reached.
        StoreUnreadable: It is the database of another program.
    """
    backend = backend_of(url, busy_timeout_s=UPGRADE_TIMEOUT_S)
    steps: list[str] = []

    def note(step: str) -> None:
        steps.append(step)
        if report is not None:
            report(step)

    with _connected(backend) as connection:
        backend.begin_alone(connection)
        make_current(connection, backend, report=note)
        connection.commit()
    return _standing(backend, STORE_FORMAT).model_copy(update={"steps": tuple(steps)})


def standing_of(url: str) -> StoreStanding:
    """How a store stands; nothing is made or changed.

    Raises:
        StoreTooNew: A newer Treering made it.
        StoreUnavailable: The server cannot be reached.
        StoreUnreadable: It is the database of another program.
    """
    return _look(url)


def check_store(url: str) -> StoreStanding:
    """How a store stands; of one that is not old, all in which its tables differ from those that this Treering makes.

    Raises:
        StoreTooNew: A newer Treering made it.
        StoreUnavailable: The server cannot be reached.
        StoreUnreadable: It is the database of another program.
    """
    from treering.memory.stores.migrating import differences  # noqa: PLC0415 - alembic

    return _look(url, differences)


def _nothing_differs(_: Connection) -> tuple[str, ...]:
    """What is found where nobody compares."""
    return ()


def _look(url: str, compare: Callable[[Connection], Iterable[str]] = _nothing_differs) -> StoreStanding:
    backend = backend_of(url, busy_timeout_s=UPGRADE_TIMEOUT_S)
    if not backend.may_exist:
        return _standing(backend, None)
    with _connected(backend) as connection:
        backend.begin(connection, write=False)
        standing = _standing(backend, found_format(connection, backend))
        if standing.format != standing.needed:
            return standing  # an upgrade is due, and what it changes is no matter
        return standing.model_copy(update={"differences": tuple(compare(connection))})


@contextmanager
def _connected(backend: Backend) -> Iterator[Connection]:
    with translated(backend):
        engine: Engine = backend.connect()
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()


def _standing(backend: Backend, found: int | None) -> StoreStanding:
    return StoreStanding(where=backend.where, format=found, needed=STORE_FORMAT)
