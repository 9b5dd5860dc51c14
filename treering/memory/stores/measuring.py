"""What a store weighs: counts and sizes, for those who watch it over time. Nothing of what people said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

from treering.memory.stores.tables import heads, jobs
from treering.schemas.jobs import PENDING_STATES

if TYPE_CHECKING:
    from treering.memory.stores.transaction import Transaction

_HEARD = select(func.coalesce(func.sum(heads.c.heard_seq), 0))
_LEASED = select(func.coalesce(func.sum(heads.c.fence), 0))
_JOBS = select(jobs.c.state, func.count().label("rows")).group_by(jobs.c.state)
_TABLES = text(
    "SELECT relname, pg_total_relation_size(relid), n_dead_tup FROM pg_stat_user_tables"
    " WHERE schemaname = current_schema()"
)
_COMMITS = text("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
_LOGGED = text("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")
_CONNECTIONS = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")


def heard_turns(transaction: Transaction) -> int:
    """Turns that were listened to, of everybody."""
    return int(transaction.connection.execute(_HEARD).scalar_one())


def leases(transaction: Transaction) -> int:
    """Leases that were ever given out."""
    return int(transaction.connection.execute(_LEASED).scalar_one())


def job_rows(transaction: Transaction) -> dict[str, int]:
    """Rows of the job table by state."""
    return {row.state: row.rows for row in transaction.connection.execute(_JOBS)}


def jobs_left(transaction: Transaction) -> int:
    """Jobs that workers have to do, of everybody."""
    rows = job_rows(transaction)
    return sum(rows.get(state, 0) for state in PENDING_STATES)


def table_sizes(transaction: Transaction) -> dict[str, tuple[int, int]]:
    """By table: its bytes with indexes, and the dead rows that wait for a vacuum. PostgreSQL only."""
    return {name: (int(size), int(dead)) for name, size, dead in transaction.connection.execute(_TABLES)}


def connections(transaction: Transaction) -> int:
    """Connections to the database, this one too. PostgreSQL only."""
    return int(transaction.connection.execute(_CONNECTIONS).scalar_one())


def commits(transaction: Transaction) -> int:
    """Transactions of this database that ended well, those that only read too; of connections that are closed, all.

    PostgreSQL only.
    """
    return int(transaction.connection.execute(_COMMITS).scalar_one())


def logged_bytes(transaction: Transaction) -> int:
    """Bytes that the server ever wrote to its write-ahead log, for all databases. PostgreSQL only."""
    return int(transaction.connection.execute(_LOGGED).scalar_one())
