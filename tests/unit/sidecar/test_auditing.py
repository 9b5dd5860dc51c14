"""Each request about a memory is written down: who, what, about whom by a hash, and what came of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast
from unittest.mock import AsyncMock

import pytest
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from treering import Memory
from treering.errors import StoreBusy
from treering.schemas.access import AuditEntry
from treering.sidecar.access import Principal
from treering.sidecar.app import create_app
from treering.sidecar.auditing import Auditing
from treering.sidecar.auth import KeyGate
from treering.sidecar.readiness import Readying
from treering.telemetry.logs import hashed

ClientWith = Callable[..., TestClient]

REQUESTS = 5


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory(tmp_path / "home", embedder="hash", background=False) as memory:
        yield memory


@pytest.fixture
def client_with(memory: Memory) -> ClientWith:
    app = create_app(memory, KeyGate(memory), Readying({}), CollectorRegistry(), is_audited=True)

    def made(secret: str = "") -> TestClient:
        return TestClient(app, headers={"Authorization": f"Bearer {secret}"} if secret else {})

    return made


def test_reads_writes_and_refusals_are_written_down(memory: Memory, client_with: ClientWith) -> None:
    key = memory.create_key("read", tenant="acme")
    client = client_with(key.secret)
    client.get("/v1/sessions?user=ana-at-home&limit=3", headers={"X-Request-ID": "r-1"})
    client.post("/v1/messages?user=bo&user=ana-at-home", json={"messages": [{"role": "user", "content": "Secret."}]})
    client.get("/v1/tree")
    newest, refused, read = memory.audit(tenant="acme")
    assert (read.action, read.status, read.request_id) == ("GET /v1/sessions", 200, "r-1")
    assert (read.credential, read.person) == (key.key.id, hashed("acme", "ana-at-home"))
    assert (refused.action, refused.status, refused.person) == ("POST /v1/messages", 403, read.person)
    assert (newest.action, newest.status, newest.person) == ("GET /v1/tree", 422, None)
    everything = "".join(one.model_dump_json() for one in memory.audit(tenant="acme"))
    for word in ("ana-at-home", "Secret", "limit", key.secret):
        assert word not in everything


def test_a_path_is_written_as_its_route(memory: Memory, client_with: ClientWith) -> None:
    client = client_with(memory.create_key("admin").secret)
    client.get("/v1/jobs/7")
    client.post("/v1/quarantine/9b1c44d0e2a7/drop?user=ana")
    assert [one.action for one in memory.audit()] == [
        "POST /v1/quarantine/{held_id}/drop",
        "GET /v1/jobs/{job_id}",
    ]


def test_of_mcp_it_is_written_what_was_called_and_not_with_what(memory: Memory, client_with: ClientWith) -> None:
    secret = memory.create_key("write").secret
    headers = {"X-Treering-User": "ana", "Accept": "application/json, text/event-stream", "Host": "127.0.0.1"}
    calls: list[tuple[str, dict[str, object]]] = [
        ("tools/call", {"name": "recall_memory", "arguments": {"question": "hidden words?"}}),
        ("tools/call", {"name": "hidden_words", "arguments": {}}),
        ("resources/read", {"uri": "memory://persona/hidden_words"}),
        ("resources/list", {}),
        ("ping", {}),
    ]
    with client_with(secret) as client:
        for method, params in calls:
            asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
            answer = client.post("/mcp", json=asked, headers=headers)
            assert answer.headers["content-type"] == "application/json", answer.text
        entries = memory.audit()
    assert [one.action for one in entries] == [
        "POST /mcp",
        "POST /mcp resources/list",
        "POST /mcp resources/read",
        "POST /mcp tools/call (no tool)",
        "POST /mcp tools/call recall_memory",
    ]
    assert {one.person for one in entries} == {hashed("default", "ana")}
    assert "hidden" not in str(entries)


def test_who_shows_no_key_is_of_no_tenant(memory: Memory, client_with: ClientWith) -> None:
    client = client_with()
    for path in ("/v1/tree?user=ana", "/version", "/health/live", "/nothing"):
        client.get(path)
    assert memory.audit() == []


def test_the_log_is_read_by_admins_in_pages_and_by_person(memory: Memory, client_with: ClientWith) -> None:
    admin = client_with(memory.create_key("admin", tenant="acme").secret)
    for user in ("ana", "bo", "ana"):
        admin.get(f"/v1/sessions?user={user}")
    first = admin.get("/v1/audit?limit=2").json()
    assert [one["person"] for one in first["items"]] == [hashed("acme", "ana"), hashed("acme", "bo")]
    second = admin.get("/v1/audit", params={"cursor": first["next"]}).json()
    assert [one["person"] for one in second["items"]] == [hashed("acme", "ana")]
    assert second["next"] is None
    of_bo = admin.get("/v1/audit?user=bo&limit=100").json()["items"]
    assert [one["action"] for one in of_bo] == ["GET /v1/sessions"]
    other = client_with(memory.create_key("admin", tenant="other").secret)
    assert other.get("/v1/audit").json()["items"] == []
    assert client_with(memory.create_key("write", tenant="acme").secret).get("/v1/audit").status_code == 403


def test_a_log_that_cannot_be_written_fails_no_request(
    memory: Memory, client_with: ClientWith, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_with(memory.create_key("read").secret)

    def fail(_: object) -> None:
        raise StoreBusy("sqlite:///hidden", 15.0)

    monkeypatch.setattr(memory, "add_audit", fail)
    answer = client.get("/v1/sessions?user=ana", headers={"X-Request-ID": "r-2"})
    assert answer.status_code == 200
    assert "request r-2 is not in the audit log: StoreBusy" in caplog.text
    assert "hidden" not in caplog.text


async def test_entries_that_come_while_others_are_written_share_a_transaction() -> None:
    have_all_come, batches, served = threading.Event(), list[list[str]](), list[Scope]()

    class SlowLog:
        def add_audit(self, *entries: AuditEntry) -> None:
            have_all_come.wait(30)
            batches.append([entry.request_id for entry in entries])

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["principal"] = Principal(tenant="acme", right="read", credential="k1")
        served.append(scope)
        if len(served) == REQUESTS:
            asyncio.get_running_loop().call_soon(have_all_come.set)

    async def ask(number: int) -> None:
        scope = {"type": "http", "method": "GET", "query_string": b"", "headers": [], "request_id": str(number)}
        await auditing(scope, AsyncMock(), AsyncMock())

    auditing = Auditing(app, cast("Memory", SlowLog()))
    await asyncio.gather(*map(ask, range(REQUESTS)))
    assert batches == [["0"], ["1", "2", "3", "4"]]


def test_forgetting_somebody_leaves_no_id_in_the_log(memory: Memory, client_with: ClientWith, tmp_path: Path) -> None:
    client = client_with(memory.create_key("admin").secret)
    client.get("/v1/sessions?user=somebody-unheard-of")
    client.get("/v1/sessions", headers={"X-Treering-User": "another-unheard-of"})
    assert [one.person for one in memory.audit()] == [
        hashed("default", "another-unheard-of"),
        hashed("default", "somebody-unheard-of"),
    ]
    memory.close()
    stored = b"".join(path.read_bytes() for path in (tmp_path / "home").iterdir() if path.is_file())
    assert b"unheard-of" not in stored
