"""What reading a part of a ledger costs does not grow with the ledger: counted in the database's own steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from treering.memory.ports import UnitOfWork
from treering.memory.stores import SqlStore
from treering.schemas.claims import Claim
from treering.schemas.dialogue import Scope
from treering.schemas.operations import Add, Batch, Delete, NoOp, Operation
from treering.schemas.trunk import Trunk

SHORT, LONG = 600, 6_000
"""Operations."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, small_trunk: Trunk) -> Iterator[SqlStore]:
    """A store that all tests here read."""
    store = SqlStore(f"sqlite:///{tmp_path_factory.mktemp('grown')}/memory.db", small_trunk)
    yield store
    store.close()


@pytest.fixture(scope="module")
def grown(store: SqlStore, now: datetime) -> dict[int, Scope]:
    """Two people with the same dozen live claims: of one, little more was heard, of the other a lot."""
    return {length: _grow(store, now, length) for length in (SHORT, LONG)}


def _grow(store: SqlStore, now: datetime, length: int) -> Scope:
    scope = Scope(user=f"{length}")
    claims = [
        Claim(
            id=f"{number:024x}", path="taste.food", text=f"{number}", valid_from=now, recorded_at=now, origin="manual"
        )
        for number in range(12)
    ]
    script: list[Operation] = [Add(claim=claim) for claim in claims]
    while len(script) < length - 2:
        script.append(NoOp(why="known"))
    script += [
        Delete(path="taste.food", target=claims[0].id, reason="retracted", at=now),
        Add(claim=claims[0].model_copy(update={"path": "taste.music"})),
    ]
    for version, first in enumerate(range(0, length, 20)):
        some = tuple(script[first : first + 20])
        with store.begin() as unit:
            batch = Batch(id=f"b{version}", operations=some, recorded_at=now, author="tests/1")
            unit.ledger.commit(scope, batch, expected_version=version)
    return scope


def _steps(store: SqlStore, read: Callable[[UnitOfWork], object]) -> int:
    """Instructions of SQLite's virtual machine, in tens."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    with store.begin(write=False) as unit:
        driver = unit.ledger._connection.connection.driver_connection  # the only way to the machine that counts
        driver.set_progress_handler(count, 10)
        try:
            read(unit)
        finally:
            driver.set_progress_handler(None, 0)
    return counted


@pytest.mark.parametrize(
    "read",
    [
        lambda unit, scope, version: unit.ledger.trees(scope, version=version - 5),
        lambda unit, scope, _: unit.ledger.entries_about(scope, [f"{0:024x}", f"{1:024x}"]),
        lambda unit, scope, version: list(unit.ledger.entries(scope, after_version=version - 2)),
        lambda unit, scope, version: unit.ledger.commits(scope, after_version=version - 2),
        lambda unit, scope, _: unit.ledger.version_at(scope, datetime.fromisoformat("2024-03-01T12:00:00+00:00")),
    ],
    ids=["the trees of a version", "entries about claims", "the last entries", "the last commits", "a moment"],
)
def test_a_ledger_ten_times_as_long_costs_no_more_to_read_a_part_of(
    store: SqlStore, grown: dict[int, Scope], read: Callable[[UnitOfWork, Scope, int], object]
) -> None:
    steps = {
        length: _steps(store, lambda unit, scope=scope, length=length: read(unit, scope, length // 20))
        for length, scope in grown.items()
    }
    assert steps[LONG] < 2 * steps[SHORT] + 50
