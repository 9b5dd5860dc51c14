"""What raw connections get from a real server: those that drip, that do not listen, and that speak no HTTP."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from prometheus_client import CollectorRegistry
from starlette.types import Receive, Scope, Send

from treering import Memory
from treering.sidecar.access import OpenHouse
from treering.sidecar.app import create_app
from treering.sidecar.connections import GuardedProtocol
from treering.sidecar.readiness import Readying

HEAD = b"Host: 127.0.0.1\r\n"
PATIENCE_S = 20.0
ENDLESS = "/endless"

#: More than the kernel keeps for somebody who does not read.
MEGABYTES = 64


class Quick(GuardedProtocol):
    """The same with less patience."""

    head_s = 0.8
    stall_s = 0.2
    limit = 6


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[uvicorn.Server]:
    """A server on a port of its own."""
    memory = Memory(tmp_path_factory.mktemp("home"), embedder="hash", background=False)
    app = create_app(memory, OpenHouse(), Readying({}), CollectorRegistry())

    async def with_an_endless_answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != ENDLESS:
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(MEGABYTES):  # of one that has gone, the rest is sent to nobody
            await send({"type": "http.response.body", "body": bytes(1_000_000), "more_body": True})

    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(with_an_endless_answer, http=Quick, log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    server.address = listening.getsockname()  # type: ignore[attr-defined]
    yield server
    server.should_exit = True
    thread.join()
    listening.close()


@contextmanager
def connected(server: uvicorn.Server) -> Iterator[socket.socket]:
    with socket.create_connection(server.address, timeout=PATIENCE_S) as connection:  # type: ignore[attr-defined]
        yield connection


def rest_of(connection: socket.socket) -> bytes:
    """What comes until the server closes."""
    pieces = []
    try:
        while piece := connection.recv(65_536):
            pieces.append(piece)
    except ConnectionResetError:
        pass  # it closed, with bytes of ours unread
    return b"".join(pieces)


def version_on(connection: socket.socket) -> bytes:
    """The answer of `/version`, to its last byte."""
    found = b""
    while not found.endswith(b"}"):
        found += connection.recv(65_536)
    return found


def problem_in(answer: bytes) -> dict[str, object]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower(), answer
    assert b"x-content-type-options: nosniff" in head.lower()
    found = json.loads(body)
    assert head.split()[1] == str(found["status"]).encode()
    return found


def ask(server: uvicorn.Server, request: bytes) -> bytes:
    with connected(server) as connection:
        connection.sendall(request)
        return rest_of(connection)


@pytest.mark.parametrize("begun", [b"", b"GET /version HTTP/1.1\r\nHost: x\r\nX-A: "])
def test_who_does_not_end_the_head_of_a_request_is_let_go(running: uvicorn.Server, begun: bytes) -> None:
    assert problem_in(ask(running, begun))["status"] == 408


def test_who_drips_is_let_go_as_well(running: uvicorn.Server) -> None:
    with connected(running) as connection:
        connection.sendall(b"GET /version HTTP/1.1\r\n" + HEAD)
        began = time.monotonic()
        try:
            while time.monotonic() - began < PATIENCE_S:
                connection.sendall(b"X-A: b\r\n")
                time.sleep(0.05)
        except OSError:
            pass
        assert time.monotonic() - began < PATIENCE_S / 2


def test_a_second_request_has_to_come_in_time_too(running: uvicorn.Server) -> None:
    with connected(running) as connection:
        connection.sendall(b"GET /version HTTP/1.1\r\n" + HEAD + b"\r\n")
        assert b" 200 " in version_on(connection)
        connection.sendall(b"GET /version HTTP/1.1\r\nHost:")
        assert problem_in(rest_of(connection))["status"] == 408


def test_a_connection_that_rests_between_requests_is_kept(running: uvicorn.Server) -> None:
    with connected(running) as connection:
        for rest_s in (1.5 * Quick.head_s, 0):
            connection.sendall(b"GET /version HTTP/1.1\r\n" + HEAD + b"\r\n")
            assert b" 200 " in version_on(connection)
            time.sleep(rest_s)


def test_who_does_not_read_is_let_go(running: uvicorn.Server) -> None:
    with connected(running) as connection:
        connection.sendall(f"GET {ENDLESS} HTTP/1.1\r\n".encode() + HEAD + b"\r\n")
        end = time.monotonic() + PATIENCE_S
        while running.server_state.tasks or time.monotonic() < end - PATIENCE_S + Quick.stall_s:
            assert time.monotonic() < end, "its answer is still held"
            time.sleep(0.02)


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /version\r\n\r\n",
        b"GET /version HTTP/1.1\r\n\r\n",
        b"GET /version HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /version HTTP/1.1\r\n" + HEAD + b"X-A: a\x00b\r\n\r\n",
        b"GET /version HTTP/1.1\r\n" + HEAD + b"X A: b\r\n\r\n",
        b"POST /v1/flush?user=a HTTP/1.1\r\n" + HEAD + b"Content-Length: 2\r\nContent-Length: 4\r\n\r\n{}{}",
        b"POST /v1/flush?user=a HTTP/1.1\r\n" + HEAD + b"Content-Length: -2\r\n\r\n{}",
        b"POST /v1/flush?user=a HTTP/1.1\r\n" + HEAD + b"Content-Length: 1e9\r\n\r\n{}",
        b"POST /v1/flush?user=a HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        b"POST /v1/flush?user=a HTTP/1.1\r\n"
        + HEAD
        + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ],
    ids=lambda request: request[:70].hex(),
)
def test_what_can_be_read_in_two_ways_is_no_request(running: uvicorn.Server, request_: bytes) -> None:
    """Two lengths above all: a proxy in front may take the end of one body for the next request."""
    assert problem_in(ask(running, request_))["status"] == 400


@pytest.mark.parametrize("begun", [b"GET /", b"GET /version HTTP/1.1\r\nX-A: "], ids=["address", "header"])
def test_a_head_has_a_size(running: uvicorn.Server, begun: bytes) -> None:
    with connected(running) as connection:
        try:
            connection.sendall(begun + b"a" * 1_000_000)
            answer = rest_of(connection)
        except OSError:
            return  # it closed while this was sent
        assert answer == b"" or problem_in(answer)["status"] == 400


def test_an_encoding_that_is_not_known_is_refused(running: uvicorn.Server) -> None:
    request = b"POST /v1/flush?user=a HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"
    assert int(ask(running, request).split()[1]) in (400, 501)


def test_there_are_not_more_connections_than_a_server_can_hold(running: uvicorn.Server) -> None:
    held = [socket.create_connection(running.address) for _ in range(Quick.limit)]  # type: ignore[attr-defined]
    try:
        found = problem_in(ask(running, b""))
        assert found["status"] == 503
    finally:
        for one in held:
            one.close()
    end = time.monotonic() + PATIENCE_S
    while running.server_state.connections:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert b" 200 " in ask(running, b"GET /version HTTP/1.1\r\nConnection: close\r\n" + HEAD + b"\r\n")
