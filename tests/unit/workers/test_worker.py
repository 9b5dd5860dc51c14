"""What a worker process does with a message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering import Memory
from treering.schemas.jobs import JOB_KINDS
from treering.settings import Settings
from treering.testing import ManualClock
from treering.workers import worker as module
from treering.workers.queues import QUEUES, queues_of
from treering.workers.worker import Worker

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def memory(tmp_path: Path, clock: ManualClock) -> Iterator[Memory]:
    with Memory(tmp_path, embedder="hash", clock=clock, background=False) as opened:
        yield opened


class Woken(list[str]):
    """Remembers who was woken."""


@pytest.fixture
def woken() -> Woken:
    return Woken()


@pytest.fixture
def worker(memory: Memory, woken: Woken) -> Worker:
    return Worker(memory._engine, Settings(idle_minutes=10), woken.append)


def test_every_kind_of_job_goes_through_one_queue() -> None:
    assert Counter(kind for kinds in QUEUES.values() for kind in kinds) == Counter(JOB_KINDS)
    assert queues_of(JOB_KINDS) == list(QUEUES)
    assert queues_of(()) == []


def test_a_message_runs_what_is_due_of_its_queue_and_wakes_those_that_have_to_go_on(
    memory: Memory, worker: Worker, woken: Woken
) -> None:
    memory.remember("ana", "I live in Porto.")
    assert (worker.work("index"), woken) == (0, [])
    assert (worker.work("listen"), woken) == (1, ["index"])
    assert [job.kind for job in memory.jobs()] == ["index"]
    worker.work("index")
    assert (woken, memory.jobs()) == (["index"], [])


def test_a_long_backlog_is_worked_at_in_slices(
    memory: Memory, worker: Worker, woken: Woken, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in ("ana", "bo"):
        memory.remember(person, "I live in Porto.")
    monkeypatch.setattr(module, "SLICE_S", 0.0)
    assert (worker.work("listen"), woken) == (0, [])
    monkeypatch.setattr(module, "SLICE_S", 60.0)
    assert worker.work("listen") == 2


def test_a_sweep_wakes_whoever_has_something_due_and_ends_idle_sessions_now_and_then(
    memory: Memory, worker: Worker, woken: Woken, clock: ManualClock
) -> None:
    worker.sweep()
    assert woken == []
    memory.remember("ana", "I live in Porto.")
    worker.sweep()
    assert woken == ["listen"]
    memory.flush()
    clock.advance(timedelta(minutes=11))
    worker.sweep()  # it has just looked for idle sessions
    assert not memory.sessions("ana")[0].ended
    Worker(memory._engine, Settings(idle_minutes=10), woken.append).sweep()
    assert memory.sessions("ana")[0].ended
    assert woken == ["listen", "listen", "consolidate"]
