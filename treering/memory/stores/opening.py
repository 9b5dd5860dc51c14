"""Opening a store: make its tables, or check that they are ours and which format they have."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, Index, MetaData, String, Table, insert, inspect, select
from sqlalchemy.dialects import registry
from sqlalchemy.schema import CreateIndex, CreateTable

from treering.errors import KeyUnavailable, StoreNotReady, StoreTooNew, StoreUnreadable
from treering.memory.stores import credential_rows  # noqa: F401 - so that its tables are made
from treering.memory.stores.tables import STORE_FORMAT, heads, store_state
from treering.memory.stores.vector_rows import vectors
from treering.memory.stores.words import NO_MASTER_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from treering.memory.stores.backend import Backend

LAYOUT = vectors.metadata
"""Every table of the store, those of the search rows and of callers too."""

REVISION_TABLE = "store_revision"
"""Where alembic notes its place; not under its usual name, which another program in the same schema may use."""

revisions = Table(REVISION_TABLE, MetaData(), Column("version_num", String(32), primary_key=True))
"""As alembic makes it; here, because a new store needs no alembic. No part of the layout that it looks after."""


def prepare(engine: Engine, backend: Backend) -> None:
    """Make sure that the tables are there and of this format: an embedded store is made or upgraded on the spot.

    Raises:
        StoreNotReady: The tables on a server are missing or old.
        StoreTooNew: A newer Treering made the store.
        StoreUnreadable: It is the database of another program.
    """
    with engine.connect() as connection:
        backend.begin(connection, write=False)
        found = found_format(connection, backend)
    if found == STORE_FORMAT:
        return
    if not backend.is_embedded:
        raise StoreNotReady(backend.where, lack_of(found))
    with engine.connect() as connection:
        backend.begin_alone(connection)
        make_current(connection, backend)
        connection.commit()


def refuse_sealed(engine: Engine, backend: Backend) -> None:
    """Without keys: make sure that no words are sealed. In a store that never had keys, no head is looked at.

    Raises:
        KeyUnavailable: Somebody's are.
    """
    with engine.connect() as connection:
        backend.begin(connection, write=False)
        had_keys = connection.execute(select(store_state.c.sealed_as)).scalar()
        if had_keys and connection.execute(select(heads.c.scope_id).where(heads.c.key_version > 0).limit(1)).first():
            raise KeyUnavailable(NO_MASTER_KEY)


def found_format(connection: Connection, backend: Backend) -> int | None:
    """The format of the tables that are there; None where there are none.

    Raises:
        StoreTooNew: A newer Treering made the store.
        StoreUnreadable: It is the database of another program.
    """
    there = inspect(connection)
    if there.has_table(store_state.name):  # asked alone: on a server, to name all tables takes as long as to connect
        return _format_of(connection, backend.where)
    tables = set(there.get_table_names())
    # A file is one program's. A schema on a server may be shared, as long as nobody else's tables have our names.
    foreign = tables if backend.is_embedded else tables & set(LAYOUT.tables)
    if foreign:
        raise StoreUnreadable(backend.where, f"it is the database of another program (its table {min(foreign)})")
    return None


def lack_of(found: int | None) -> str:
    """What a store of this format lacks, in words."""
    return "its tables are missing" if found is None else f"it has store format {found}, and {STORE_FORMAT} is needed"


def make_current(connection: Connection, backend: Backend, *, report: Callable[[str], None] | None = None) -> None:
    """Make or upgrade the tables, in a transaction that is alone in the store.

    Args:
        connection: Inside that transaction.
        backend: Of the store.
        report: Called with each step that was done.
    """
    found = found_format(connection, backend)  # again, because another process may have been faster
    if found is None:
        create_tables(connection)
        if report is not None:
            report(f"made the tables of store format {STORE_FORMAT}")
    elif found < STORE_FORMAT:
        from treering.memory.stores.migrating import migrate  # noqa: PLC0415 - alembic, 100 ms that most need not pay

        migrate(connection, report=report)


def create_tables(connection: Connection) -> None:
    """Make all tables, inside a write transaction on an empty database."""
    for script in _making(connection.dialect.name):
        connection.exec_driver_sql(script)
    connection.execute(insert(store_state).values(format=STORE_FORMAT))
    connection.execute(revisions.insert().values(version_num=revision_of(STORE_FORMAT)))


@cache
def _making(dialect: str) -> tuple[str, ...]:
    """What makes all tables: written once a process, which takes as long as carrying it out.

    It goes to a server at once; the driver of SQLite takes one statement at a time.
    """
    speaking = registry.load(dialect)()
    tables: list[CreateTable | CreateIndex] = [CreateTable(table) for table in (*LAYOUT.sorted_tables, revisions)]
    indexes = [CreateIndex(index) for table in LAYOUT.sorted_tables for index in sorted(table.indexes, key=_name)]
    statements = [str(one.compile(dialect=speaking)) for one in (*tables, *indexes)]
    return tuple(statements) if dialect == "sqlite" else (";".join(statements),)


def _name(index: Index) -> str:
    return index.name or ""


def revision_of(store_format: int) -> str:
    """The name of a store format as alembic knows it."""
    return f"{store_format:04}"


def _format_of(connection: Connection, where: str) -> int:
    found = connection.execute(select(store_state.c.format)).scalar()
    if found is None:
        raise StoreUnreadable(where, "it does not say which format it has")
    if found > STORE_FORMAT:
        raise StoreTooNew(where, found, STORE_FORMAT)
    return int(found)
