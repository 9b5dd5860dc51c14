"""The contract of reading the past: every version is what its entries fold to, however it is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treering.errors import OperationError, UnknownVersion
from treering.memory.operations import Forest, fold, plant, without_bare
from treering.memory.ports import Store
from treering.schemas.claims import FORGOTTEN, Claim, Evidence
from treering.schemas.dialogue import Scope
from treering.schemas.operations import Add, Batch, Commit, Delete, NoOp, Operation, Update
from treering.schemas.trunk import Trunk

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
IDS = [f"{number:024x}" for number in range(5)]
SNAPSHOT_EVERY = 16
"""A sixteenth of what it is: the mark is crossed as often, and a sixteenth of the entries is read for it."""
_users = count()

numbers = st.integers(0, 4)
subjects = st.sampled_from(["self", "self", "person:Bo"])
paths = st.sampled_from(["taste.food", "taste.food", "name"])
targets = st.sampled_from(IDS)


def _claim(number: int, subject: str, path: str, said: int, supersedes: tuple[str, ...] = ()) -> Claim:
    return Claim(
        id=IDS[number],
        subject=subject,
        path=path,
        text=f"claim {number} as said in {said}",
        valid_from=NOON + timedelta(days=number, microseconds=said),
        valid_to=NOON + timedelta(days=90) if said == 4 else None,
        recorded_at=NOON,
        evidence=(Evidence(message_id=f"m{said}", quote=f"quote {said}", start=said),),
        supersedes=supersedes,
    )


additions = st.builds(lambda n, s, p, m: Add(claim=_claim(n, s, p, m)), numbers, subjects, paths, numbers)
updates = st.builds(
    lambda n, s, p, m, old: Update(claim=_claim(n, s, p, m, (old,))), numbers, subjects, paths, numbers, targets
)
deletions = st.builds(
    Delete,
    subject=subjects,
    path=paths,
    target=targets,
    reason=st.sampled_from(["ended", "retracted", "forgotten"]),
    at=st.integers(-5, 5).map(lambda days: NOON + timedelta(days=days)),
)
some = st.lists(st.lists(additions | additions | updates | deletions, min_size=1, max_size=4), min_size=1, max_size=8)
longer_than_a_snapshot = st.sampled_from([12, SNAPSHOT_EVERY, 20]).map(
    lambda size: [[NoOp(why=f"known {place}") for place in range(size)]]
)
histories = st.tuples(some, longer_than_a_snapshot, some, longer_than_a_snapshot, some).map(
    lambda parts: [batch for part in parts for batch in part]
)


def grow(store: Store, trunk: Trunk, script: list[list[Operation]]) -> Scope:
    """A scope with those operations of a script that fit, in its batches."""
    scope = Scope(user=f"user {next(_users)}")
    forest: Forest = {}
    for number, operations in enumerate(script):
        fitting = []
        for operation in operations:
            try:
                forest = plant(trunk, (operation,), forest)
            except OperationError:
                continue
            fitting.append(operation)
        batch = Batch(id=f"b{number}", operations=tuple(fitting), recorded_at=NOON, author="tests/1")
        with store.begin() as unit:
            unit.ledger.commit(scope, batch, expected_version=unit.ledger.head(scope).version)
    return scope


def check_every_version(store: Store, scope: Scope, trunk: Trunk) -> None:
    with store.begin(write=False) as unit:
        entries = list(unit.ledger.entries(scope))
        for version in range(unit.ledger.head(scope).version + 1):
            folded = without_bare(fold(trunk, [entry.operation for entry in entries if entry.version <= version]))
            assert unit.ledger.trees(scope, version=version) == folded, version


@pytest.fixture
def _short_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treering.memory.stores.snapshots.SNAPSHOT_EVERY", SNAPSHOT_EVERY)


several = settings(max_examples=12, suppress_health_check=list(HealthCheck))


@pytest.mark.usefixtures("_short_ways")
@several
@given(script=histories)
def test_each_version_of_the_past_is_the_fold_of_its_entries(
    store: Store, small_trunk: Trunk, script: list[list[Operation]]
) -> None:
    check_every_version(store, grow(store, small_trunk, script), small_trunk)


@pytest.mark.usefixtures("_short_ways")
@several
@given(script=histories, gone=targets)
def test_the_past_stays_the_fold_of_its_entries_when_words_are_forgotten_and_when_it_is_rebuilt(
    store: Store, small_trunk: Trunk, script: list[list[Operation]], gone: str
) -> None:
    scope = grow(store, small_trunk, script)
    with store.begin() as unit:
        unit.ledger.erase(scope, [gone])
    check_every_version(store, scope, small_trunk)
    with store.begin() as unit:
        unit.ledger.rebuild(scope)
    check_every_version(store, scope, small_trunk)


@pytest.fixture
def commit(store: Store, ana: Scope) -> Callable[[Batch], int]:
    """Commits a batch of Ana, and returns its version."""

    def commit(batch: Batch) -> int:
        with store.begin() as unit:
            return unit.ledger.commit(ana, batch, expected_version=unit.ledger.head(ana).version).version

    return commit


def test_words_that_were_forgotten_since_are_gone_from_the_past_too(
    store: Store, ana: Scope, commit: Callable[[Batch], int], make: SimpleNamespace
) -> None:
    figs = make.claim("figs")
    commit(make.batch(Add(claim=figs)))
    commit(make.batch(Delete(path=figs.path, target=figs.id, reason="forgotten", at=NOON), name="b2"))
    with store.begin() as unit:
        unit.ledger.erase(ana, [figs.id])
        [claim] = unit.ledger.trees(ana, version=1)["self"].claims.values()
    assert (claim.id, claim.text) == (figs.id, FORGOTTEN)


def test_a_version_that_never_was_is_refused(
    store: Store, ana: Scope, commit: Callable[[Batch], int], make: SimpleNamespace
) -> None:
    commit(make.batch(Add(claim=make.claim("figs"))))
    with store.begin(write=False) as unit:
        assert unit.ledger.trees(ana, version=0) == {}
        for version in (-1, 2):
            with pytest.raises(UnknownVersion) as caught:
                unit.ledger.trees(ana, version=version)
            assert (caught.value.version, caught.value.latest) == (version, 1)
        with pytest.raises(UnknownVersion):
            unit.ledger.trees(Scope(user="nobody"), version=1)


def test_the_version_at_a_moment_is_the_last_that_was_recorded_by_then(
    store: Store, ana: Scope, commit: Callable[[Batch], int], make: SimpleNamespace
) -> None:
    for number, second in enumerate((10, 20, 20, 30)):
        commit(make.batch(NoOp(why="known"), name=f"b{number}", recorded_at=make.moment(second)))
    asked = {5: 0, 10: 1, 15: 1, 20: 3, 29.999999: 3, 30: 4, 10**8: 4}
    with store.begin(write=False) as unit:
        assert {second: unit.ledger.version_at(ana, make.moment(second)) for second in asked} == asked
        assert unit.ledger.version_at(Scope(user="nobody"), make.moment(0)) == 0


def test_commits_tell_who_made_each_version_and_what_it_takes_back(
    store: Store, ana: Scope, commit: Callable[[Batch], int], small_trunk: Trunk, make: SimpleNamespace
) -> None:
    figs = make.claim("figs")
    commit(make.batch(Add(claim=figs), author="manual", recorded_at=make.moment(1)))
    commit(make.batch(name="heard", heard_through=3))
    retraction = Delete(path=figs.path, target=figs.id, reason="retracted", at=NOON)
    commit(make.batch(retraction, name="b2", author="undo", reverts=1, recorded_at=make.moment(2)))
    trunk = {"trunk_name": small_trunk.name, "trunk_version": small_trunk.version}
    first = Commit(version=1, batch_id="b1", author="manual", recorded_at=make.moment(1), **trunk)
    second = Commit(version=2, batch_id="b2", author="undo", recorded_at=make.moment(2), reverts=1, **trunk)
    with store.begin(write=False) as unit:
        assert unit.ledger.commits(ana) == [first, second]
        assert unit.ledger.commits(ana, through_version=1) == [first]
        assert unit.ledger.commits(ana, after_version=1, through_version=9) == [second]
        assert unit.ledger.commits(Scope(user="nobody")) == []


def test_entries_of_slots_are_found_wherever_they_stand(
    store: Store, ana: Scope, commit: Callable[[Batch], int], make: SimpleNamespace
) -> None:
    figs, tea, name = make.claim("figs"), make.claim("tea", subject="person:Bo"), make.claim("Ana", path="name")
    commit(make.batch(Add(claim=figs), Add(claim=name), NoOp(why="known", target=figs.id)))
    gone = Delete(path=figs.path, target=figs.id, reason="retracted", at=NOON)
    commit(make.batch(Add(claim=tea), gone, name="b2"))
    with store.begin(write=False) as unit:
        assert [entry.operation for entry in unit.ledger.entries_after(ana, paths=["taste.food"])] == [
            Add(claim=figs),
            Add(claim=tea),
            gone,
        ]
        assert [entry.seq for entry in unit.ledger.entries_after(ana, paths=["name", "taste.food"])] == [1, 2, 4, 5]
        assert [one.seq for one in unit.ledger.entries_after(ana, 1, paths=["name", "taste.food"], limit=2)] == [2, 4]
        assert unit.ledger.entries_after(ana, paths=["taste.music"]) == []
        assert unit.ledger.entries_after(ana, paths=[]) == []
        assert unit.ledger.entries_after(Scope(user="nobody"), paths=["name"]) == []
