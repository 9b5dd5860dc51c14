"""What is too large, too slow, too deep, too often or no text is refused, and changes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from treering import Memory
from treering.errors import InvalidInput, TooManyRequests
from treering.settings import Settings
from treering.sidecar.access import OpenHouse
from treering.sidecar.app import create_app
from treering.sidecar.limits import MAX_DEPTH, Limits, check_json
from treering.sidecar.rate import Rate
from treering.sidecar.readiness import Readying

ANA = {"user": "ana"}
JSON = {"content-type": "application/json"}


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[TestClient]:
    """A server with a limit of 2,000 bytes and of three requests a minute."""
    settings = Settings(home=tmp_path, embedder="hash", max_body_bytes=2_000, requests_a_minute=3)
    with Memory(settings=settings, background=False) as memory:
        app = create_app(memory, OpenHouse(), Readying({}), CollectorRegistry())
        with TestClient(app) as client:
            yield client


def said(size: int) -> bytes:
    empty = len(json.dumps({"messages": [{"content": ""}]}))
    return json.dumps({"messages": [{"content": "x" * (size - empty)}]}).encode()


@pytest.mark.parametrize(("size", "status"), [(2_000, 200), (2_001, 413), (20_000, 413)])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_has_a_size_however_it_comes(strict: TestClient, size: int, status: int, is_chunked: bool) -> None:
    body = said(size)
    pieces = (body[at : at + 100] for at in range(0, size, 100))
    answer = strict.post("/v1/messages", params=ANA, content=pieces if is_chunked else body, headers=JSON)
    assert answer.status_code == status, answer.text
    if status == 413:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
        assert strict.get("/v1/people").json()["items"] == []


def test_a_request_too_many_is_told_when_to_come_again(strict: TestClient) -> None:
    assert [strict.get("/v1/sessions", params=ANA).status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = strict.post("/v1/messages", params=ANA, json={"messages": [{"content": "x"}]})
    assert (answer.status_code, answer.headers["content-type"]) == (429, "application/problem+json")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert strict.get("/health/live").status_code == 200


def test_each_credential_has_a_rate_of_its_own() -> None:
    rate = Rate(1)
    rate.count("a")
    rate.count("b")
    with pytest.raises(TooManyRequests):
        rate.count("a")


@pytest.mark.parametrize(
    "query", [b"user=%ff", b"user=%ED%A0%80", b"user=ana&session=%C3", b"user=\xff"], ids=lambda query: query.hex()
)
def test_an_address_that_is_no_text_is_refused(http: TestClient, query: bytes) -> None:
    """Starlette reads it with replacements: `%ff` and `%fe` would be one person."""
    status, body = asyncio.run(ask(http.app, scope_of(b"/v1/messages", query, method="GET"), [b""]))
    assert (status, json.loads(body)["detail"][:11]) == (400, "the address")


@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        '{"query": "x"}'.encode("utf-16"),
        '{"query": "x"}'.encode("utf-16-le"),
        b"[" * (MAX_DEPTH + 1),
        b'{"a":' * (MAX_DEPTH + 1),
        b"[" * 1_000_000,
        b'{"where": {"a": NaN}}',
        b'[-Infinity, "',
    ],
    ids=lambda body: body[:8].hex(),
)
def test_a_document_that_readers_stumble_over_is_refused(http: TestClient, body: bytes) -> None:
    answer = http.post("/v1/recall", params=ANA, content=body, headers=JSON)
    assert (answer.status_code, answer.json()["detail"][:8]) == (400, "the body")


@pytest.mark.parametrize(
    "body", [b"", b"[" * MAX_DEPTH, b"[[]]" * 100, b'"' + b"[" * 100 + b'"', rb'"\"[[NaN', b'"NaN"', b"]" * 100, b'"\\']
)
def test_what_is_in_strings_is_no_matter(body: bytes) -> None:
    check_json(body)


@settings(max_examples=15)
@given(
    st.recursive(st.text() | st.floats() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_a_document_is_refused_if_a_number_is_none(document: object) -> None:
    for is_ascii in (True, False):
        try:
            text = json.dumps(document, ensure_ascii=is_ascii).encode()
        except UnicodeEncodeError:  # a lone surrogate
            continue
        try:
            json.dumps(document, allow_nan=False)
        except ValueError:
            with pytest.raises(InvalidInput):
                check_json(text)
        else:
            check_json(text)


def test_a_long_document_of_quotes_is_looked_at_once() -> None:
    check_json(rb"\"" * 2_000_000)
    check_json(b'"' + rb"\"" * 2_000_000)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(body)(scope, receive, send)


async def ask(app: Callable[..., object], scope: Scope, pieces: list[bytes], wait_s: float = 0) -> tuple[int, bytes]:
    """The status and body of an answer to a body that comes in pieces; 0 where there is none."""
    coming, sent = list(pieces), []

    async def receive() -> Message:
        await asyncio.sleep(wait_s)
        if not coming:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": coming.pop(0), "more_body": bool(coming)}

    async def send(message: Message) -> None:
        sent.append(message)

    await asyncio.wait_for(app(scope, receive, send), 10)  # type: ignore[arg-type]
    status = next((one["status"] for one in sent if one["type"] == "http.response.start"), 0)
    return status, b"".join(one.get("body", b"") for one in sent)


def scope_of(path: bytes = b"/", query: bytes = b"", *, method: str = "POST") -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "method": method,
        "path": path.decode(),
        "raw_path": path,
        "query_string": query,
        "headers": [(b"host", b"localhost"), (b"content-type", b"text/plain")],
    }


async def test_a_body_that_drips_is_given_up() -> None:
    limited = Limits(echo, max_body_bytes=1_000, body_s=0.05)
    assert (await ask(limited, scope_of(), [b"a", b"b"]))[0] == 200
    status, told = await ask(limited, scope_of(), [b"a"] * 100, wait_s=0.01)
    assert (status, json.loads(told)["status"]) == (408, 408)


async def test_nobody_is_answered_who_went_away() -> None:
    limited = Limits(echo, max_body_bytes=1_000)
    coming = [{"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        return coming.pop(0)

    async def send(_: Message) -> None:
        raise AssertionError

    await limited(scope_of(), receive, send)


async def test_a_body_is_handed_on_as_it_came() -> None:
    limited = Limits(echo, max_body_bytes=1_000)
    assert await ask(limited, scope_of(), [b"\xff[", b"", b"NaN"]) == (200, b"\xff[NaN")
