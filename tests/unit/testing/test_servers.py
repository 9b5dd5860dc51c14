"""Servers of a test's own: they answer, die, come back over what they left, and leave nothing on the machine."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import psycopg
import pytest

from treering.testing import installed, serving
from treering.testing.processes import descendants, has_gone
from treering.testing.servers import PostgresServer, RabbitServer, RedisServer, Server, ServerMissing, free_port

pytestmark = pytest.mark.services


@pytest.mark.parametrize("kind", [PostgresServer, RedisServer, RabbitServer])
def test_a_server_that_is_killed_comes_back_and_in_the_end_nothing_is_left(kind: type[Server]) -> None:
    try:
        with kind() as server:
            first, family = server.pid, descendants(server.pid or 0)
            server.kill()
            assert server.pid is None
            assert not accepts(server)
            assert all(has_gone(pid) for pid in family)
            server.start()
            assert server.pid != first
            assert accepts(server)
            server.restart()
            assert accepts(server)
    except ServerMissing as error:
        if os.environ.get("TREERING_REQUIRE_SERVICES") == "1":
            raise
        pytest.skip(str(error))
    assert not accepts(server)
    assert not server.folder.exists()


def test_what_postgres_committed_is_there_after_it_was_killed() -> None:
    try:
        with PostgresServer(syncs=False) as server:
            url = server.url.replace("+psycopg", "")
            with psycopg.connect(url) as connection:
                connection.execute("CREATE TABLE kept (number int)")
                connection.execute("INSERT INTO kept VALUES (7)")
            server.restart()
            with psycopg.connect(url) as connection:
                assert connection.execute("SELECT number FROM kept").fetchall() == [(7,)]
    except ServerMissing as error:
        if os.environ.get("TREERING_REQUIRE_SERVICES") == "1":
            raise
        pytest.skip(str(error))


def test_a_program_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(installed, "_DEBIANS", ())
    with pytest.raises(ServerMissing, match="redis-server is not installed"), RedisServer():
        pass


def test_a_server_that_ends_at_once_is_given_up_with_what_it_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\necho no room for me\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(installed, "_DEBIANS", ())
    monkeypatch.setattr(serving, "START_S", 0.3)
    with pytest.raises(ServerMissing, match="no room for me"), RedisServer():
        pass


def test_a_free_port_is_free() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))


def accepts(server: Server) -> bool:
    try:
        socket.create_connection((server.host, server.port), timeout=1).close()
    except OSError:
        return False
    return True
