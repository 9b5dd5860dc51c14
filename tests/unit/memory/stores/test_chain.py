"""A ledger that somebody tampered with does not verify."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

import pytest

from treering.memory.stores import SqlStore
from treering.schemas.dialogue import Scope
from treering.schemas.operations import Batch, NoOp


@pytest.fixture
def five(store: SqlStore, ana: Scope, now: datetime) -> None:
    """A ledger of five entries."""
    with store.begin() as unit:
        operations = tuple(NoOp(why=f"known {number}", target=f"{number:024x}") for number in range(5))
        batch = Batch(id="b1", operations=operations, recorded_at=now, author="tests/1")
        unit.ledger.commit(ana, batch, expected_version=0)


@pytest.mark.usefixtures("five")
def test_a_sound_ledger_verifies(store: SqlStore, ana: Scope) -> None:
    with store.begin(write=False) as unit:
        assert unit.ledger.first_broken(ana) is None
        assert unit.ledger.first_broken(Scope(user="nobody")) is None


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("UPDATE operations SET body = replace(body, '0', '1') WHERE seq = 3", 3),
        ("UPDATE operations SET commitment = digest WHERE seq = 2", 2),
        ("UPDATE operations SET digest = commitment WHERE seq = 5", 5),
        ("UPDATE operation_words SET words = '{}' WHERE seq = 4", 4),
        ("DELETE FROM operations WHERE seq = 1", 1),
        ("DELETE FROM operation_words WHERE seq = 1", None),
    ],
)
def test_what_was_changed_by_hand_is_found(
    store: SqlStore, path: Path, ana: Scope, change: str, broken: int | None
) -> None:
    connection = sqlite3.connect(path)
    connection.execute(change)
    connection.commit()
    connection.close()
    with store.begin(write=False) as unit:
        assert unit.ledger.first_broken(ana) == broken
