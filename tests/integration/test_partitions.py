"""Tables of people can be partitions: what docs/scale.md says of PostgreSQL."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from treering import Memory, Settings
from treering.memory.stores.tables import scopes

pytestmark = pytest.mark.services

COUNTED_BY_THEMSELVES = {"held", "jobs", "receipts", "vectors"}
"""Tables whose key does not begin with the person."""

PARTS = 4


def connected(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))


def partition(url: str) -> None:
    """Put partitions by the hash of the person in the place of each empty table whose keys allow it."""
    keyed = [table.name for table in scopes.metadata.sorted_tables if "scope_id" in table.c]
    with connected(url) as connection:
        for table in set(keyed) - COUNTED_BY_THEMSELVES:
            name, former = sql.Identifier(table), sql.Identifier(f"former_{table}")
            connection.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(name, former))
            connection.execute(
                sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL) PARTITION BY HASH (scope_id)").format(name, former)
            )
            for part in range(PARTS):
                connection.execute(
                    sql.SQL("CREATE TABLE {} PARTITION OF {} FOR VALUES WITH (MODULUS {}, REMAINDER {})").format(
                        sql.Identifier(f"{table}_{part}"), name, sql.Literal(PARTS), sql.Literal(part)
                    )
                )
            connection.execute(sql.SQL("DROP TABLE {}").format(former))


def test_a_life_on_partitioned_tables(postgres_url: str) -> None:
    partition(postgres_url)
    people = [f"person-{number}" for number in range(12)]
    with Memory(settings=Settings(database_url=postgres_url, embedder="hash"), background=False) as memory:
        for name in people:
            memory.remember(name, "I live in Porto and I am allergic to peanuts.")
        memory.flush()
        memory.forget(people[0])
        assert "Porto" not in memory.recall(people[0], "Where does she live?").context
        for name in people[1:]:
            assert "Porto" in memory.recall(name, "Where does she live?").context
            assert len(memory.history(name)) == len(memory.tree(name).claims) > 1
    with connected(postgres_url) as connection:
        assert len(connection.execute("SELECT DISTINCT tableoid FROM turns").fetchall()) > 1


def test_what_is_counted_by_itself_cannot_be(postgres_url: str) -> None:
    create = sql.SQL("CREATE TABLE parted (LIKE {} INCLUDING ALL) PARTITION BY HASH (scope_id)")
    with connected(postgres_url) as connection:
        for table in sorted(COUNTED_BY_THEMSELVES):
            with pytest.raises(psycopg.errors.FeatureNotSupported), connection.transaction():
                connection.execute(create.format(sql.Identifier(table)))
