"""What processes of a pool count, in one place for all of them."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from treering import Memory
from treering.settings import Settings
from treering.testing.processes import environment_of
from treering.testing.servers import RedisServer, free_port

pytestmark = pytest.mark.services

PATIENCE_S = 120.0
RUN = "from treering.cli import main; main()"
PEOPLE = tuple(f"person{number}" for number in range(6))


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def numbers(port: int) -> dict[str, float]:
    """What is served, by name and labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line[:1] != "#"}


def done(told: dict[str, float]) -> float:
    """Jobs that were done of the kinds that each person has at least one of."""
    names = (f'treering_job_attempts_total{{kind="{kind}",outcome="done"}}' for kind in ("listen", "index"))
    return sum(told.get(name, 0) for name in names)


def test_one_port_tells_what_all_processes_did_and_the_folder_goes(
    redis: RedisServer, postgres_url: str, tmp_path: Path
) -> None:
    port, folder = free_port(), tmp_path / "temporary"
    folder.mkdir()
    settings = Settings(home=tmp_path, database_url=postgres_url, broker_url=redis.url, embedder="hash")
    environment = environment_of(settings) | {
        "TMPDIR": str(folder),
    }
    command = [sys.executable, "-c", RUN, "worker", "--concurrency", "2", "--metrics-port", str(port)]
    worker = subprocess.Popen([*command, "--log-level", "warning"], env=environment, start_new_session=True)
    try:
        with Memory(settings=settings) as memory:
            for person in PEOPLE:
                memory.remember(person, ["I live in Porto.", "I have two cats."])
            wait_for(lambda: memory.jobs() == [])
            wait_for(lambda: done(numbers(port)) >= 2 * len(PEOPLE))  # a job is counted when it is done
            told = numbers(port)
        assert told["treering_turns_heard_total"] == 2 * len(PEOPLE)
        assert told['treering_operations_committed_total{kind="ADD"}'] == 2 * len(PEOPLE)
        assert told['treering_job_lag_seconds_count{kind="listen"}'] >= len(PEOPLE)
        assert told["treering_store_readable"] == 1
        assert told['treering_queue_jobs{kind="listen",state="queued"}'] == 0
        assert not [name for name in told if re.search(r"person\d|pid", name)]
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE_S) == 0
    assert list(folder.iterdir()) == []
