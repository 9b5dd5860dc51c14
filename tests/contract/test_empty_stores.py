"""The stores that tests use again: each is as it was made, or it is given to nobody any more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
import pytest

from treering.memory.stores import SqlStore
from treering.memory.stores.upgrading import check_store
from treering.schemas.dialogue import Message, Scope
from treering.schemas.trunk import Trunk

if TYPE_CHECKING:
    from tests.empty_stores import EmptyStores

pytestmark = pytest.mark.services

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch, empty_stores: EmptyStores) -> None:
    monkeypatch.setattr(empty_stores, "LEAVING_S", 0.5)


def connected(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def next_one(empty_stores: EmptyStores) -> str:
    """Which store the next test gets."""
    url = empty_stores.take()
    empty_stores.give_back(url)
    return url


def rows(url: str) -> dict[str, int]:
    """How many rows each table has."""
    with connected(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
        return {
            table: count
            for (table,) in tables
            for (count,) in connection.execute(f'SELECT count(*) FROM "{table}"')  # type: ignore[arg-type]  # noqa: S608 - names from the catalog
        }


def test_one_that_was_used_comes_back_as_it_was_made(empty_stores: EmptyStores, small_trunk: Trunk, ana: Scope) -> None:
    url = empty_stores.take()
    made = rows(url)
    for _ in range(2):
        store = SqlStore(url, small_trunk)
        with store.begin() as unit:
            unit.turns.append(ana, "s1", [Message(content="I live in Porto.", id="m1")], NOON)
        with store.transaction(write=False) as transaction:
            assert transaction.scope_id(ana) == 1
        store.close()
        assert rows(url) != made
        empty_stores.give_back(url)
        assert empty_stores.take() == url
        assert rows(url) == made
        assert check_store(url).differences == ()
    empty_stores.give_back(url)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE more (id int)",
        "ALTER TABLE turns ADD COLUMN more int",
        "ALTER TABLE turns ALTER COLUMN content DROP NOT NULL",
        "DROP INDEX ix_sessions_open",
    ],
)
def test_one_whose_tables_were_changed_does_not(empty_stores: EmptyStores, change: str) -> None:
    url = empty_stores.take()
    with connected(url) as connection:
        connection.execute(change)  # type: ignore[arg-type]
    empty_stores.give_back(url)
    assert next_one(empty_stores) != url


def test_one_that_somebody_is_still_connected_to_does_not(empty_stores: EmptyStores) -> None:
    url = empty_stores.take()
    with connected(url):
        empty_stores.give_back(url)
        assert next_one(empty_stores) != url


def test_a_test_that_leaves_a_transaction_open_fails(empty_stores: EmptyStores) -> None:
    url = empty_stores.take()
    with connected(url) as connection:
        connection.execute("BEGIN")
        with pytest.raises(AssertionError, match="left a transaction open"):
            empty_stores.give_back(url)
