"""What a worker process does with a message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from treering import Memory
from treering.schemas.jobs import JOB_KINDS
from treering.settings import Settings
from treering.testing import ManualClock
from treering.workers import worker as module
from treering.workers.queues import QUEUES, queues_of
from treering.workers.worker import Worker


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
    """One that looks into all queues."""
    return Worker(memory._engine, Settings(idle_minutes=10), woken.append)


@pytest.fixture
def listener(memory: Memory, woken: Woken) -> Worker:
    """One that only listens."""
    return Worker(memory._engine, Settings(idle_minutes=10), woken.append, queues=["listen"])


def test_every_kind_of_job_goes_through_one_queue() -> None:
    assert Counter(kind for kinds in QUEUES.values() for kind in kinds) == Counter(JOB_KINDS)
    assert queues_of(JOB_KINDS) == list(QUEUES)
    assert queues_of(()) == []


def test_a_message_runs_what_is_due_of_its_queue_and_wakes_those_that_have_to_go_on(
    memory: Memory, listener: Worker, woken: Woken
) -> None:
    memory.remember("ana", "I live in Porto.")
    indexer = Worker(memory._engine, Settings(), woken.append, queues=["index"])
    assert (indexer.work(), woken) == (0, [])
    assert (listener.work(), woken) == (1, ["index"])
    assert [job.kind for job in memory.jobs()] == ["index"]
    indexer.work()
    assert (woken, memory.jobs()) == (["index"], [])


def test_what_is_due_of_other_queues_is_run_in_between(memory: Memory, worker: Worker, listener: Worker) -> None:
    """Or what is said while a process is busy with vectors would wait until it is through with them."""
    memory.remember("ana", "I live in Porto.")
    assert worker.work() == 2, "listening, and then the vectors"
    memory.remember("ana", "I work in Gaia.")
    assert listener.work() == 1


def test_a_long_backlog_is_worked_at_in_slices(
    memory: Memory, listener: Worker, woken: Woken, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in ("ana", "bo"):
        memory.remember(person, "I live in Porto.")
    monkeypatch.setattr(module, "SLICE_S", 0.0)
    assert (listener.work(), woken) == (0, [])
    monkeypatch.setattr(module, "SLICE_S", 60.0)
    assert listener.work() == 2


def test_a_sweep_wakes_whoever_has_something_due_and_ends_idle_sessions(
    memory: Memory, worker: Worker, woken: Woken, clock: ManualClock
) -> None:
    worker.sweep()
    assert woken == []
    memory.remember("ana", "I live in Porto.")
    worker.sweep()
    assert woken == ["listen"]
    memory.flush()
    clock.advance(timedelta(minutes=9))
    worker.sweep()
    assert not memory.sessions("ana")[0].ended
    clock.advance(timedelta(minutes=2))
    worker.sweep()
    assert memory.sessions("ana")[0].ended
    assert woken == ["listen", "listen", "consolidate"]


def test_a_queue_in_which_there_is_only_a_lease_that_is_over_is_woken(
    memory: Memory, worker: Worker, listener: Worker, woken: Woken, clock: ManualClock
) -> None:
    memory.remember("ana", "I live in Porto.")
    with memory._engine.store.begin() as unit:
        assert unit.jobs.claim(clock.now(), lease_s=15) is not None  # and its holder dies
    clock.advance(timedelta(seconds=14))
    worker.sweep()
    assert woken == []
    clock.advance(timedelta(seconds=1))
    worker.sweep()
    assert woken == ["listen"]
    assert listener.work() == 1


def test_what_nobody_queued_is_queued_and_wakes_its_workers(
    memory: Memory, worker: Worker, woken: Woken, clock: ManualClock
) -> None:
    memory.remember("ana", "I live in Porto.")
    memory.end_session("ana")
    with memory._engine.store.begin() as unit:
        while (job := unit.jobs.claim(clock.now(), lease_s=15)) is not None:
            unit.jobs.finish(job)  # as if it had been done
    worker.keep_up()
    assert woken == ["listen", "index", "consolidate"]
    memory.flush()
    assert memory.doctor().findings == ()
    assert "Porto" in str(memory.tree("ana").claims)
