"""Recall over HTTP: the SDK's own values, at once or as a stream that ends with its reader."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from treering import Memory, Recall
from treering.client.recollection import AsyncRecollection
from treering.errors import StoreUnavailable
from treering.schemas.recall import SearchHit
from treering.sidecar.routes import recall as routes

ANA = {"user": "ana"}
ASKED = "What am I allergic to?"


@pytest.fixture(autouse=True)
def _said(memory: Memory) -> None:
    memory.remember("ana", {"content": "I'm allergic to peanuts.", "id": "m1", "metadata": {"channel": "mail"}})
    memory.remember("ana", {"content": "I live in Porto.", "id": "m2"})
    memory.flush("ana")


def events(text: str) -> Iterator[tuple[str, dict[str, object]]]:
    for block in text.split("\n\n"):
        if block.startswith("event: "):
            name, data = block.split("\n")
            yield name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def test_a_question_has_the_answer_of_the_sdk(http: TestClient, memory: Memory) -> None:
    answer = http.post("/v1/recall", params=ANA, json={"query": ASKED})
    found, expected = Recall.model_validate(answer.json()), memory.recall("ana", ASKED)
    assert "peanuts" in found.context
    assert found.model_copy(update={"as_of": expected.as_of}) == expected


def test_options_are_those_of_the_sdk(http: TestClient) -> None:
    for options, holds in (
        ({"budget_tokens": 0}, False),
        ({"as_of": "2020-01-01T00:00:00Z", "mode": "tree"}, False),
        ({"known_at": "2020-01-01T00:00:00Z"}, False),
        ({"where": {"channel": "mail"}}, True),
        ({"where": {"channel": ["post", "mail"]}}, True),
        ({"where": {"channel": "post"}}, False),
        ({"mode": "agentic"}, True),
    ):
        answer = http.post("/v1/recall", params=ANA, json={"query": ASKED, **options})
        assert answer.status_code == 200, answer.text
        assert ("peanuts" in answer.json()["context"]) == holds, options


def test_a_message_that_is_left_out_is_not_read_out(http: TestClient) -> None:
    asked = {"query": "What is Porto to me?", "mode": "hybrid"}
    refs = [
        {line["ref"] for line in http.post("/v1/recall", params=ANA, json=body).json()["lines"]}
        for body in (asked, {**asked, "exclude": ["m2"]})
    ]
    assert ["m2" in found for found in refs] == [True, False]


def test_an_explanation_is_given_when_it_is_asked_for(http: TestClient) -> None:
    found = http.post("/v1/recall", params=ANA, json={"query": ASKED, "explain": True}).json()
    assert found["timings_ms"]
    assert all(line["found_by"] for line in found["lines"])


@pytest.mark.parametrize("path", ["/v1/recall", "/v1/recall/stream"])
def test_what_cannot_be_asked_is_a_problem(http: TestClient, path: str) -> None:
    bodies: list[dict[str, object]] = [
        {},
        {"query": ""},
        {"query": " "},
        {"query": 7},
        {"query": "x", "mode": "best"},
        {"query": "x", "budget_tokens": -1},
        {"query": "x", "budget_tokens": 10**30},
        {"query": "x", "as_of": "2024-03-01T12:00:00"},
        {"query": "x", "where": {"a": {"b": 1}}},
        {"query": "x", "where": []},
        {"query": "x", "exclude": "m1"},
        {"query": "x", "tenant": "acme"},
        {"query": "x" * 32_001},
    ]
    for body in bodies:
        answer = http.post(path, params=ANA, json=body)
        assert answer.status_code in (400, 422), body
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_stream_has_the_decision_each_line_and_all_of_it(http: TestClient) -> None:
    answer = http.post("/v1/recall/stream", params=ANA, json={"query": ASKED, "mode": "hybrid"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    decision, *lines, last = events(answer.text)
    found = Recall.model_validate(last[1])
    assert decision == ("decision", found.decision.model_dump(mode="json"))
    assert [(name, data["id"]) for name, data in lines] == [("line", line.id) for line in found.lines]
    assert (last[0], "peanuts" in found.context) == ("recall", True)


def test_what_fails_later_is_an_event_without_its_words(http: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object, **__: object) -> Recall:
        await asyncio.sleep(0.05)
        raise StoreUnavailable("postgresql://hunter2@db/x", "gone")

    monkeypatch.setattr(AsyncRecollection, "recall", fail)
    monkeypatch.setattr(routes, "AT_ONCE_S", 0.0)
    monkeypatch.setattr(routes, "ALIVE_S", 0.01)
    text = http.post("/v1/recall/stream", params=ANA, json={"query": ASKED}).text
    assert text.startswith(": at work\n\n")
    [(name, told)] = events(text)
    assert (name, told["status"], "hunter2" in text) == ("problem", 503, False)


async def test_a_reader_who_goes_away_ends_the_recall(http: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def recall(*_: object, **__: object) -> Recall:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        raise AssertionError

    monkeypatch.setattr(AsyncRecollection, "recall", recall)
    monkeypatch.setattr(routes, "AT_ONCE_S", 0.0)
    body = json.dumps({"query": ASKED}).encode()
    messages = [{"type": "http.request", "body": body, "more_body": False}]
    answered = asyncio.Event()

    async def receive() -> dict[str, object]:
        if messages:
            return messages.pop()
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.body":
            answered.set()

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "method": "POST",
        "path": "/v1/recall/stream",
        "raw_path": b"/v1/recall/stream",
        "query_string": b"user=ana",
        "headers": [(b"content-type", b"application/json"), (b"host", b"localhost")],
    }
    await asyncio.wait_for(http.app(scope, receive, send), 10)
    assert begun.is_set()
    await asyncio.wait_for(ended.wait(), 10)


def test_a_search_has_the_hits_of_the_sdk_as_a_page(http: TestClient, memory: Memory) -> None:
    page = http.post("/v1/search", params=ANA, json={"query": "Where do I live?", "limit": 1}).json()
    [hit] = [SearchHit.model_validate(one) for one in page["items"]]
    assert (hit.message_id, page["next"]) == ("m2", None)
    none = {"query": "peanuts", "where": {"channel": "post"}}
    assert http.post("/v1/search", params=ANA, json=none).json()["items"] == []
    assert http.post("/v1/search", params=ANA, json={"query": "x", "limit": 0}).status_code == 422
    assert http.post("/v1/search", params={"user": "nobody"}, json={"query": "x"}).json()["items"] == []
