"""Opening a store: make its tables, or check that they are ours and not too new."""

from __future__ import annotations

from sqlalchemy import Connection, insert, inspect, select

from treering.errors import StoreTooNew, StoreUnreadable
from treering.memory.stores import vector_rows
from treering.memory.stores.tables import STORE_FORMAT, store_state


def is_ready(connection: Connection, where: str) -> bool:
    """Whether the tables are there; False for an empty database.

    Raises:
        StoreTooNew: A newer Treering made the store.
        StoreUnreadable: It is the database of another program.
    """
    tables = set(inspect(connection).get_table_names())
    if store_state.name in tables:
        _check_format(connection, where)
        return True
    if tables:
        raise StoreUnreadable(where, "it is the database of another program")
    return False


def create_tables(connection: Connection) -> None:
    """Make all tables, inside a write transaction on an empty database."""
    # Taken from the vectors' table, so that its module has been imported and no table is missing.
    vector_rows.vectors.metadata.create_all(connection)
    connection.execute(insert(store_state).values(format=STORE_FORMAT))


def _check_format(connection: Connection, where: str) -> None:
    found = connection.execute(select(store_state.c.format)).scalar()
    if found is None:
        raise StoreUnreadable(where, "it does not say which format it has")
    if found > STORE_FORMAT:
        raise StoreTooNew(where, found, STORE_FORMAT)
