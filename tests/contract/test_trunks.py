"""The contract of trunks: each ledger stands on one, is read on no other, and its past on that of its time."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from treering.errors import DuplicateClaim, TrunkMismatch, UnknownSlot, VersionConflict
from treering.memory.operations import fold
from treering.memory.ports import Store, UnitOfWork
from treering.schemas.dialogue import Message, Scope
from treering.schemas.migration import Standing
from treering.schemas.operations import Add, Batch, Delete
from treering.schemas.trunk import Slot, Trunk


def changed(trunk: Trunk, slots: Sequence[Slot], version: int = 1) -> Trunk:
    """The trunk with other slots. Not a copy, which would remember the paths of the original."""
    return Trunk(
        name=trunk.name, version=version, description=trunk.description, branches=trunk.branches, slots=tuple(slots)
    )


@pytest.fixture
def new_trunk(small_trunk: Trunk) -> Trunk:
    """The small trunk without `taste.food`, and with `meals` for it."""
    slots = [slot for slot in small_trunk.slots if slot.path != "taste.food"]
    slots.append(Slot(path="meals", description="Food.", cardinality="one"))
    return changed(small_trunk, slots, version=2)


def test_the_first_commit_records_the_trunk(
    store: Store, ana: Scope, small_trunk: Trunk, make: SimpleNamespace
) -> None:
    with store.begin() as unit:
        assert unit.trunks.trunks() == []
        assert unit.trunks.standing() == []
        unit.turns.append(ana, "s", [Message(content="hello")], make.moment(0))
        assert unit.ledger.head(ana).trunk_name is None
        unit.ledger.commit(ana, make.batch(Add(claim=make.claim("bread"))), expected_version=0)
    with store.begin(write=False) as unit:
        head = unit.ledger.head(ana)
        assert (head.trunk_name, head.trunk_version) == ("small", 1)
        assert unit.trunks.get("small", 1) == small_trunk
        assert unit.trunks.get("small", 2) is None
        assert unit.trunks.standing() == [Standing(trunk="small/1", people=1)]


def test_a_commit_that_was_rolled_back_records_nothing(store: Store, ana: Scope, make: SimpleNamespace) -> None:
    batch = make.batch(Add(claim=make.claim("bread")))
    twice = make.batch(Add(claim=make.claim("bread")), name="b2")
    with pytest.raises(DuplicateClaim), store.begin() as unit:
        _commit_all(unit, ana, [batch, twice])
    with store.begin() as unit:
        assert unit.trunks.trunks() == []
        unit.ledger.commit(ana, batch, expected_version=0)
    with store.begin(write=False) as unit:
        assert [trunk.label for trunk in unit.trunks.trunks()] == ["small/1"]


def test_a_trunk_is_replaced_only_by_one_that_has_all_its_slots(store: Store, small_trunk: Trunk) -> None:
    more = changed(small_trunk, [*small_trunk.slots, Slot(path="age", description="Age.")])
    with store.begin() as unit:
        unit.trunks.put(small_trunk)
        unit.trunks.put(more)
        assert unit.trunks.get("small", 1) == more
        unit.trunks.put(small_trunk)
        assert unit.trunks.get("small", 1) == more


def test_a_ledger_is_neither_read_nor_written_on_another_trunk(
    store: Store, ana: Scope, new_trunk: Trunk, make: SimpleNamespace
) -> None:
    with store.begin() as unit:
        unit.ledger.commit(ana, make.batch(Add(claim=make.claim("bread"))), expected_version=0)
    more = make.batch(Add(claim=make.claim("jazz", path="taste.music")), name="b2")
    with store.begin(write=False) as unit, pytest.raises(TrunkMismatch) as raised:
        unit.ledger.on(new_trunk).trees(ana)
    assert (raised.value.stored, raised.value.given) == ("small/1", "small/2")
    with store.begin() as unit, pytest.raises(TrunkMismatch):
        unit.ledger.on(new_trunk).commit(ana, more, expected_version=1)
    with store.begin(write=False) as unit:
        assert unit.ledger.on(new_trunk).head(ana).version == 1
        assert unit.ledger.trees(ana)["self"].claims


def test_the_same_holds_in_a_process_that_has_the_trees_at_hand(
    store: Store, ana: Scope, new_trunk: Trunk, make: SimpleNamespace
) -> None:
    """Somebody else migrates, without a claim to move: nothing but the trunk changes."""
    with store.begin() as unit:
        unit.ledger.commit(ana, make.batch(Add(claim=make.claim("jazz", path="taste.music"))), expected_version=0)
    with store.begin(write=False) as unit:
        assert unit.ledger.trees(ana)["self"].claims
    with store.begin() as unit:
        assert unit.ledger.on(new_trunk).move(ana, make.batch(name="m"), expected_version=1).version == 1
        with pytest.raises(TrunkMismatch):
            unit.ledger.trees(ana)
    with store.begin(write=False) as unit:
        with pytest.raises(TrunkMismatch):
            unit.ledger.trees(ana)
        assert unit.ledger.on(new_trunk).trees(ana)["self"].trunk == new_trunk


def test_without_claims_a_ledger_changes_its_trunk_with_the_next_commit(
    store: Store, ana: Scope, new_trunk: Trunk, make: SimpleNamespace
) -> None:
    bread = make.claim("bread")
    gone = Delete(path=bread.path, target=bread.id, reason="retracted", at=make.moment(0))
    with store.begin() as unit:
        unit.ledger.commit(ana, make.batch(Add(claim=bread), gone), expected_version=0)
        ledger = unit.ledger.on(new_trunk)
        assert ledger.trees(ana) == {}
        soup = make.claim("soup", path="meals")
        assert ledger.commit(ana, make.batch(Add(claim=soup), name="b2"), expected_version=1).trunk_version == 2
        assert unit.trunks.standing() == [Standing(trunk="small/2", people=1)]
        assert [trunk.label for trunk in unit.trunks.trunks()] == ["small/1", "small/2"]


def test_more_slots_under_the_same_version_do_no_harm_and_fewer_do(
    store: Store, ana: Scope, small_trunk: Trunk, make: SimpleNamespace
) -> None:
    more = changed(small_trunk, [*small_trunk.slots, Slot(path="age", description="Age.")])
    fewer = changed(small_trunk, small_trunk.slots[:2])
    with store.begin() as unit:
        unit.ledger.commit(ana, make.batch(Add(claim=make.claim("bread"))), expected_version=0)
        assert unit.ledger.on(more).trees(ana)["self"].claims
        with pytest.raises(TrunkMismatch, match=r"small/1 with a slot 'taste.food'"):
            unit.ledger.on(fewer).trees(ana)
        with pytest.raises(TrunkMismatch):
            unit.ledger.on(fewer).commit(
                ana, make.batch(Add(claim=make.claim("x", path="name")), name="b2"), expected_version=1
            )


def test_moving_retracts_on_the_old_trunk_and_adds_on_the_new(
    store: Store, ana: Scope, small_trunk: Trunk, new_trunk: Trunk, make: SimpleNamespace
) -> None:
    bread, jazz = make.claim("bread"), make.claim("jazz", path="taste.music")
    moved = bread.model_copy(update={"path": "meals"})
    with store.begin() as unit:
        unit.ledger.commit(ana, make.batch(Add(claim=bread), Add(claim=jazz)), expected_version=0)
    retraction = Delete(path=bread.path, target=bread.id, reason="retracted", at=make.moment(1))
    with store.begin() as unit:
        batch = make.batch(retraction, Add(claim=moved), name="m", author="migrate")
        head = unit.ledger.on(new_trunk).move(ana, batch, expected_version=1)
    assert (head.version, head.seq, head.trunk_version) == (2, 4, 2)
    with store.begin(write=False) as unit:
        ledger = unit.ledger.on(new_trunk)
        tree = ledger.trees(ana)["self"]
        assert dict(tree.claims) == {bread.id: moved, jazz.id: jazz}
        entries = list(unit.ledger.entries(ana))
        assert fold(new_trunk, [entry.operation for entry in entries])["self"].claims == tree.claims
        past = ledger.trees(ana, version=1)["self"]
        assert past.trunk == small_trunk
        assert dict(past.claims) == {bread.id: bread, jazz.id: jazz}
        assert [commit.trunk_version for commit in unit.ledger.commits(ana)] == [1, 2]


def test_a_move_that_leaves_a_claim_without_a_slot_changes_nothing(
    store: Store, ana: Scope, new_trunk: Trunk, make: SimpleNamespace
) -> None:
    bread = make.claim("bread")
    with store.begin() as unit:
        unit.ledger.commit(ana, make.batch(Add(claim=bread)), expected_version=0)
    for batch in (make.batch(name="m"), make.batch(Add(claim=make.claim("x", path="name")), name="m")):
        with pytest.raises(TrunkMismatch, match=r"taste\.food"), store.begin() as unit:
            unit.ledger.on(new_trunk).move(ana, batch, expected_version=1)
    retraction = Delete(path=bread.path, target=bread.id, reason="retracted", at=make.moment(1))
    with pytest.raises(UnknownSlot), store.begin() as unit:
        unit.ledger.on(new_trunk).move(ana, make.batch(retraction, Add(claim=bread), name="m"), expected_version=1)
    with pytest.raises(VersionConflict), store.begin() as unit:
        unit.ledger.on(new_trunk).move(ana, make.batch(retraction, name="m"), expected_version=0)
    with store.begin(write=False) as unit:
        head = unit.ledger.head(ana)
        assert (head.version, head.trunk_version) == (1, 1)
        assert list(unit.ledger.trees(ana)["self"].claims) == [bread.id]
        assert [trunk.label for trunk in unit.trunks.trunks()] == ["small/1"]


def _commit_all(unit: UnitOfWork, scope: Scope, batches: Sequence[Batch]) -> None:
    for version, batch in enumerate(batches):
        unit.ledger.commit(scope, batch, expected_version=version)
