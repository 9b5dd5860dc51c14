"""Workers behind a real broker: the same memory as the thread of one process makes, whoever dies."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from treering import Memory
from treering.settings import Settings
from treering.testing.processes import environment_of
from treering.testing.starting import Program

pytestmark = pytest.mark.services

PATIENCE_S = 120.0
SAID = (
    "I live in Porto.",
    "I am allergic to peanuts.",
    "I love sailing.",
    "I moved to Lisbon.",
    "I don't love sailing any more.",
    "I have two cats.",
)
PEOPLE = ("ana", "bo", "cy")

NewBroker = Callable[[str], dict[str, str]]
"""Gives the settings of queues of one's own in a broker."""


@pytest.fixture(params=["redis", "rabbitmq"])
def settings(request: pytest.FixtureRequest, new_broker: NewBroker, postgres_url: str, tmp_path: Path) -> Settings:
    """A new store, and queues of its own in a broker that is there."""
    return Settings(
        home=tmp_path / "home",
        database_url=postgres_url,
        **new_broker(request.param),
        embedder="hash",
        lease_s=2.0,
    )


@pytest.fixture
def start(settings: Settings) -> Iterator[Callable[[], Program]]:
    """Starts a worker in a process group of its own; what lives at the end is killed, and the queues go."""
    environment = environment_of(settings)
    begun: list[Program] = []

    def start() -> Program:
        begun.append(Program(["worker", "--concurrency", "2", "--log-level", "warning"], environment))
        return begun[-1]

    yield start
    for process in begun:
        kill(process)


def kill(process: Program) -> None:
    """A power cut: the worker and all its children."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def talk(memory: Memory) -> None:
    for number, text in enumerate(SAID):
        for person in PEOPLE:
            said = {"role": "user", "content": text, "id": f"m{number}", "at": f"2024-03-0{number + 1}T12:00:00Z"}
            memory.remember(person, said, session=f"s{number // 2}")


def wait_for(memory: Memory) -> None:
    """Until nothing is left to do."""
    end = time.monotonic() + PATIENCE_S
    while jobs := memory.jobs():
        assert time.monotonic() < end, jobs
        assert all(job.state != "dead" for job in jobs), jobs
        time.sleep(0.1)


def learned(memory: Memory) -> list[str]:
    return [memory.tree(person).digest for person in PEOPLE]


@pytest.fixture
def expected(tmp_path: Path) -> list[str]:
    """What the embedded runner makes of the same talk."""
    with Memory(tmp_path / "embedded", embedder="hash", background=False) as memory:
        talk(memory)
        memory.flush()
        return learned(memory)


def test_workers_learn_what_the_embedded_runner_does(
    settings: Settings, start: Callable[[], Program], expected: list[str]
) -> None:
    worker = start()
    with Memory(settings=settings) as memory:
        talk(memory)
        wait_for(memory)
        assert learned(memory) == expected
        assert "Lisbon" in memory.recall("ana", "Where do I live?").context
        assert memory.doctor().is_sound
    worker.terminate()
    assert worker.wait(PATIENCE_S) == 0


def test_whoever_is_killed_others_go_on_where_it_was(
    settings: Settings, start: Callable[[], Program], expected: list[str]
) -> None:
    first = start()
    with Memory(settings=settings) as memory:
        talk(memory)
        end = time.monotonic() + PATIENCE_S
        while not any(memory.tree(person).claims for person in PEOPLE):
            assert time.monotonic() < end
            time.sleep(0.02)
        kill(first)
        start()
        wait_for(memory)
        assert learned(memory) == expected


def test_what_was_said_while_nobody_worked_is_heard_when_somebody_does(
    settings: Settings, start: Callable[[], Program], expected: list[str]
) -> None:
    """The messages are gone, as those of a broker that lost its memory: a sweep finds the work in the table."""
    nowhere = settings.model_copy(update={"broker_url": "redis://127.0.0.1:1/0"})
    with Memory(settings=nowhere) as memory:
        talk(memory)
        assert {job.state for job in memory.jobs()} == {"queued"}
        start()
        wait_for(memory)
        assert learned(memory) == expected
