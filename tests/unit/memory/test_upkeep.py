"""Upkeep finds what is due whichever process looks, and one person's trouble is not everybody's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from treering.errors import KeyUnavailable, StoreUnavailable
from treering.memory import upkeep as module
from treering.memory.upkeep import PERIOD_S, Upkeep
from treering.schemas.dialogue import Message, Scope
from treering.schemas.trunk import Trunk
from treering.testing import ManualClock, MemoryStore

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
PEOPLE = [Scope(user=name) for name in ("ana", "bo", "cy", "di", "eve")]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def store(small_trunk: Trunk) -> MemoryStore:
    """Five people, each with a session that nobody heard."""
    store = MemoryStore(small_trunk)
    with store.begin() as unit:
        for number, scope in enumerate(PEOPLE):
            unit.turns.append(scope, "s1", [Message(content="Hi.")], NOON + timedelta(seconds=number))
    return store


def upkeep(store: MemoryStore, clock: ManualClock, ended: list[Scope] | None = None) -> Upkeep:
    def end(scope: Scope, session: str) -> None:
        if scope.user == "ana":
            raise KeyUnavailable("her key is gone")
        with store.begin() as unit:
            unit.turns.end_session(scope, session)
        if ended is not None:
            ended.append(scope)

    return Upkeep(store=store, clock=clock, end_session=end)


def test_whoever_cannot_be_written_to_does_not_keep_others_open(store: MemoryStore, clock: ManualClock) -> None:
    ended: list[Scope] = []
    clock.advance(timedelta(seconds=3, minutes=10))
    assert upkeep(store, clock, ended).end_idle(timedelta(minutes=10)) == 2
    assert ended == [PEOPLE[1], PEOPLE[2]]
    assert upkeep(store, clock, ended).end_idle(timedelta(minutes=10)) == 0


def test_a_store_that_is_gone_is_everybodys_trouble(store: MemoryStore, clock: ManualClock) -> None:
    def gone(scope: Scope, session: str) -> None:
        del scope, session
        raise StoreUnavailable("there", "nobody answers")

    clock.advance(timedelta(hours=1))
    with pytest.raises(StoreUnavailable):
        Upkeep(store=store, clock=clock, end_session=gone).end_idle(timedelta(minutes=10))


def test_one_sweep_ends_so_many_sessions_and_the_next_goes_on(store: MemoryStore, clock: ManualClock) -> None:
    clock.advance(timedelta(hours=1))
    ended: list[Scope] = []
    assert upkeep(store, clock, ended).end_idle(timedelta(minutes=10), limit=3) == 2, "one of three failed"
    assert upkeep(store, clock, ended).end_idle(timedelta(minutes=10), limit=3) == 2
    assert ended == PEOPLE[1:]


def test_the_clock_says_whose_turn_it_is(
    store: MemoryStore, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PEOPLE_A_PERIOD", 2)
    for _ in range(3):
        for _ in range(2):  # processes that know nothing of each other
            upkeep(store, clock).queue_neglected()
        clock.advance(timedelta(seconds=PERIOD_S))
    with store.begin(write=False) as unit:
        jobs = unit.jobs.jobs(limit=100)
    assert sorted(job.scope.user for job in jobs) == [scope.user for scope in PEOPLE]
    pages = [
        sorted(job.scope.user for job in jobs if job.run_after == at) for at in sorted({j.run_after for j in jobs})
    ]
    assert sorted(pages) == [["ana", "bo"], ["cy", "di"], ["eve"]]
