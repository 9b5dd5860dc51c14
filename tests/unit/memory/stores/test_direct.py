"""What goes past SQLAlchemy is compiled once, and fails as it would with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, bindparam, create_engine, insert, select
from sqlalchemy.exc import OperationalError

from treering.memory.stores.direct import DirectQuery

people = Table("people", MetaData(), Column("id", Integer, primary_key=True), Column("name", Text))
BY_BOTH = DirectQuery(
    select(people.c.name, people.c.id).where(people.c.name == bindparam("who"), people.c.id > bindparam("above"))
)


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        people.create(connection)
        connection.execute(
            insert(people), [{"id": 1, "name": "ana"}, {"id": 2, "name": "bo"}, {"id": 3, "name": "ana"}]
        )
        yield connection
    engine.dispose()


def test_the_row_comes_with_its_columns_in_order(connection: Connection) -> None:
    assert BY_BOTH.names == ("name", "id")
    assert BY_BOTH.row(connection, {"above": 1, "who": "ana"}) == ("ana", 3)
    assert BY_BOTH.row(connection, {"who": "bo", "above": 1}) == ("bo", 2)


def test_where_there_is_no_row_there_is_none(connection: Connection) -> None:
    assert BY_BOTH.row(connection, {"who": "zoe", "above": 0}) is None


def test_it_sees_what_its_transaction_has_written(connection: Connection) -> None:
    connection.execute(insert(people), {"id": 4, "name": "zoe"})
    assert BY_BOTH.row(connection, {"who": "zoe", "above": 0}) == ("zoe", 4)


def test_an_error_is_sqlalchemys_and_tells_no_values(connection: Connection) -> None:
    people.drop(connection)
    with pytest.raises(OperationalError, match="no such table") as caught:
        BY_BOTH.row(connection, {"who": "a secret name", "above": 0})
    assert "a secret name" not in str(caught.value)
