"""Where a scope stands is read in one statement, once a transaction that only reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import event

from treering.memory.ports import VectorEntry
from treering.memory.stores import SqlStore
from treering.memory.stores.connections import Connections
from treering.memory.stores.standing import Standing, read_standing
from treering.schemas.dialogue import Message, Scope
from treering.schemas.trunks import load_trunk

ANA = Scope(user="ana")
AT = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = SqlStore(f"sqlite:///{tmp_path / 'x.db'}", load_trunk("core"), fingerprint="model")
    yield store
    store.close()


def say(store: SqlStore, message_id: str) -> None:
    with store.begin() as unit:
        unit.turns.append(ANA, "s", [Message(content="hello", id=message_id, at=AT)], AT)


def standing(store: SqlStore, fingerprint: str = "model") -> Standing:
    with store.transaction(write=False) as transaction:
        scope_id = transaction.scope_id(ANA)
        assert scope_id is not None
        return transaction.standing(scope_id, fingerprint)


def index(store: SqlStore) -> None:
    with store.begin() as unit:
        unit.vectors.upsert(
            ANA, [VectorEntry(id="turn:m1", kind="turn", dense=np.ones(4, np.float32) / 2, terms={7: 1})]
        )


def test_it_tells_turns_and_vectors_of_the_embedder(store: SqlStore) -> None:
    say(store, "m1")
    assert standing(store).head.last_seq == 1
    assert standing(store).vectors is None
    index(store)
    found = standing(store).vectors
    assert found is not None
    assert found.dimension == 4
    assert standing(store, "another model").vectors is None


def test_of_a_row_that_the_snapshot_has_not_yet_it_tells_nothing(store: SqlStore) -> None:
    with store.transaction(write=False) as transaction:
        assert read_standing(transaction.connection, 77, "model") == Standing()


def test_a_reading_asks_once_for_the_ledger_and_the_vectors(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    say(store, "m1")
    index(store)
    told: list[str] = []
    engine = _connections(store)._opened()
    event.listen(engine, "before_cursor_execute", lambda _c, _k, statement, *_: told.append(statement))
    asked = 0

    def counted(*arguments: object) -> Standing:
        nonlocal asked
        asked += 1
        return read_standing(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("treering.memory.stores.transaction.read_standing", counted)
    with store.begin(write=False) as unit:
        unit.ledger.head(ANA)
        unit.ledger.trees(ANA)
        unit.vectors.search(ANA, np.ones(4, np.float32) / 2, {7: 1}, kind="claim")
    assert asked == 1
    assert not [one for one in told if "vector_heads" in one]


def test_a_transaction_that_writes_sees_what_it_wrote(store: SqlStore) -> None:
    say(store, "m1")
    with store.begin() as unit:
        assert unit.ledger.head(ANA).last_seq == 1
        unit.turns.append(ANA, "s", [Message(content="again", id="m2", at=AT)], AT)
        assert unit.ledger.head(ANA).last_seq == 2


def _connections(store: SqlStore) -> Connections:
    return store._connections
