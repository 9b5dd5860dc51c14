"""Several processes on one store: nothing is lost, nothing doubled, nobody is turned away."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from treering.errors import VersionConflict
from treering.memory.operations import fold
from treering.memory.stores import SqlStore
from treering.schemas.claims import Claim, Evidence
from treering.schemas.dialogue import Message, Scope
from treering.schemas.operations import Add, Batch
from treering.schemas.trunk import Trunk

ROUNDS = 60
"""Turns and batches that each process writes, where two write."""

ROUNDS_IN_EACH = 15
"""The same where many write in many scopes: in all, each writes as often."""

NOW = datetime(2024, 3, 1, tzinfo=UTC)
ANA = Scope(user="ana")

SCOPES = 4
"""People whom several processes write about at once."""

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store that was not opened yet, on each database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/memory.db"
    found: str = request.getfixturevalue("postgres_url")
    return found


def together(actions: list[Callable[[], None]]) -> list[int]:
    """Run each in a process of its own, all at once; returns their exit statuses."""
    reading, writing = os.pipe()
    children = [_forked(action, reading, writing) for action in actions]
    os.close(reading)
    os.close(writing)  # the starting shot: all children read the end of the pipe
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def _forked(action: Callable[[], None], reading: int, writing: int) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        os.close(writing)
        os.read(reading, 1)
        action()
        status = 0
    finally:
        os._exit(status)


def claim(process: int, number: int) -> Claim:
    quote = Evidence(message_id=f"m{process}-{number}", quote="words", start=0)
    return Claim(
        id=f"{process * 1_000 + number:024x}",
        path="taste.food",
        text=f"claim {process}-{number}",
        valid_from=NOW,
        recorded_at=NOW,
        evidence=(quote,),
    )


def hammer(store: SqlStore, process: int, scope: Scope = ANA, rounds: int = ROUNDS) -> None:
    for number in range(rounds):
        said = Message(content=f"{process}-{number}", id=f"m{process}-{number}")
        with store.begin() as unit:
            unit.turns.append(scope, f"s{process}", [said], NOW)
            unit.jobs.enqueue(scope, "listen", NOW)
        operations = (Add(claim=claim(process, number)),)
        commit(store, scope, Batch(id=f"m{process}-{number}", operations=operations, recorded_at=NOW, author="t/1"))


def commit(store: SqlStore, scope: Scope, batch: Batch) -> None:
    """Read, think, and commit, as often as it takes."""
    while True:
        with store.begin(write=False) as unit:
            version = unit.ledger.head(scope).version
        try:
            with store.begin() as unit:
                unit.ledger.commit(scope, batch, expected_version=version)
        except VersionConflict:
            continue
        return


@pytest.mark.parametrize("is_shared", [True, False], ids=["one store object", "a store object each"])
def test_two_processes_that_hammer_one_scope(url: str, small_trunk: Trunk, *, is_shared: bool) -> None:
    shared = SqlStore(url, small_trunk)
    stores = [shared if is_shared else SqlStore(url, small_trunk) for _ in range(2)]
    statuses = together(
        [lambda store=store, process=process: hammer(store, process) for process, store in enumerate(stores)]
    )
    assert statuses == [0, 0]
    check(shared, ANA, {0, 1}, small_trunk)
    shared.close()


def test_many_processes_that_hammer_many_scopes(url: str, small_trunk: Trunk) -> None:
    """Each process writes in every scope, in an order of its own, so that they meet and miss each other."""

    def write(process: int) -> None:
        store = SqlStore(url, small_trunk)
        for scope in [Scope(user=f"u{(process + step) % SCOPES}") for step in range(SCOPES)]:
            hammer(store, process, scope, ROUNDS_IN_EACH)
        store.close()

    assert together([lambda process=process: write(process) for process in range(SCOPES)]) == [0] * SCOPES
    store = SqlStore(url, small_trunk)
    assert store.scopes() == [Scope(user=f"u{number}") for number in range(SCOPES)]
    for scope in store.scopes():
        check(store, scope, set(range(SCOPES)), small_trunk, ROUNDS_IN_EACH)
    with store.begin(write=False) as unit:
        assert len(unit.jobs.jobs()) == SCOPES, "a queued job makes another one needless"
    store.close()


def check(store: SqlStore, scope: Scope, processes: set[int], trunk: Trunk, rounds: int = ROUNDS) -> None:
    """Nothing is lost, nothing doubled, and all is in order."""
    with store.begin(write=False) as unit:
        turns, entries, head = unit.turns.turns(scope), list(unit.ledger.entries(scope)), unit.ledger.head(scope)
        assert unit.ledger.trees(scope) == fold(trunk, [entry.operation for entry in entries])
        assert unit.ledger.first_broken(scope) is None
        assert sum(session.turns for session in unit.turns.sessions(scope)) == len(turns)
    expected = {f"{process}-{number}" for process in processes for number in range(rounds)}
    assert sorted(turn.content for turn in turns) == sorted(expected)
    assert [turn.seq for turn in turns] == list(range(1, len(expected) + 1))
    assert head.version == head.seq == len(expected)


def test_many_processes_that_make_one_store_at_once(tmp_path: Path, small_trunk: Trunk) -> None:
    for attempt in range(5):
        url = f"sqlite:///{tmp_path}/{attempt}/memory.db"

        def make(number: int, url: str = url) -> None:
            with SqlStore(url, small_trunk).begin() as unit:
                unit.turns.append(ANA, "s1", [Message(content=f"{number}", id=f"m{number}")], NOW)

        assert together([lambda number=number: make(number) for number in range(6)]) == [0] * 6
        store = SqlStore(url, small_trunk)
        with store.begin(write=False) as unit:
            assert sorted(turn.content for turn in unit.turns.turns(ANA)) == list("012345")
        store.close()


def test_many_processes_that_make_one_scope_at_once(url: str, small_trunk: Trunk) -> None:
    for attempt in range(5):
        scope = Scope(user=f"u{attempt}")

        def make(number: int, scope: Scope = scope) -> None:
            with SqlStore(url, small_trunk).begin() as unit:
                unit.turns.append(scope, "s1", [Message(content=f"{number}", id=f"m{number}")], NOW)

        assert together([lambda number=number: make(number) for number in range(6)]) == [0] * 6
        store = SqlStore(url, small_trunk)
        assert store.scopes() == [Scope(user=f"u{number}") for number in range(attempt + 1)]
        with store.begin(write=False) as unit:
            assert sorted(turn.content for turn in unit.turns.turns(scope)) == list("012345")
            assert [turn.seq for turn in unit.turns.turns(scope)] == [1, 2, 3, 4, 5, 6]
        store.close()


def test_every_job_is_worked_on_once(url: str, small_trunk: Trunk) -> None:
    store = SqlStore(url, small_trunk)
    with store.begin() as unit:
        for number in range(40):
            unit.jobs.enqueue(Scope(user=f"u{number % 8}"), "window", NOW, payload={"n": number})

    def work() -> None:
        while True:
            with store.begin() as unit:
                job = unit.jobs.claim(NOW, lease_s=60)
                if job is None and not unit.jobs.pending():
                    return
            if job is not None:
                with store.begin() as unit:
                    unit.turns.append(job.scope, "s", [Message(content=f"{job.payload['n']}")], NOW)
                    unit.jobs.finish(job)

    assert together([work] * 3) == [0] * 3
    with store.begin(write=False) as unit:
        done = [int(turn.content) for scope in range(8) for turn in unit.turns.turns(Scope(user=f"u{scope}"))]
    assert sorted(done) == list(range(40))
    store.close()
