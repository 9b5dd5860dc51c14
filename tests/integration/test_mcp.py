"""The SDK's own client drives the server: over HTTP in this process, and over the streams of a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx2
import pytest
from fastapi import FastAPI
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient
from typer.testing import CliRunner

from treering import Memory
from treering.cli.app import app as commands
from treering.errors import InvalidInput, MissingExtra, MissingScope, Unauthenticated
from treering.settings import Settings
from treering.sidecar.access import Gatekeeper, Principal
from treering.sidecar.app import create_app
from treering.sidecar.readiness import Readying

HIDDEN = "hunter2"
BASE = "http://127.0.0.1:8377"
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "0"},
    },
}
ACCEPT = {"Accept": "application/json, text/event-stream"}


class Keys(Gatekeeper):
    """Knows credentials of the form `Bearer tenant.right`."""

    def admit(self, authorization: str | None) -> Principal:
        """Whose it is."""
        match (authorization or "").removeprefix("Bearer ").split("."):
            case [tenant, ("read" | "write" | "admin") as right]:
                return Principal(tenant=tenant, right=right, credential="k")
            case _:
                raise Unauthenticated


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    settings = Settings(home=tmp_path, embedder="hash", mcp_hosts="memory.example.com, other")
    with Memory(settings=settings, background=False) as memory:
        memory.remember("ana", "I moved to Lisbon.", tenant="acme")
        memory.remember("bo", "I have a heron named Gustav.", tenant="acme")
        memory.remember("ana", "I keep a pelican.", tenant="evil")
        memory.flush(tenant="acme")
        memory.flush(tenant="evil")
        yield memory


@pytest.fixture
def app(memory: Memory) -> FastAPI:
    return create_app(memory, Keys(), Readying({}), CollectorRegistry())


def headers(tenant: str = "acme", right: str = "write", user: str = "ana") -> dict[str, str]:
    return {"Authorization": f"Bearer {tenant}.{right}", "X-Treering-User": user}


@asynccontextmanager
async def connected(app: FastAPI, mode: str = "auto", **given: str) -> AsyncIterator[Client]:
    """A client of a running application; nothing of it is a real connection."""
    transport = httpx2.ASGITransport(app)
    async with (
        httpx2.AsyncClient(transport=transport, base_url=BASE, headers=headers(**given)) as http,
        Client(streamable_http_client(f"{BASE}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


def text(answer: CallToolResult) -> str:
    [part] = answer.content
    assert part.type == "text"
    return part.text


@pytest.mark.parametrize("mode", ["auto", "legacy"], ids=["newest protocol", "with a handshake"])
async def test_the_credential_says_whose_tenant_and_the_header_which_person(app: FastAPI, mode: str) -> None:
    async with app.router.lifespan_context(app):
        async with connected(app, mode) as client:
            assert "Lisbon" in text(await client.call_tool("read_persona"))
            assert "Gustav" not in text(await client.call_tool("search_history", {"query": "heron pelican"}))
        async with connected(app, mode, user="bo") as client:
            assert "Lisbon" not in text(await client.call_tool("search_history", {"query": "Lisbon"}))
            assert "Gustav" in text(await client.call_tool("search_history", {"query": "heron"}))
        async with connected(app, mode, tenant="evil") as client:
            assert "Lisbon" not in text(await client.call_tool("search_history", {"query": "Lisbon"}))
            assert "pelican" in text(await client.call_tool("search_history", {"query": "pelican"}))


@pytest.mark.parametrize("mode", ["auto", "legacy"], ids=["newest protocol", "with a handshake"])
async def test_to_remember_and_forget_needs_the_right_to_write(app: FastAPI, memory: Memory, mode: str) -> None:
    async with app.router.lifespan_context(app):
        async with connected(app, mode, right="read") as client:
            assert {tool.name for tool in (await client.list_tools()).tools}.isdisjoint({"remember", "forget"})
            assert (await client.call_tool("remember", {"text": "I live in Faro."})).is_error
            assert (await client.call_tool("forget", {"about": "Lisbon"})).is_error
        assert len(memory.turns("ana", tenant="acme")) == 1
        async with connected(app, mode) as client:
            assert not (await client.call_tool("remember", {"text": "I live in Faro."})).is_error
            code = (await client.call_tool("forget", {"about": "Lisbon"})).structured_content["confirmation"]
            done = await client.call_tool("forget", {"about": "Lisbon", "confirmation": code})
            assert done.structured_content["is_done"]
        assert [turn.content for turn in memory.turns("ana", tenant="acme") if turn.content] == ["I live in Faro."]
        assert memory.receipts("ana", tenant="evil") == []


async def test_several_people_are_served_at_once(app: FastAPI) -> None:
    async with app.router.lifespan_context(app), connected(app) as ana, connected(app, user="bo") as bo:
        assert "Lisbon" in text(await ana.call_tool("read_persona"))
        assert "Gustav" in text(await bo.call_tool("search_history", {"query": "heron"}))
        assert "Gustav" not in text(await ana.call_tool("search_history", {"query": "heron"}))


def test_who_is_not_known_or_names_nobody_is_refused_with_a_problem(app: FastAPI) -> None:
    with TestClient(app, base_url=BASE) as client:

        def post(given: dict[str, str]) -> tuple[int, str]:
            answer = client.post("/mcp", json=INITIALIZE, headers=ACCEPT | given)
            return answer.status_code, answer.headers["content-type"]

        problem = "application/problem+json"
        assert post(headers()) == (200, "application/json")
        assert post({"X-Treering-User": "ana"}) == (401, problem)
        assert post(headers() | {"Authorization": "Bearer nonsense"}) == (401, problem)
        assert post({"Authorization": "Bearer acme.read"}) == (422, problem)
        assert post(headers(user="x" * 300)) == (400, problem)
        assert post(headers() | {"X-Treering-Session": "x" * 300}) == (400, problem)
        assert client.get("/mcp", headers=headers()).status_code == 405
        twice = client.post("/mcp?user=bo", json=INITIALIZE, headers=ACCEPT | headers())
        assert (twice.status_code, twice.headers["content-type"]) == (400, problem), "the audit log would name bo"


def test_a_page_that_calls_by_another_name_is_refused(app: FastAPI) -> None:
    with TestClient(app, base_url=BASE) as client:

        def post(host: str, origin: str | None = None) -> int:
            given = ACCEPT | headers() | {"Host": host} | ({"Origin": origin} if origin else {})
            return client.post("/mcp", json=INITIALIZE, headers=given).status_code

        assert post("localhost:8377") == post("[::1]:8377") == post("memory.example.com") == post("other:80") == 200
        assert post("evil.example") == post("memory.example.com.evil.example") == 421
        assert post("localhost", "https://evil.example") == post("localhost", "null") == 403
        assert post("localhost", "http://localhost:3000") == post("other", "https://memory.example.com") == 200


@pytest.mark.parametrize(("encoding", "status"), [("utf-8", 200), ("latin-1", 400)])
async def test_a_name_beyond_ascii_is_utf_8(app: FastAPI, memory: Memory, encoding: str, status: int) -> None:
    memory.remember("josé", "I play the oboe.", tenant="acme")
    params = {"name": "search_history", "arguments": {"query": "oboe"}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    given = [
        *ACCEPT.items(),
        ("Authorization", "Bearer acme.read"),
        (b"X-Treering-User", "josé".encode(encoding)),
    ]
    async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=httpx2.ASGITransport(app)) as http:
        answer = await http.post(f"{BASE}/mcp", json=call, headers=[(_bytes(a), _bytes(b)) for a, b in given])
    assert answer.status_code == status
    assert ("oboe" in answer.text) == (status == 200)


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def test_without_the_extra_the_rest_is_served(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "treering.sidecar.mcp.http", None)
    with TestClient(app, base_url=BASE) as client:
        for _ in range(2):
            answer = client.post("/mcp", json=INITIALIZE, headers=ACCEPT | headers())
            assert (answer.status_code, answer.headers["content-type"]) == (501, "application/problem+json")
        assert client.get("/health/live").status_code == 200


def process(home: Path, *options: str) -> StdioServerParameters:
    """How a program starts a server of its own."""
    command = ["-c", "from treering.cli import main; main()", "mcp", "--home", str(home), *options]
    return StdioServerParameters(command=sys.executable, args=command, env={"TREERING_EMBEDDER": "hash"})


async def test_a_process_of_its_own_serves_one_person(tmp_path: Path) -> None:
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        memory.remember("ana", "I moved to Lisbon.")
        memory.remember("bo", "I have a heron named Gustav.")
        memory.flush()
    given = process(tmp_path, "--user", "ana", "--session", "today", "--log-level", "debug")
    log, stray = tmp_path / "log", []

    async def receive(message: object) -> None:
        if isinstance(message, Exception):
            stray.append(message)

    with log.open("w+") as errors:
        async with Client(stdio_client(given, errlog=errors), mode="legacy", message_handler=receive) as client:
            assert "Lisbon" in text(await client.call_tool("read_persona"))
            assert "Gustav" not in text(await client.call_tool("search_history", {"query": "heron Gustav"}))
            assert not (await client.call_tool("remember", {"text": "I am allergic to peanuts."})).is_error
            for _ in range(300):  # a thread of the process listens
                if "peanuts" in text(await client.call_tool("read_persona", {"path": "health.allergies"})):
                    break
                await anyio.sleep(0.1)
            else:
                pytest.fail("it was not listened to")
    assert stray == [], "standard output is for the protocol"
    assert "DEBUG" in log.read_text()
    assert "peanuts" not in log.read_text()
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        assert [turn.content for turn in memory.turns("ana", session="today")] == ["I am allergic to peanuts."]


def test_ctrl_c_ends_it_at_once(tmp_path: Path) -> None:
    given = process(tmp_path, "--user", "ana")
    environment = {**os.environ, **(given.env or {})}
    pipe = subprocess.PIPE
    with subprocess.Popen([given.command, *given.args], env=environment, stdin=pipe, stdout=pipe, text=True) as started:
        assert started.stdin is not None
        assert started.stdout is not None
        started.stdin.write(f"{json.dumps(INITIALIZE)}\n")
        started.stdin.flush()
        assert json.loads(started.stdout.readline())["result"]["serverInfo"]["name"] == "treering"
        started.send_signal(signal.SIGINT)
        assert started.wait(30) == -signal.SIGINT


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--user", "ana", "--log-level", "loud"], InvalidInput),
        (["--user", ""], MissingScope),
        (["--user", "ana", "--session", "\n"], InvalidInput),
    ],
    ids=["level", "nobody", "session"],
)
def test_options_that_cannot_be_used_are_refused(tmp_path: Path, options: list[str], error: type[Exception]) -> None:
    result = CliRunner().invoke(commands, ["mcp", "--home", str(tmp_path), *options])
    assert isinstance(result.exception, error)


def test_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "treering.sidecar.mcp.stdio", None)
    result = CliRunner().invoke(commands, ["mcp", "--user", "ana"])
    assert isinstance(result.exception, MissingExtra)
    assert "pip install 'treering[mcp]'" in str(result.exception)
