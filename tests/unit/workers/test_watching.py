"""What a runner tells of each attempt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from treering import Memory
from treering.errors import ModelDeferred
from treering.schemas.dialogue import Scope
from treering.schemas.jobs import Job
from treering.testing import ManualClock
from treering.workers.runner import MAX_ATTEMPTS, Runner
from treering.workers.watching import Outcome

if TYPE_CHECKING:
    from tests.unit.workers.conftest import Listening

ANA = Scope(user="ana")


@pytest.fixture
def memory(tmp_path: Path, clock: ManualClock, listener: Listening) -> Iterator[Memory]:
    with Memory(tmp_path, embedder="hash", clock=clock, listener=listener, background=False) as opened:
        opened.remember("ana", "I live in Porto.")
        opened.end_session("ana")
        yield opened


@pytest.fixture
def told() -> list[tuple[str, Outcome]]:
    return []


@pytest.fixture
def runner(memory: Memory, told: list[tuple[str, Outcome]]) -> Runner:
    def on_job(job: Job, outcome: Outcome, seconds: float) -> None:
        assert 0 <= seconds < 60
        told.append((job.kind, outcome))

    return Runner(memory._engine, lease_s=60, kinds={"listen"}, on_job=on_job)


def test_a_job_that_was_done_is_told_once(runner: Runner, told: list[tuple[str, Outcome]]) -> None:
    assert runner.run_one()
    assert not runner.run_one()
    assert told == [("listen", "done")]


def test_failures_are_told_apart_from_postponements_and_deaths(
    memory: Memory, runner: Runner, listener: Listening, clock: ManualClock, told: list[tuple[str, Outcome]]
) -> None:
    def fail() -> None:
        raise RuntimeError("broken")

    def defer() -> None:
        raise ModelDeferred("a model", "it rests", retry_after_s=3)

    listener.meanwhile = defer
    assert runner.run_one()
    listener.meanwhile = fail
    for _ in range(MAX_ATTEMPTS):
        clock.advance(timedelta(hours=1))
        assert runner.run_one()
    assert told == [("listen", "postponed"), *[("listen", "failed")] * (MAX_ATTEMPTS - 1), ("listen", "done")]
    assert [job.kind for job in memory.jobs() if job.state == "dead"] == ["window"], "only the window is put aside"


def test_a_job_of_which_nothing_can_be_left_out_dies(
    memory: Memory, clock: ManualClock, told: list[tuple[str, Outcome]]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    memory._engine._indexing.index = broken  # type: ignore[method-assign]
    runner = Runner(
        memory._engine, lease_s=60, kinds={"index"}, on_job=lambda job, outcome, _: told.append((job.kind, outcome))
    )
    with memory._engine.store.begin() as unit:
        unit.jobs.enqueue(ANA, "index", clock.now())
    for _ in range(MAX_ATTEMPTS):
        assert runner.run_one()
        clock.advance(timedelta(hours=1))
    assert told == [*[("index", "failed")] * (MAX_ATTEMPTS - 1), ("index", "dead")]


def test_a_job_that_another_worker_has_taken_is_lost(
    memory: Memory, runner: Runner, listener: Listening, clock: ManualClock, told: list[tuple[str, Outcome]]
) -> None:
    def lose() -> None:
        clock.advance(timedelta(seconds=120))
        with memory._engine.store.begin() as unit:
            assert unit.jobs.claim(clock.now(), lease_s=60) is not None

    listener.meanwhile = lose
    assert runner.run_one()
    assert told == [("listen", "lost")]


def test_a_process_that_is_told_to_stop_puts_the_job_back_and_says_so(
    memory: Memory, runner: Runner, listener: Listening, told: list[tuple[str, Outcome]]
) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    listener.meanwhile = stop
    with pytest.raises(KeyboardInterrupt):
        runner.run_one()
    assert told == [("listen", "interrupted")]
    assert {job.state for job in memory.jobs()} == {"queued"}
