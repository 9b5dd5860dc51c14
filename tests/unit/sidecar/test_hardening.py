"""What every answer says of itself, whatever it answers, and methods that no route has."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from treering import Memory
from treering.errors import StoreUnavailable
from treering.sidecar.problems import RETRY_AFTER_S

ANA = {"user": "ana"}
ROUTES = ["/v1/tree", "/v1/messages", "/v1/history", "/v1/export", "/v1/nothing", "/health/live", "/metrics", "/"]


@pytest.fixture(autouse=True)
def _said(memory: Memory) -> None:
    memory.remember("ana", {"content": "I live in Porto.", "id": "m1"})


@pytest.mark.parametrize("path", [*ROUTES, "/v1/sessions?user=%ff"])
def test_no_answer_is_stored_guessed_at_or_framed(http: TestClient, path: str) -> None:
    answer = http.get(path, params=None if "?" in path else ANA, follow_redirects=False)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == ("private, no-cache" if path == "/v1/tree" else "no-store")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_a_recall_that_is_streamed_is_not_stored(http: TestClient) -> None:
    answer = http.post("/v1/recall/stream", params=ANA, json={"query": "Where?"})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize("path", ROUTES)
def test_a_head_is_that_of_a_get_without_its_body(http: TestClient, path: str) -> None:
    whole = http.get(path, params=ANA, follow_redirects=False)
    head = http.head(path, params=ANA, follow_redirects=False)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    changing = {"x-request-id", "content-length"} if path == "/metrics" else {"x-request-id"}
    assert {name: value for name, value in head.headers.items() if name not in changing} == {
        name: value for name, value in whole.headers.items() if name not in changing
    }


def test_a_head_asks_for_a_right_as_a_get_does(client_of: Callable[..., TestClient]) -> None:
    assert client_of("acme", "read").head("/v1/people").status_code == 403
    assert client_of("acme", "admin").head("/v1/people").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/messages", "GET, HEAD, POST"),
        ("OPTIONS", "/v1/tree", "GET, HEAD"),
        ("GET", "/v1/recall", "POST"),
        ("HEAD", "/v1/recall", "POST"),
        ("TRACE", "/version", "GET, HEAD"),
        ("DELETE", "/v1/jobs/7", "GET, HEAD"),
        ("POST", "/inspector/", "GET, HEAD"),
    ],
)
def test_a_method_that_a_path_has_not_is_told_which_it_has(
    http: TestClient, method: str, path: str, allowed: str
) -> None:
    answer = http.request(method, path, params=ANA)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_a_page_of_another_origin_is_allowed_nothing(http: TestClient) -> None:
    origin = {"Origin": "https://evil.example"}
    asked = {**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for answer in (
        http.options("/v1/forget", params=ANA, headers=asked),
        http.get("/v1/tree", params=ANA, headers=origin),
        http.post("/v1/recall", params=ANA, headers=origin, json={"query": "Where?"}),
    ):
        assert [name for name in answer.headers if name.startswith("access-control-")] == []


def test_what_does_not_answer_says_when_to_ask_again(
    http: TestClient, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreUnavailable("postgresql://db/x", "gone")

    monkeypatch.setattr(memory, "sessions", fail)
    answer = http.get("/v1/sessions", params=ANA)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, str(RETRY_AFTER_S))


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "image/png"},
        {"Accept": "*/*;q=0, application/xml;q=" + "9" * 1_000},
        {"Accept": ";;;,,,\xff"},
        {"Accept-Encoding": "identity;q=0, *;q=0"},
        {"Accept-Language": "x" * 5_000},
        {"Range": "bytes=0-0"},
        {"Range": "bytes=" + ",".join(f"{n}-{n}" for n in range(1_000))},
        {"If-Range": "x", "Range": "lines=-1"},
        {"Expect": "a miracle"},
        {"X-Forwarded-For": "127.0.0.1", "X-Original-URL": "/v1/people", "X-HTTP-Method-Override": "DELETE"},
        {"Cookie": "a=" + "b" * 5_000},
    ],
    ids=lambda headers: next(iter(headers)) + str(len(str(headers))),
)
def test_what_a_client_wishes_beyond_the_route_changes_nothing(http: TestClient, headers: dict[str, str]) -> None:
    plain = http.get("/v1/messages", params=ANA)
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = http.get("/v1/messages", params=ANA, headers=sent)
    assert (answer.status_code, answer.content) == (200, plain.content)
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/xml",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "json",
        "a/b; charset=utf-16",
        "application/json; charset=utf-16",
        "application/json; charset=\xff",
        "*/*",
        "x" * 5_000,
    ],
)
def test_a_body_of_another_kind_is_refused_or_is_json(http: TestClient, memory: Memory, kind: str) -> None:
    body = b'{"messages": [{"content": "I like tea.", "id": "tea"}]}'
    headers = {"Content-Type": kind.encode("latin-1")}
    answer = http.post("/v1/messages", params=ANA, content=body, headers=headers)
    stored = [turn.message_id for turn in memory.turns("ana")]
    if answer.status_code == 200:
        assert stored == ["m1", "tea"]
    else:
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        assert stored == ["m1"]
