"""Rounds: what is looked at now and then, and what is told of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering import Memory
from treering.schemas.dialogue import Scope
from treering.testing import ManualClock
from treering.workers.schedule import BEAT, EMBEDDED_S, SWEEP, UPKEEP, Rounds

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
ANA = Scope(user="ana")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON + timedelta(minutes=7))


@pytest.fixture
def memory(tmp_path: Path, clock: ManualClock) -> Iterator[Memory]:
    with Memory(tmp_path, embedder="hash", clock=clock, background=False) as opened:
        yield opened


def rounds(memory: Memory) -> Rounds:
    return Rounds(memory._engine.upkeep, idle_after=timedelta(minutes=30))


def die(memory: Memory, clock: ManualClock) -> None:
    with memory._engine.store.begin() as unit:
        unit.jobs.enqueue(ANA, "window", clock.now(), state="dead", error="it broke")


def test_beat_sends_each_task_and_none_waits_longer_than_until_the_next() -> None:
    assert {entry["task"] for entry in BEAT.values()} == {SWEEP, UPKEEP}
    assert all(entry["options"] == {"expires": entry["schedule"]} for entry in BEAT.values())


def test_dead_jobs_are_told_when_one_dies_and_once_an_hour(
    memory: Memory, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    at: dict[int, list[str]] = {}
    mine = rounds(memory)
    caplog.set_level(logging.WARNING, "treering.workers")
    for minute in range(7, 130):
        clock.set(NOON + timedelta(minutes=minute, seconds=11))
        if minute in (9, 20):
            die(memory, clock)
        caplog.clear()
        mine.keep_up()
        mine.keep_up()
        rounds(memory).end_idle()
        if caplog.messages:
            at[minute] = caplog.messages[:]
    one, two = ([f"dead jobs wait for a person: {n} window; treering jobs lists them"] for n in (1, 2))
    assert at == {10: one, 21: two, 60: two, 120: two}


def test_nothing_dead_is_not_worth_a_line(memory: Memory, clock: ManualClock, caplog: pytest.LogCaptureFixture) -> None:
    clock.set(NOON)
    rounds(memory).keep_up()
    assert caplog.messages == []


def test_work_that_nobody_queued_is_queued_once_and_told(
    memory: Memory, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    memory.remember("ana", "I live in Porto.")
    memory.end_session("ana")
    with memory._engine.store.begin() as unit:
        while (job := unit.jobs.claim(clock.now(), lease_s=15)) is not None:
            unit.jobs.finish(job)  # as if it had been done
    for _ in range(3):
        rounds(memory).keep_up()  # each a process of its own
    assert [job.kind for job in memory.jobs()] == ["listen", "index", "summarise"]
    assert caplog.messages == ["nobody had queued 1 index, 1 listen, 1 summarise; it is queued now"]
    caplog.clear()
    memory.flush()
    clock.advance(timedelta(minutes=1))
    rounds(memory).keep_up()
    assert (memory.jobs(), caplog.messages) == ([], [])


def test_a_thread_goes_its_rounds_now_and_then(
    memory: Memory, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.remember("ana", "I live in Porto.")
    clock.advance(timedelta(hours=1))
    now = 1_000.0
    monkeypatch.setattr("treering.workers.schedule.time.monotonic", lambda: now)
    mine = rounds(memory)
    mine.go_now_and_then()
    assert not memory.sessions("ana")[0].ended
    now += EMBEDDED_S
    mine.go_now_and_then()
    assert memory.sessions("ana")[0].ended
