"""Where two features meet that each keep their promise alone; `tests/property/lives/test_lives.py` looks for more."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from treering import Memory, Scope
from treering.errors import NothingToUndo, UndoConflict
from treering.schemas.operations import Batch, Delete
from treering.testing import ManualClock

CITY = "I live in Porto."
FOOD = "I'm allergic to peanuts."


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    """One message, m1, that was heard."""
    with Memory(tmp_path, embedder="hash", clock=ManualClock(), background=False) as opened:
        opened.remember("ana", {"content": CITY, "id": "m1"})
        opened.flush()
        yield opened


def texts(memory: Memory) -> list[str]:
    return [claim.text for claim in memory.tree("ana").claims]


def test_what_was_undone_and_then_taken_back_is_not_brought_back_by_redo(memory: Memory) -> None:
    memory.undo("ana")
    taken = memory.retract("ana", "m1")
    assert taken.version_before == taken.version_after, "the ledger had nothing to change, so nothing ends the redo"
    with pytest.raises(UndoConflict, match="m1 was changed again"):
        memory.redo("ana")
    assert texts(memory) == []


def test_an_undo_does_not_bring_back_what_was_taken_back_meanwhile(memory: Memory) -> None:
    memory.rewind("ana", 0)
    memory.retract("ana", "m1")
    with pytest.raises(UndoConflict, match="m1 was changed again"):
        memory.undo("ana")
    assert texts(memory) == []


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda memory: memory.retract("ana", "m1"), []),
        (lambda memory: memory.amend("ana", "m1", FOOD), ["is allergic to peanuts"]),
    ],
    ids=["retracted", "amended"],
)
def test_a_rewind_leaves_out_what_was_taken_back_by_no_version(
    memory: Memory, change: Callable[[Memory], object], left: list[str]
) -> None:
    memory.remember("ana", {"content": "I love jazz.", "id": "m2"})
    memory.flush()
    memory.undo("ana", 2)
    change(memory)
    memory.flush()
    assert texts(memory) == left
    memory.rewind("ana", 2)
    memory.flush()
    assert texts(memory) == ["loves jazz"]
    assert memory.doctor("ana").findings == ()


def test_a_rewind_gives_a_message_its_text_again_where_a_version_took_it(memory: Memory) -> None:
    memory.retract("ana", "m1")
    memory.rewind("ana", 1)
    assert texts(memory) == ["lives in Porto"]
    assert memory.turns("ana")[0].content == CITY, "this retraction made a version, so it was rewound too"
    with pytest.raises(NothingToUndo):
        memory.redo("ana")


def test_a_claim_that_outlived_the_rest_of_its_forgotten_message_comes_back_too(memory: Memory) -> None:
    memory.remember("ana", {"content": "I love jazz. I'm allergic to peanuts.", "id": "m2"})
    memory.flush()
    assert texts(memory) == ["lives in Porto", "is allergic to peanuts", "loves jazz"]
    [peanuts] = [claim.id for claim in memory.tree("ana").claims if "peanuts" in claim.text]
    forgotten = memory.forget("ana", claims=[peanuts])
    assert forgotten.messages == ("m2",)
    assert texts(memory) == ["lives in Porto", "loves jazz"]
    version = memory.tree("ana").version
    memory.rewind("ana", 1)
    assert texts(memory) == ["lives in Porto"]
    memory.undo("ana")
    memory.rewind("ana", 1)
    memory.rewind("ana", version)
    assert texts(memory) == ["lives in Porto", "loves jazz"]


def test_snapshots_of_claims_that_came_back_with_their_end_are_right(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("treering.memory.stores.snapshots.SNAPSHOT_EVERY", 1)
    [claim] = memory.tree("ana").claims
    before = claim.valid_from - timedelta(days=1)
    ended = Delete(path=claim.path, target=claim.id, reason="ended", at=before)
    batch = Batch(id="end", operations=(ended,), recorded_at=claim.recorded_at, author="manual")
    with memory._engine.store.begin() as unit:
        unit.ledger.commit(Scope(user="ana"), batch, expected_version=1)
    memory.rewind("ana", 0)
    memory.undo("ana")
    memory.flush()
    assert memory.doctor("ana").findings == ()


def test_forgetting_what_nothing_says_any_more_leaves_no_bytes_of_it_in_the_gaps_of_the_file(
    memory: Memory, tmp_path: Path
) -> None:
    with memory._engine.store.begin(write=False) as unit:
        before = unit.ledger.head(Scope(user="ana"))
    with sqlite3.connect(tmp_path / "treering.db", isolation_level=None) as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE scrap (words TEXT)")
        connection.execute("INSERT INTO scrap VALUES ('vexwort and vexwort again')")
        connection.execute("DELETE FROM scrap")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert b"vexwort" in (tmp_path / "treering.db").read_bytes()
    assert memory.forget("ana", about="vexwort").is_empty
    assert not any(b"vexwort" in file.read_bytes() for file in tmp_path.iterdir())
    with memory._engine.store.begin(write=False) as unit:
        assert unit.ledger.head(Scope(user="ana")) == before
