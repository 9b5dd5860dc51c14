"""Ledgers from before trunks were recorded are read on any trunk that has their slots."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from treering.errors import TrunkMismatch
from treering.memory.stores import SqlStore
from treering.schemas.claims import Claim
from treering.schemas.dialogue import Scope
from treering.schemas.migration import Standing
from treering.schemas.operations import Add, Batch
from treering.schemas.trunk import Slot, Trunk


def unrecord(path: Path) -> None:
    """Make a store as if its ledgers had been written before trunks were recorded."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE heads SET trunk_name = NULL, trunk_version = NULL")
        connection.execute("UPDATE batches SET trunk_name = NULL, trunk_version = NULL")
        connection.execute("DELETE FROM trunks")


def test_a_ledger_that_names_no_trunk_is_read_where_its_claims_have_slots(
    store: SqlStore, path: Path, ana: Scope, small_trunk: Trunk, now: datetime
) -> None:
    claim = Claim(id="0" * 24, path="name", text="is Ana", valid_from=now, recorded_at=now, origin="manual")
    batch = Batch(id="b", operations=(Add(claim=claim),), recorded_at=now, author="tests/1")
    with store.begin() as unit:
        unit.ledger.commit(ana, batch, expected_version=0)
    store.close()
    unrecord(path)
    store = SqlStore(f"sqlite:///{path}", small_trunk)
    age = Slot(path="age", description="Age.")
    other = Trunk(name="small", version=1, description="Another.", branches=(), slots=(age,))
    more = Trunk(name="small", version=7, description="More.", branches=(), slots=(age, small_trunk.slots[0]))
    with store.begin() as unit:
        assert unit.ledger.head(ana).trunk_name is None
        assert unit.trunks.standing() == [Standing(trunk=None, people=1)]
        assert unit.ledger.trees(ana)["self"].claims
        assert unit.ledger.on(more).trees(ana)["self"].claims
        with pytest.raises(TrunkMismatch, match=r"small/1 with a slot 'name'"):
            unit.ledger.on(other).trees(ana)
        again = claim.model_copy(update={"id": "1" * 24})
        unit.ledger.on(more).commit(
            ana, batch.model_copy(update={"id": "c", "operations": (Add(claim=again),)}), expected_version=1
        )
        assert unit.ledger.head(ana).trunk_version == 7
    store.close()
