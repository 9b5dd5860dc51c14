"""While a model may not be asked, a process takes up no more work for it, and goes on with everything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from treering import Memory
from treering.errors import ModelDeferred
from treering.memory.tree import PersonaTree
from treering.schemas.jobs import JobState
from treering.schemas.listening import Reply, Window
from treering.testing import ManualClock, TurnListener
from treering.workers.patience import MAX_PATIENCE_S, Patience
from treering.workers.runner import Runner

PEOPLE = [f"p{number}" for number in range(12)]


class Deferred(TurnListener):
    """A listener whose model may not be asked until it may."""

    name = "test/1"

    def __init__(self) -> None:
        self.wait_s: float | None = 60.0
        self.asked = 0

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        self.asked += 1
        if self.wait_s is not None:
            raise ModelDeferred("m", "all is used up", retry_after_s=self.wait_s)
        return None


@pytest.fixture
def listener() -> Deferred:
    return Deferred()


@pytest.fixture
def memory(tmp_path: Path, clock: ManualClock, listener: Deferred) -> Iterator[Memory]:
    with Memory(tmp_path, embedder="hash", clock=clock, listener=listener, background=False) as opened:
        for person in PEOPLE:
            opened.remember(person, "I live in Porto.")
        yield opened


def listening(memory: Memory, state: JobState) -> int:
    return sum(job.kind == "listen" for job in memory.jobs(states=(state,)))


def test_one_job_that_waits_spares_the_others_the_way(memory: Memory, listener: Deferred, clock: ManualClock) -> None:
    memory.flush()
    assert listener.asked == 1
    assert listening(memory, "queued") == len(PEOPLE)
    assert {job.attempts for job in memory.jobs()} == {0}
    clock.advance(MAX_PATIENCE_S - 1)
    memory.flush()
    assert listener.asked == 1
    clock.advance(1)
    memory.flush()
    assert listener.asked == 2
    listener.wait_s = None
    clock.advance(60)
    memory.flush()
    assert listening(memory, "queued") == 0
    assert listener.asked == 2 + len(PEOPLE)


def test_runners_of_a_process_share_their_patience(memory: Memory, listener: Deferred) -> None:
    patience = Patience()
    for _ in range(3):
        Runner(memory._engine, lease_s=10, kinds=("listen", "window"), patience=patience).run_for(5)
    assert listener.asked == 1


def test_other_work_goes_on(memory: Memory, listener: Deferred, clock: ManualClock) -> None:
    listener.wait_s = None
    memory.flush("p0")
    with memory._engine.store.begin() as unit:
        for scope in memory._engine.store.scopes():
            unit.jobs.enqueue(scope, "index", clock.now())
    listener.wait_s = 60.0
    memory.flush()
    assert [job.kind for job in memory.jobs(states=("queued",))] == ["listen"] * (len(PEOPLE) - 1)
