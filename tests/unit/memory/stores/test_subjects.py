"""Names of subjects stand in one table, and go without breaking the ledger."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from treering.memory.operations import fold
from treering.memory.stores import SqlStore
from treering.schemas.claims import Claim, Evidence
from treering.schemas.dialogue import Scope
from treering.schemas.operations import Add, Batch, Delete, Operation
from treering.schemas.trunk import Trunk

NAME = "person:Zebulonia"


def add(number: int, now: datetime, subject: str = NAME) -> Add:
    evidence = (Evidence(message_id="m1", quote="so it was said", start=0),)
    return Add(
        claim=Claim(
            id=f"{number:024x}",
            subject=subject,
            path="taste.food",
            text="likes soup",
            valid_from=now,
            recorded_at=now,
            evidence=evidence,
        )
    )


def commit(store: SqlStore, scope: Scope, now: datetime, *operations: Operation) -> None:
    with store.begin() as unit:
        version = unit.ledger.head(scope).version
        batch = Batch(id=f"b{version}", operations=operations, recorded_at=now, author="tests/1")
        unit.ledger.commit(scope, batch, expected_version=version)


def test_a_name_is_read_back_also_by_another_opening(
    store: SqlStore, path: Path, small_trunk: Trunk, ana: Scope, now: datetime
) -> None:
    commit(store, ana, now, add(1, now), add(2, now, "person:Bo"))
    commit(store, ana, now, add(3, now))
    other = SqlStore(f"sqlite:///{path}", small_trunk)
    with other.begin(write=False) as unit:
        assert set(unit.ledger.trees(ana)) == {NAME, "person:Bo"}
        assert len(unit.ledger.trees(ana)[NAME].claims) == 2
        assert next(unit.ledger.entries(ana)).operation == add(1, now)
    other.close()


def test_an_erased_name_is_in_no_byte_and_the_ledger_still_holds(
    store: SqlStore, path: Path, small_trunk: Trunk, ana: Scope, now: datetime
) -> None:
    gone = Delete(subject=NAME, path="taste.food", target=f"{1:024x}", reason="forgotten", at=now)
    commit(store, ana, now, add(1, now), add(2, now, "self"))
    commit(store, ana, now, gone)
    with store.begin() as unit:
        unit.ledger.erase(ana, [f"{1:024x}"])
        assert unit.ledger.erase_names(ana, [NAME, "person:Nobody"]) == 1
    with store.begin(write=False) as unit:
        operations = [entry.operation for entry in unit.ledger.entries(ana)]
        assert fold(small_trunk, operations)["self"].claims == unit.ledger.trees(ana)["self"].claims
        assert unit.ledger.first_broken(ana) is None
    assert "Zebulonia" not in "".join(file.read_bytes().decode("latin-1") for file in path.parent.iterdir())


def test_an_alias_differs_from_scope_to_scope(store: SqlStore, ana: Scope, now: datetime) -> None:
    bo = Scope(user="bo")
    for scope in (ana, bo):
        commit(store, scope, now, add(1, now))
        with store.begin() as unit:
            unit.ledger.erase(scope, [f"{1:024x}"])
            unit.ledger.erase_names(scope, [NAME])
    shown = []
    for scope in (ana, bo):
        with store.begin(write=False) as unit:
            [entry] = unit.ledger.entries(scope)
            shown.append(getattr(entry.operation, "claim").subject)  # noqa: B009 - any operation has one here
    assert all(subject.startswith("person:~") for subject in shown)
    assert shown[0] != shown[1]
