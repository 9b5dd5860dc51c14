"""A migration that is killed at any moment leaves each person on one trunk or the other, and goes on where it was."""

from __future__ import annotations

import os
import random
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from treering.errors import TrunkMismatch
from treering.memory.clock import SystemClock
from treering.memory.migrating import Migrating, Order
from treering.memory.operations import fold
from treering.memory.stores import SqlStore
from treering.schemas.claims import Claim
from treering.schemas.dialogue import Scope
from treering.schemas.migration import Drop, Migration, Rename
from treering.schemas.operations import Add, Batch
from treering.schemas.trunk import Slot, Trunk

KILLS = 8
PEOPLE = [Scope(user=f"u{number}") for number in range(60)]
CLAIMS = 12
NOW = datetime(2024, 3, 1, tzinfo=UTC)

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


def trunk(version: int, *paths: str) -> Trunk:
    slots = tuple(Slot(path=path, description="A slot.") for path in paths)
    return Trunk(name="t", version=version, description="For tests.", branches=(), slots=slots)


OLD, NEW = trunk(1, "a", "b", "c"), trunk(2, "x", "b")
ORDER = Order(
    migration=Migration(origin="t/1", target="t/2", steps=(Rename(source="a", to="x"), Drop(path="c"))),
    trunks=(OLD, NEW),
)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store with everybody on the old trunk, on each database."""
    found: str = (
        f"sqlite:///{tmp_path}/memory.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    )
    store = SqlStore(found, OLD)
    for scope in PEOPLE:
        claims = [claim(number) for number in range(CLAIMS)]
        batch = Batch(id="b", operations=tuple(Add(claim=one) for one in claims), recorded_at=NOW, author="tests/1")
        with store.begin() as unit:
            unit.ledger.commit(scope, batch, expected_version=0)
    store.close()
    return found


def claim(number: int) -> Claim:
    path = "abc"[number % 3]
    return Claim(
        id=f"{number:024x}", path=path, text=f"claim {number}", valid_from=NOW, recorded_at=NOW, origin="manual"
    )


def migrate(url: str) -> int:
    store = SqlStore(url, NEW)
    migrating = Migrating(store=store, index=None, trunk=NEW, clock=SystemClock())
    report = migrating.run(ORDER, PEOPLE, progress=lambda _, __: None)
    store.close()
    return report.moved


def kill_a_migration(url: str, after_s: float) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, b".")
            migrate(url)
            signal.pause()
        finally:
            os._exit(1)
    os.read(reading, 1)
    time.sleep(after_s)  # the moment is what is tested, and not waited for
    os.kill(child, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def check(url: str) -> int:
    """Everybody stands on one trunk as a whole; returns how many on the new one."""
    store = SqlStore(url, NEW)
    moved = 0
    with store.begin(write=False) as unit:
        for scope in PEOPLE:
            head = unit.ledger.head(scope)
            entries = [entry.operation for entry in unit.ledger.entries(scope)]
            if head.trunk_version == 1:
                with pytest.raises(TrunkMismatch):
                    unit.ledger.trees(scope)
                assert (head.version, len(entries)) == (1, CLAIMS)
                continue
            moved += 1
            tree = unit.ledger.trees(scope)["self"]
            assert head.version == 2
            assert tree.claims == fold(NEW, entries)["self"].claims
            assert sorted(one.path for one in tree.claims.values()) == ["b"] * 4 + ["x"] * 4
            assert unit.ledger.first_broken(scope) is None
    store.close()
    return moved


def test_a_killed_migration_goes_on_where_it_was(url: str) -> None:
    dice = random.Random(3)
    moved = 0
    for _ in range(KILLS):
        kill_a_migration(url, dice.uniform(0, 0.1))
        before, moved = moved, check(url)
        assert moved >= before
    assert migrate(url) == len(PEOPLE) - moved
    assert check(url) == len(PEOPLE)
    assert migrate(url) == 0
