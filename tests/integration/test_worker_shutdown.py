"""Workers that stop or hang, and whose broker or jobs are away: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from treering import Memory
from treering.schemas.dialogue import Scope
from treering.settings import Settings
from treering.testing.processes import environment_of
from treering.testing.servers import RedisServer, ServerMissing
from treering.testing.starting import Program

pytestmark = [pytest.mark.services, pytest.mark.slow]

PROGRAM = Path(__file__).with_name("worker_program.py")
PATIENCE_S = 150.0
MANY = 20
"""Turns that take a worker four slices at least."""

STOP_S = 30.0
"""A slice is over after 2 seconds and a window; the rest is for a busy machine."""

Start = Callable[..., Program]


@pytest.fixture
def broker() -> Iterator[RedisServer]:
    """A Redis of the test's own, which may be killed."""
    try:
        with RedisServer() as server:
            yield server
    except ServerMissing as error:
        if os.environ.get("TREERING_REQUIRE_SERVICES") == "1":
            raise
        pytest.skip(str(error))


@pytest.fixture
def settings(broker: RedisServer, tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", broker_url=broker.url, embedder="hash", lease_s=2.0, hang_s=8.0)


@pytest.fixture
def memory(settings: Settings) -> Iterator[Memory]:
    with Memory(settings=settings) as opened:
        yield opened


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    """Where the listener leaves a file for each turn that it was asked about."""
    (folder := tmp_path / "marks").mkdir()
    return folder


@pytest.fixture
def start(settings: Settings, marks: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts a worker with beat in a process group of its own; what lives at the end is killed."""
    environment = environment_of(settings)
    begun: list[Program] = []

    def start() -> Program:
        words = [str(marks), "worker", "--beat", "--concurrency", "2", "--loglevel", "error"]
        begun.append(Program(words, environment, script=PROGRAM, folder=tmp_path))
        return begun[-1]

    yield start
    for process in begun:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def say(memory: Memory, *likes: str) -> None:
    memory.remember("ana", [{"role": "user", "content": f"I like {what}.", "id": what[:8]} for what in likes])


def dishes(number: int = MANY) -> list[str]:
    return [f"dish{one}" for one in range(number)]


def liked(memory: Memory) -> list[str]:
    return sorted(claim.text for claim in memory.tree("ana").claims)


def heard(memory: Memory) -> int:
    with memory._engine.store.begin(write=False) as unit:
        return unit.ledger.head(Scope(user="ana")).heard_seq


def until(is_so: Callable[[], object], why: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, why
        time.sleep(0.05)


def assert_all_is_learned(memory: Memory, likes: list[str]) -> None:
    until(lambda: not memory.jobs(), "work is left")
    assert liked(memory) == sorted(f"like {what}" for what in likes)
    assert [entry.operation.kind for entry in memory.history("ana")] == ["ADD"] * len(likes)
    assert memory.doctor().findings == ()


def test_a_worker_that_is_told_to_stop_ends_its_window_and_leaves_the_rest(
    memory: Memory, start: Start, marks: Path
) -> None:
    worker = start()
    say(memory, *dishes())
    until(lambda: list(marks.iterdir()), "nobody listens")
    worker.terminate()
    assert worker.wait(STOP_S) == 0
    done = heard(memory)
    assert 0 < done < MANY
    assert len(list(marks.iterdir())) == done, "each window that was begun is committed"
    assert {(job.kind, job.state) for job in memory.jobs() if job.kind == "listen"} == {("listen", "queued")}
    assert all(job.state == "queued" for job in memory.jobs())
    start()
    assert_all_is_learned(memory, dishes())


def test_a_worker_that_is_stopped_cold_leaves_its_window_to_the_next(memory: Memory, start: Start, marks: Path) -> None:
    worker = start()
    say(memory, *dishes())
    until(lambda: list(marks.iterdir()), "nobody listens")
    worker.send_signal(signal.SIGQUIT)
    worker.wait(STOP_S)
    until(lambda: is_gone(worker.pid), "a child lives on")
    assert heard(memory) < MANY
    start()
    assert_all_is_learned(memory, dishes())


def test_a_process_that_hangs_is_killed_and_its_job_is_taken_over(memory: Memory, start: Start, marks: Path) -> None:
    worker = start()
    likes = ["figs", "to HANG around", "olives"]
    say(memory, *likes)
    until((marks / "hung").exists, "nobody hung")
    say(memory, "quinces")
    assert_all_is_learned(memory, [*likes, "quinces"])
    assert worker.poll() is None, "its other processes went on"


def test_a_worker_waits_for_a_broker_that_is_not_there_yet(memory: Memory, start: Start, broker: RedisServer) -> None:
    broker.kill()
    worker = start()
    say(memory, *dishes(3))
    assert [job.state for job in memory.jobs()] == ["queued"], "it is acknowledged, and waits"
    broker.start()
    assert_all_is_learned(memory, dishes(3))
    assert worker.poll() is None


def test_work_goes_on_when_the_broker_is_back(memory: Memory, start: Start, broker: RedisServer, marks: Path) -> None:
    worker = start()
    say(memory, *dishes(10))
    until(lambda: list(marks.iterdir()), "nobody listens")
    broker.kill()
    begun = time.monotonic()
    say(memory, *dishes(20)[10:])
    assert time.monotonic() - begun < 5.0, "nobody waits for a broker"
    broker.start()
    assert_all_is_learned(memory, dishes(20))
    say(memory, *dishes(25)[20:])
    assert_all_is_learned(memory, dishes(25))
    assert worker.poll() is None


def test_what_stands_in_no_job_is_found_by_beat(memory: Memory, start: Start) -> None:
    say(memory, *dishes(3))
    memory.end_session("ana")
    with memory._engine.store.begin() as unit:
        while (job := unit.jobs.claim(memory._engine.clock.now(), lease_s=1)) is not None:
            unit.jobs.finish(job)  # as if it had been done
    assert memory.jobs() == []
    start()
    until(lambda: len(liked(memory)) == 3, "nobody found it")
    assert_all_is_learned(memory, dishes(3))


def is_gone(group: int) -> bool:
    """Whether no process of a group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False
