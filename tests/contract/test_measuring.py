"""What a store weighs, counted the same on each database; sizes where the server tells them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from treering.memory.stores import SqlStore
from treering.memory.stores.measuring import connections, heard_turns, job_rows, leases, table_sizes
from treering.schemas.dialogue import Scope
from treering.schemas.operations import Batch
from treering.schemas.trunk import Trunk

NOW = datetime(2024, 3, 1, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def store(request: pytest.FixtureRequest, tmp_path: Path, small_trunk: Trunk) -> SqlStore:
    sqlite = f"sqlite:///{tmp_path}/memory.db"
    return SqlStore(sqlite if request.param == "sqlite" else request.getfixturevalue("postgres_url"), small_trunk)


def test_what_was_heard_leased_and_queued_is_counted_over_everybody(store: SqlStore) -> None:
    for user in ("ana", "bo"):
        scope = Scope(user=user)
        heard = Batch(id="hear:1-3", operations=(), recorded_at=NOW, author="t/1", heard_through=3)
        with store.begin() as unit:
            unit.jobs.enqueue(scope, "listen", NOW)
            unit.jobs.enqueue(scope, "index", NOW)
            unit.ledger.commit(scope, heard, expected_version=0)
    with store.begin() as unit:
        assert unit.jobs.claim(NOW, lease_s=10) is not None
    with store.transaction(write=False) as transaction:
        assert heard_turns(transaction) == 6
        assert leases(transaction) == 1
        assert job_rows(transaction) == {"queued": 3, "running": 1}
    store.close()


def test_an_empty_store_counts_nothing(store: SqlStore) -> None:
    with store.transaction(write=False) as transaction:
        assert (heard_turns(transaction), leases(transaction), job_rows(transaction)) == (0, 0, {})
    store.close()


@pytest.mark.services
def test_postgres_tells_sizes_and_connections(postgres_url: str, small_trunk: Trunk) -> None:
    store = SqlStore(postgres_url, small_trunk)
    with store.transaction(write=False) as transaction:
        sizes = table_sizes(transaction)
        assert connections(transaction) >= 1
    assert {"jobs", "turns", "heads"} <= sizes.keys()
    assert all(size > 0 for size, _ in sizes.values())
    store.close()
