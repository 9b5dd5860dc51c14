"""The processes of a deployment, started by hand with deploy/local.sh: they learn, tell how they are, and stop."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from treering import Memory
from treering.settings import Settings
from treering.testing.processes import environment_of, has_gone

SCRIPT = Path(__file__).parents[2] / "deploy" / "local.sh"
NOWHERE = "redis://127.0.0.1:1/0"
PATIENCE_S = 120.0
NOT_ALL_RUN = 3

Run = Callable[..., subprocess.CompletedProcess[str]]
"""Runs `local.sh` with these words; keywords are variables."""

NewBroker = Callable[[str], dict[str, str]]
"""Gives the settings of queues of one's own in a broker."""


def run(folder: Path, environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(SCRIPT), "--folder", str(folder), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False)


@pytest.fixture(params=["redis", "rabbitmq"])
def settings(
    request: pytest.FixtureRequest, new_broker: NewBroker, new_postgres_url: Callable[[], str], tmp_path: Path
) -> Settings:
    """An empty database, for `start` makes the tables, and queues of its own in a broker that is there."""
    return Settings(
        home=tmp_path / "home",
        database_url=new_postgres_url().replace("+psycopg", ""),
        **new_broker(request.param),
        embedder="hash",
        lease_s=2.0,
    )


@pytest.fixture
def local(settings: Settings, tmp_path: Path) -> Iterator[Run]:
    """The script on a folder of its own; what it started is stopped in the end, and the queues go."""
    environment = environment_of(settings) | {
        "WORKER_CONCURRENCY": "1",
        "START_TIMEOUT_S": str(round(PATIENCE_S)),
    }
    folder = tmp_path / "run"
    yield lambda *words, **more: run(folder, {**environment, **more}, *words)
    run(folder, {**environment, "STOP_TIMEOUT_S": "5"}, "stop")


def learn(settings: Settings) -> None:
    """Somebody talks in a process that reaches no broker: only beat can tell the worker of it."""
    with Memory(settings=settings.model_copy(update={"broker_url": NOWHERE})) as memory:
        memory.remember("ana", "I live in Porto. I am allergic to peanuts.")
        end = time.monotonic() + PATIENCE_S
        while jobs := memory.jobs():
            assert time.monotonic() < end, jobs
            time.sleep(0.1)
        assert "Porto" in memory.recall("ana", "Where do I live?").context
        assert memory.doctor().is_sound


def why_unwell(settings: Settings) -> str | None:
    """What the health check says of this machine's worker."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "TREERING_BROKER_URL": str(settings.broker_url),
        "TREERING_BROKER_PREFIX": settings.broker_prefix,
    }
    command = [str(SCRIPT.with_name("role.sh")), "health", "worker"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    return done.stderr if done.returncode else None


def pid_of(tmp_path: Path, role: str) -> int:
    return int((tmp_path / "run" / f"{role}.pid").read_text().split()[0])


def wait_until_dead(pid: int) -> None:
    """SIGKILL returns before who gets it has gone."""
    end = time.monotonic() + PATIENCE_S
    while not has_gone(pid):
        assert time.monotonic() < end, f"{pid} still runs"
        time.sleep(0.02)


@pytest.mark.services
@pytest.mark.parametrize("settings", ["redis"], indirect=True)  # 40 s; test_workers.py has RabbitMQ
def test_a_worker_and_beat_learn_tell_how_they_are_and_stop(settings: Settings, local: Run, tmp_path: Path) -> None:
    started = local("start", "worker", "beat")
    assert started.returncode == 0, started.stderr
    learn(settings)

    told = local("status", "worker", "beat")
    pids = [pid_of(tmp_path, role) for role in ("worker", "beat")]
    assert told.returncode == 0
    assert [line.partition(" (")[0] for line in told.stdout.splitlines()] == ["worker runs", "beat runs"]
    assert "treering.sweep" in local("logs", "worker").stdout
    assert why_unwell(settings) is None
    other = settings.model_copy(update={"broker_prefix": f"{settings.broker_prefix}_other"})
    assert "does not answer" in (why_unwell(other) or ""), "another installation on the broker has no worker"
    assert f"worker runs already (pid {pids[0]})" in local("start", "worker").stdout

    stopped = local("stop")
    assert stopped.returncode == 0
    assert stopped.stdout.splitlines() == ["api does not run", "beat stopped", "worker stopped"]
    assert all(has_gone(pid) for pid in pids)
    assert local("status").returncode == NOT_ALL_RUN


@pytest.mark.services
@pytest.mark.parametrize("settings", ["redis"], indirect=True)
def test_what_died_is_told_and_started_again_and_what_hangs_is_killed(
    settings: Settings, local: Run, tmp_path: Path
) -> None:
    assert local("start", "worker").returncode == 0
    killed = pid_of(tmp_path, "worker")
    os.killpg(killed, signal.SIGKILL)
    wait_until_dead(killed)

    told = local("status", "worker")
    assert "worker ended by itself" in told.stdout
    assert told.returncode == NOT_ALL_RUN

    assert local("start", "worker").returncode == 0
    hanging = pid_of(tmp_path, "worker")
    os.kill(hanging, signal.SIGSTOP)
    assert "worker was killed" in local("stop", "worker", STOP_TIMEOUT_S="1").stdout
    assert has_gone(hanging)


@pytest.mark.services
@pytest.mark.parametrize("settings", ["redis"], indirect=True)
@pytest.mark.skipif(importlib.util.find_spec("treering.cli.serve") is None, reason="there is no `treering serve` yet")
def test_the_api_answers_where_it_was_told_to(local: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    started = local("start", "api", API_PORT=str(port))
    assert started.returncode == 0, started.stderr
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=PATIENCE_S) as answer:
        assert answer.status == HTTPStatus.OK
    assert "api stopped" in local("stop", "api").stdout


@pytest.mark.services
@pytest.mark.parametrize("settings", ["redis"], indirect=True)
def test_a_store_that_cannot_be_upgraded_starts_nothing(local: Run, tmp_path: Path) -> None:
    failed = local("start", "worker", TREERING_DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert failed.returncode == 1
    assert "the store could not be upgraded" in failed.stderr
    assert not (tmp_path / "run" / "worker.pid").exists()


@pytest.mark.services
@pytest.mark.parametrize("settings", ["rabbitmq"], indirect=True)
def test_a_broker_that_lets_nobody_in_is_told_of(settings: Settings, local: Run) -> None:
    place = urlsplit(settings.broker_url or "")
    wrong = f"amqp://nobody:secret@{place.hostname}:{place.port}//"
    refused = local("start", "worker", TREERING_BROKER_URL=wrong)
    assert refused.returncode == 1
    assert "the broker does not let us in: AccessRefused" in refused.stderr
    assert "secret" not in refused.stderr


@pytest.mark.parametrize(
    ("given", "words", "code", "said"),
    [
        ({}, ("start",), 2, "TREERING_DATABASE_URL is missing"),
        ({"TREERING_DATABASE_URL": "postgresql://x/y"}, ("start",), 2, "TREERING_BROKER_URL is missing"),
        (
            {"TREERING_DATABASE_URL": "postgresql://x/y", "TREERING_BROKER_URL": NOWHERE},
            ("start",),
            1,
            "the broker at 127.0.0.1:1 cannot be reached",
        ),
        ({}, ("start", "wroker"), 2, "there is no role wroker"),
        ({}, ("begin",), 2, "usage: deploy/local.sh"),
        ({}, ("logs",), 1, "there are no logs"),
    ],
)
def test_what_is_missing_is_said(
    given: dict[str, str], words: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("TREERING_")}
    failed = run(tmp_path / "run", {**bare, **given}, *words)
    assert failed.returncode == code
    assert said in failed.stderr
