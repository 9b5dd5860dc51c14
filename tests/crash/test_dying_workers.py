"""Workers whose processes are killed at one statement after another learn what undisturbed ones do."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from treering import Memory
from treering.settings import Settings
from treering.testing.processes import environment_of
from treering.testing.starting import Program
from treering.workers.queues import QUEUES

pytestmark = pytest.mark.services

PROGRAM = Path(__file__).with_name("dying_worker.py")
PATIENCE_S = 240.0
WAKE_S = 0.2
"""Seconds between two wake-ups: the sweeps, which find what a dead process had, come too seldom for a test."""

PEOPLE = ("ana", "bo", "cy", "di")

NewBroker = Callable[[str], dict[str, str]]
"""Gives the settings of queues of one's own in a broker."""
SAID = (
    ("s1", "I live in Porto."),
    ("s1", "I am allergic to peanuts."),
    ("s1", "I love sailing."),
    ("s2", "I moved to Lisbon."),
    ("s2", "I don't love sailing any more."),
    ("s2", "I have two cats."),
)


@pytest.fixture(params=["redis", pytest.param("rabbitmq", marks=pytest.mark.crash_long)])
def settings(request: pytest.FixtureRequest, new_broker: NewBroker, postgres_url: str, tmp_path: Path) -> Settings:
    """A new store, and queues of its own in a broker that is there."""
    return Settings(
        home=tmp_path / "home",
        database_url=postgres_url,
        **new_broker(request.param),
        embedder="hash",
        lease_s=1.0,
    )


@contextmanager
def dying_workers(settings: Settings, folder: Path, seed: int, deaths: int) -> Iterator[None]:
    """Two processes work, and where one is killed the pool starts another; at the end all are, and the queues go."""
    words = [str(folder), str(seed), str(deaths), "worker", "--concurrency", "2", "--log-level", "error"]
    worker = Program(words, environment_of(settings), script=PROGRAM)
    try:
        yield
        assert worker.poll() is None, "the deaths of its processes are no death of the worker"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def talk(memory: Memory) -> None:
    for day, (session, text) in enumerate(SAID, start=1):
        for person in PEOPLE:
            said = {"role": "user", "content": text, "id": f"m{day}", "at": f"2024-03-0{day}T12:00:00Z"}
            memory.remember(person, said, session=session)
    for person in PEOPLE:
        memory.end_session(person)


def learned(memory: Memory) -> dict[str, object]:
    """Everything that a person's memory has come to, but when."""
    return {
        person: (
            memory.tree(person).digest,
            [
                (entry.version, entry.batch_id, entry.operation.model_dump(exclude={"claim": {"recorded_at"}}))
                for entry in memory.history(person)
            ],
            [(session.id, session.turns, session.ended) for session in memory.sessions(person)],
        )
        for person in PEOPLE
    }


def wait_for(memory: Memory) -> None:
    """Until nothing is left to do."""
    assert memory._waker is not None
    end = time.monotonic() + PATIENCE_S
    while jobs := memory.jobs():
        assert time.monotonic() < end, jobs
        assert all(job.state != "dead" for job in jobs), jobs
        for queue in QUEUES:
            memory._waker.wake(queue)
        time.sleep(WAKE_S)


@pytest.fixture
def expected(tmp_path: Path) -> dict[str, object]:
    """What the embedded runner makes of the same talk."""
    with Memory(tmp_path / "embedded", embedder="hash", background=False) as memory:
        talk(memory)
        memory.flush()
        return learned(memory)


@pytest.mark.parametrize("deaths", [4, pytest.param(12, marks=pytest.mark.crash_long)])
def test_workers_that_die_at_one_statement_after_another_learn_the_same(
    settings: Settings, expected: dict[str, object], tmp_path: Path, crash_seed: int, deaths: int
) -> None:
    folder = tmp_path / "deaths"
    folder.mkdir()
    with Memory(settings=settings) as memory, dying_workers(settings, folder, crash_seed, deaths):
        talk(memory)
        wait_for(memory)
        assert learned(memory) == expected
        assert memory.doctor().is_sound
    died = [one.read_text() for one in folder.iterdir() if one.read_text()]
    assert len(died) >= deaths // 2, "there was too little to do"
