"""`treering serve` as a process of its own, with servers that come and go."""

from __future__ import annotations

import json
import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from treering import Memory
from treering.testing.servers import PostgresServer, RedisServer, free_port
from treering.testing.starting import Program

PATIENCE_S = 90.0

Start = Callable[..., "Served"]


class Served:
    """A server that was started."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.port = free_port()
        self.log = home / "serve.log"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TREERING_")}
        environment = {**inherited, "TREERING_HOME": str(home), "TREERING_EMBEDDER": "hash", **settings}
        self.process = Program(["serve", "--port", str(self.port)], environment, log=self.log)
        self.wait_for(lambda: self.get("/health/live")[0] == 200)

    def get(self, path: str) -> tuple[int, str]:
        """Status and body; 0 where nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def ready(self) -> dict[str, bool]:
        """Who answers."""
        return {one["name"]: one["is_ready"] for one in json.loads(self.get("/health/ready")[1])["dependencies"]}

    def wait_for(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.1)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(PATIENCE_S)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    begun: list[Served] = []

    def start(**settings: str) -> Served:
        begun.append(Served(tmp_path, **settings))
        return begun[-1]

    yield start
    for served in begun:
        served.process.kill()
        served.process.wait()


def test_an_embedded_store_is_served_and_the_server_ends_well(start: Start, tmp_path: Path) -> None:
    served = start()
    assert served.ready() == {"store": True}
    assert json.loads(served.get("/version")[1])["name"] == "treering"
    assert "treering_store_readable 1.0" in served.get("/metrics")[1]
    assert served.get("/nothing?token=hunter2")[0] == 404
    assert served.stop() == 0
    log = served.log.read_text()
    assert "GET /health/ready 200" in log
    assert "GET (no route) 404" in log
    assert "hunter2" not in log


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words, log = ["serve", "--port", str(taken.getsockname()[1])], tmp_path / "log"
        assert Program(words, os.environ, folder=tmp_path, log=log).wait(PATIENCE_S) != 0
    assert "Address already in use" in log.read_text()
    assert "choose another, e.g. --port" in log.read_text()


@pytest.mark.services
def test_whoever_is_away_is_named_until_it_is_back(start: Start) -> None:
    with PostgresServer(syncs=False) as postgres, RedisServer() as redis:
        served = start(TREERING_DATABASE_URL=postgres.url, TREERING_BROKER_URL=redis.url)
        assert served.ready() == {"broker": True, "store": False}, "its tables are not there yet"
        upgrade = Program(["db", "upgrade"], {**os.environ, "TREERING_DATABASE_URL": postgres.url})
        assert upgrade.wait(PATIENCE_S) == 0
        served.wait_for(lambda: served.ready() == {"broker": True, "store": True})
        redis.kill()
        served.wait_for(lambda: served.ready() == {"broker": False, "store": True})
        postgres.kill()
        served.wait_for(lambda: served.ready() == {"broker": False, "store": False})
        status, told = served.get("/health/ready")
        assert status == 503
        assert str(postgres.port) not in told
        assert str(redis.port) not in told
        assert served.get("/health/live")[0] == 200
        assert "treering_store_readable 0.0" in served.get("/metrics")[1]
        redis.start()
        postgres.start()
        served.wait_for(lambda: served.ready() == {"broker": True, "store": True})
        assert served.stop() == 0


@pytest.mark.services
def test_it_starts_where_nothing_is_there_yet(start: Start) -> None:
    away = f"postgresql+psycopg://ana:hunter2@127.0.0.1:{free_port()}/x"
    served = start(TREERING_DATABASE_URL=away, TREERING_BROKER_URL=f"amqp://ana:hunter2@127.0.0.1:{free_port()}//")
    assert served.ready() == {"broker": False, "store": False}
    told = served.get("/health/ready")[1]
    assert "OperationalError" in told, "a refusal is not waited for"
    assert "hunter2" not in told
    assert served.stop() == 0
    assert "hunter2" not in served.log.read_text()


def test_without_keys_it_does_not_listen_for_others(tmp_path: Path) -> None:
    environment = {**os.environ, "TREERING_HOME": str(tmp_path), "TREERING_AUTH": "open"}
    words, log = ["serve", "--host", "0.0.0.0", "--port", str(free_port())], tmp_path / "log"  # noqa: S104
    assert Program(words, environment, log=log).wait(PATIENCE_S) == 2
    assert "`treering keys create` and set TREERING_AUTH=keys" in log.read_text()


def test_with_keys_it_serves_who_shows_one(start: Start, tmp_path: Path) -> None:
    served = start(TREERING_AUTH="keys")
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        secret = memory.create_key("read").secret
    url = f"http://127.0.0.1:{served.port}/v1/sessions?user=ana"
    assert served.get("/v1/sessions?user=ana")[0] == 401
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": f"Bearer {secret}"})) as answer:
        assert answer.status == 200
    assert secret.rpartition("_")[2] not in served.log.read_text()
