"""The runner: retries with pauses, gives up after its attempts, renews its lease, and yields to whoever took over."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from treering import Memory
from treering.errors import ModelUnavailable
from treering.memory import indexing
from treering.schemas.dialogue import Scope
from treering.schemas.jobs import JobKind
from treering.settings import Settings
from treering.testing import ManualClock
from treering.workers import holding, runner, schedule
from treering.workers.runner import FIRST_BACKOFF_S, MAX_ATTEMPTS, MAX_BACKOFF_S, OLDEST_EVERY, Runner, backoff_s

if TYPE_CHECKING:
    from tests.unit.workers.conftest import Listening

ANA = Scope(user="ana")


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


def dies_while_running(memory: Memory, clock: ManualClock, kind: JobKind) -> None:
    """As often as a job may be begun, a process takes it and is not heard of again."""
    for _ in range(MAX_ATTEMPTS):
        with memory._engine.store.begin() as unit:
            job = unit.jobs.claim(clock.now(), lease_s=1, kinds={kind})
        assert job is not None
        assert job.kind == kind
        clock.advance(2)


def test_a_window_that_kills_each_process_is_put_aside_and_what_comes_later_is_heard(
    memory: Memory, clock: ManualClock, listener: Listening
) -> None:
    memory.remember("ana", {"role": "user", "content": "deadly", "id": "m1"})
    memory.remember("ana", {"role": "user", "content": "harmless", "id": "m2"})
    dies_while_running(memory, clock, "listen")
    memory.flush()
    [dead] = memory.jobs("ana")
    assert (dead.kind, dead.state, dead.payload) == ("window", "dead", {"first": 1, "last": 1})
    assert "processes that began it died" in (dead.error or "")
    assert listener.calls == 1
    memory.retry(dead.id)
    memory.flush()
    assert (listener.calls, memory.jobs("ana")) == (2, [])


def test_a_backlog_on_which_processes_die_one_by_one_is_heard_as_long_as_each_gets_somewhere(
    memory: Memory, clock: ManualClock, listener: Listening
) -> None:
    said = 3 * MAX_ATTEMPTS
    for number in range(said):
        memory.remember("ana", {"role": "user", "content": f"number {number}", "id": f"m{number}"})

    def killed() -> None:
        if listener.calls % 2 == 0:
            raise KeyboardInterrupt  # the process ends; what it had begun is not put back

    listener.meanwhile = killed
    put_back = Runner._put_back
    Runner._put_back = lambda *_: None  # type: ignore[method-assign]
    try:
        for _ in range(2 * said):
            with suppress(KeyboardInterrupt):
                memory.flush()
            clock.advance(60)
    finally:
        Runner._put_back = put_back  # type: ignore[method-assign]
    assert memory.jobs("ana") == []
    assert len(memory.turns("ana")) == said


def test_another_job_that_kills_each_process_is_dead_until_somebody_tries_it_again(
    memory: Memory, clock: ManualClock
) -> None:
    memory.remember("ana", "I live in Porto.")
    with memory._engine.store.begin() as unit:
        unit.jobs.enqueue(ANA, "summarise", clock.now())
    dies_while_running(memory, clock, "summarise")
    memory.flush()
    [dead] = memory.jobs("ana")
    assert (dead.kind, dead.state, dead.attempts) == ("summarise", "dead", MAX_ATTEMPTS + 1)
    memory.retry(dead.id)
    memory.flush()
    assert memory.jobs("ana") == []


def test_a_runner_of_some_kinds_leaves_the_others_to_other_runners(memory: Memory) -> None:
    memory.remember("ana", "I live in Porto.")
    Runner(memory._engine, lease_s=9, kinds={"index"}).drain()
    assert [(job.kind, job.state) for job in memory.jobs("ana")] == [("listen", "queued")]


def test_what_is_least_urgent_gets_done_though_there_is_always_somebody_new(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has a job at the head of the queue, so that no rank ever goes up."""
    monkeypatch.setattr(holding, "TURN_S", 300.0)  # on a slow machine, a job would leave a rest behind those that came
    worker = Runner(memory._engine, lease_s=10)
    memory.remember("old", "I live in Porto.", tenant="old")
    memory.end_session("old", tenant="old")
    for number in range(5 * OLDEST_EVERY):
        for new in range(2):
            memory.remember("ana", "I live in Porto.", tenant=f"{number}/{new}")
        worker.run_one()
    assert memory.jobs(tenant="old") == []


@pytest.mark.parametrize(("kind", "before"), [("index", {"listen"}), ("summarise", {"listen", "index"})])
def test_what_a_job_leaves_is_queued_now_and_as_old_as_the_job(
    memory: Memory, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, kind: JobKind, before: set[JobKind]
) -> None:
    """Its place in the queue hangs on when it is queued: of one from long ago, nobody would be ahead."""
    monkeypatch.setattr(indexing, "FIRST_STEP", 1)
    for turn in range(3):
        memory.remember("ana", f"I live in number {turn}.", session=str(turn))
        memory.end_session("ana")
    Runner(memory._engine, lease_s=10, kinds=before).drain()
    clock.advance(timedelta(seconds=60))
    with memory._engine.store.begin() as unit:
        job = unit.jobs.claim(clock.now(), lease_s=10, kinds={kind})
    assert job is not None
    memory._engine.run(job, last_try=False, is_stopping=lambda: True)
    [rest] = [one for one in memory.jobs() if (one.kind, one.state) == (kind, "queued")]
    assert (rest.run_after, rest.queued_at) == (clock.now(), job.queued_at)


def test_sessions_in_which_nothing_is_said_any_more_end_in_the_background(
    tmp_path: Path, clock: ManualClock, listener: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "EMBEDDED_S", 0.0)
    monkeypatch.setattr(runner, "IDLE_POLL_S", 0.01)
    settings = Settings(home=tmp_path, idle_minutes=10)
    with Memory(settings=settings, embedder="hash", clock=clock, listener=listener) as memory:
        memory.remember("ana", "I live in Porto.", session="s1")
        clock.advance(timedelta(minutes=9))
        memory.remember("bo", "I live in Lisbon.", session="s1")
        clock.advance(timedelta(minutes=2))
        patience = time.monotonic() + 30
        while not memory.sessions("ana")[0].ended:
            assert time.monotonic() < patience
            time.sleep(0.01)
        assert not memory.sessions("bo")[0].ended


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


@pytest.mark.parametrize("scope", [ANA, None])
def test_draining_does_what_another_worker_leaves_between_two_looks(
    memory: Memory, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, scope: Scope | None
) -> None:
    with memory._engine.store.begin() as unit:
        unit.jobs.enqueue(ANA, "index", clock.now())
        held = unit.jobs.claim(clock.now(), lease_s=10)
    assert held is not None
    worker = Runner(memory._engine, lease_s=10)
    honest = worker.run_one
    looks: list[bool] = []

    def run_one(scope: Scope | None = None) -> bool:
        looks.append(honest(scope))
        if len(looks) == 1:  # the other one is done now
            with memory._engine.store.begin() as unit:
                unit.jobs.enqueue(ANA, "consolidate", clock.now())
                unit.jobs.finish(held)
        return looks[-1]

    monkeypatch.setattr(worker, "run_one", run_one)
    worker.drain(scope)
    assert looks[:2] == [False, True]
    assert memory.jobs() == []


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


@pytest.mark.parametrize(
    ("wanted_s", "waited_s"), [(60.0, 60.0), (0.0, FIRST_BACKOFF_S), (10 * MAX_BACKOFF_S, MAX_BACKOFF_S)]
)
def test_a_provider_that_asks_to_wait_is_given_its_time_up_to_a_bound(
    wanted_s: float, waited_s: float, memory: Memory, clock: ManualClock, listener: Listening
) -> None:
    def fail() -> None:
        raise ModelUnavailable("model", "status 429", retry_after_s=wanted_s)

    listener.meanwhile = fail
    memory.remember("ana", "I live in Porto.")
    memory.flush()
    assert listener.calls == 1
    clock.advance(timedelta(seconds=waited_s - 1))
    memory.flush()
    assert listener.calls == 1
    clock.advance(timedelta(seconds=1 + FIRST_BACKOFF_S))
    memory.flush()
    assert listener.calls == 2
