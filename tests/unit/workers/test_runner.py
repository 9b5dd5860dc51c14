"""The runner: retries with pauses, gives up after its attempts, renews its lease, and yields to whoever took over."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from treering import Memory
from treering.memory.tree import PersonaTree
from treering.schemas.dialogue import Scope
from treering.schemas.listening import Proposal, Reply, Window
from treering.testing import ManualClock
from treering.workers.runner import FIRST_BACKOFF_S, MAX_ATTEMPTS, MAX_BACKOFF_S, Runner, backoff_s

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
ANA = Scope(user="ana")


class Listening:
    """A listener that does what the test wants done while it listens."""

    name = "test/1"
    window_turns = 1
    context_turns = 0

    def __init__(self) -> None:
        self.meanwhile = lambda: None
        self.calls = 0

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        self.calls += 1
        self.meanwhile()

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        return Proposal()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def listener() -> Listening:
    return Listening()


@pytest.fixture
def memory(tmp_path: Path, clock: ManualClock, listener: Listening) -> Iterator[Memory]:
    with Memory(tmp_path, embedder="hash", clock=clock, listener=listener, background=False) as opened:
        yield opened


def test_pauses_double_up_to_a_bound_and_differ_between_jobs() -> None:
    pauses = [backoff_s(7, attempts) for attempts in range(1, 12)]
    assert all(later >= earlier for earlier, later in pairwise(pauses))
    assert FIRST_BACKOFF_S <= pauses[0] <= 1.5 * FIRST_BACKOFF_S
    assert pauses[-1] == MAX_BACKOFF_S
    assert len({backoff_s(job, 1) for job in range(20)}) == 20


def test_a_window_that_always_fails_is_put_aside_after_its_attempts_with_its_error(
    memory: Memory, clock: ManualClock, listener: Listening
) -> None:
    def fail() -> None:
        raise RuntimeError("broken")

    listener.meanwhile = fail
    memory.remember("ana", "I live in Porto.")
    for _ in range(MAX_ATTEMPTS + 2):
        memory.flush()
        clock.advance(timedelta(seconds=2 * MAX_BACKOFF_S))
    [job] = memory.jobs()
    assert (job.kind, job.state) == ("window", "dead"), "the window is put aside, and the person goes on"
    assert job.error is not None
    assert "broken" in job.error
    assert listener.calls == MAX_ATTEMPTS


def test_a_dead_window_does_not_hold_up_what_comes_later(
    memory: Memory, clock: ManualClock, listener: Listening
) -> None:
    test_a_window_that_always_fails_is_put_aside_after_its_attempts_with_its_error(memory, clock, listener)
    listener.meanwhile = lambda: None
    memory.remember("ana", "I love ramen.")
    memory.flush()
    assert [(job.kind, job.state) for job in memory.jobs()] == [("window", "dead")]
    with memory._engine.store.begin(write=False) as unit:
        assert unit.ledger.head(ANA).heard_seq == 2


def test_a_long_job_keeps_its_lease(tmp_path: Path, listener: Listening) -> None:
    with Memory(tmp_path, embedder="hash", listener=listener, background=False) as memory:
        engine = memory._engine
        runner, rival = Runner(engine, lease_s=0.3), Runner(engine, lease_s=0.3)
        stolen: list[bool] = []

        def slowly() -> None:
            time.sleep(0.8)
            stolen.append(rival.run_one(ANA))

        listener.meanwhile = slowly
        memory.remember("ana", "I live in Porto.")
        assert runner.run_one(ANA)
        assert stolen == [False]
        assert listener.calls == 1


def test_a_worker_that_lost_its_lease_stops_without_harm(
    memory: Memory, clock: ManualClock, listener: Listening
) -> None:
    engine = memory._engine

    def paused() -> None:
        listener.meanwhile = lambda: None
        clock.advance(timedelta(hours=1))  # the lease is over, and another worker does the whole job
        Runner(engine, lease_s=60).drain(ANA)

    listener.meanwhile = paused
    memory.remember("ana", "I live in Porto.")
    Runner(engine, lease_s=60).drain(ANA)
    assert memory.jobs() == []
    with engine.store.begin(write=False) as unit:
        assert unit.ledger.head(ANA).heard_seq == 1


def test_draining_waits_for_another_worker(tmp_path: Path, listener: Listening) -> None:
    with Memory(tmp_path, embedder="hash", listener=listener, background=False) as memory:
        begun, go_on = threading.Event(), threading.Event()

        def wait() -> None:
            begun.set()
            go_on.wait(5)

        listener.meanwhile = wait
        memory.remember("ana", "I live in Porto.")
        other = threading.Thread(target=memory.flush)
        other.start()
        assert begun.wait(5)
        threading.Timer(0.2, go_on.set).start()
        memory.flush("ana")
        assert go_on.is_set()
        other.join()
        assert listener.calls == 1


def test_closing_lets_the_job_at_hand_finish(tmp_path: Path, listener: Listening) -> None:
    memory = Memory(tmp_path, embedder="hash", listener=listener)
    begun = threading.Event()

    def slowly() -> None:
        begun.set()
        time.sleep(0.2)

    listener.meanwhile = slowly
    memory.remember("ana", "I live in Porto.")
    assert begun.wait(5)
    memory.close()
    with Memory(tmp_path, embedder="hash", listener=listener, background=False) as again:
        assert [job.kind for job in again.jobs()] == ["index"]
