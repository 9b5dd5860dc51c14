"""The server's answers, without a network."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from treering import Memory, __version__
from treering.errors import InvalidInput, QueueOverdue, StoreError, StoreUnavailable
from treering.settings import Settings
from treering.sidecar.access import OpenHouse
from treering.sidecar.app import create_app
from treering.sidecar.readiness import Readying
from treering.sidecar.serving import probes

HIDDEN = "hunter2"

Probes = dict[str, Callable[[], object]]


@pytest.fixture
def asked() -> Probes:
    """What answers; tests change it."""
    return {"store": lambda: None}


@pytest.fixture
def app(asked: Probes, tmp_path: Path) -> Iterator[FastAPI]:
    registry = CollectorRegistry()
    with Memory(tmp_path, embedder="hash", background=False, metrics=registry) as memory:
        yield create_app(memory, OpenHouse(), Readying(asked, timeout_s=1.0), registry)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


def test_a_process_that_serves_is_alive_whoever_is_away(client: TestClient, asked: Probes) -> None:
    def away() -> None:
        raise StoreUnavailable("postgresql://localhost/x", "gone")

    asked["store"] = away
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_it_is_ready_where_everything_answers(client: TestClient, asked: Probes) -> None:
    asked["broker"] = lambda: None
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert [(one["name"], one["is_ready"]) for one in answer.json()["dependencies"]] == [
        ("broker", True),
        ("store", True),
    ]


def test_one_that_is_away_is_named_and_nothing_more_is_told(client: TestClient, asked: Probes) -> None:
    def away() -> None:
        raise StoreUnavailable(f"postgresql://ana:{HIDDEN}@db.internal/x", "password authentication failed")

    asked["vectors"] = away
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["status"] == "unready"
    [vectors] = [one for one in answer.json()["dependencies"] if one["name"] == "vectors"]
    assert (vectors["is_ready"], vectors["why"]) == (False, "StoreUnavailable")
    for word in (HIDDEN, "db.internal", "ana", "password"):
        assert word not in answer.text


def test_one_that_hangs_is_waited_for_once_and_keeps_one_thread(client: TestClient, asked: Probes) -> None:
    release, calls = threading.Event(), []

    def hang() -> None:
        calls.append(1)
        release.wait(60)

    asked["broker"] = hang
    try:
        for _ in range(3):
            answer = client.get("/health/ready")
            assert answer.status_code == 503
            [broker] = [one for one in answer.json()["dependencies"] if one["name"] == "broker"]
            assert broker["why"] == "Timeout"
            assert {one["name"]: one["is_ready"] for one in answer.json()["dependencies"]}["store"]
        assert calls == [1]
    finally:
        release.set()
    asked["broker"] = lambda: None
    client.get("/health/ready")
    assert client.get("/health/ready").status_code == 200, "it is asked anew"


def test_the_version_is_that_of_the_package(client: TestClient) -> None:
    assert client.get("/version").json() == {"name": "treering", "version": __version__}


def test_numbers_are_served_for_prometheus(client: TestClient) -> None:
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'treering_queue_jobs{kind="listen",state="queued"} 0.0' in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("POST", "/version", 405)], ids=["no route", "no method"]
)
def test_errors_are_problems_with_the_requests_id(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path, headers={"X-Request-ID": "call-7"})
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (told["status"], told["request_id"], told["type"]) == (status, "call-7", "about:blank")
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (RuntimeError(HIDDEN), 500, False),
        (StoreUnavailable(f"postgresql://{HIDDEN}", "gone"), 503, False),
        (InvalidInput("limit", f"is {HIDDEN}"), 400, True),
    ],
    ids=["any", "store", "input"],
)
def test_what_breaks_in_a_route_is_answered_without_its_words(
    app: FastAPI, error: Exception, status: int, told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/broken")
    async def broken() -> None:
        raise error

    with TestClient(app) as client:
        answer = client.get("/broken")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert (HIDDEN in answer.text) == told, "only what the caller can mend is told"
    assert HIDDEN not in caplog.text
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


def test_an_overdue_queue_is_to_be_tried_later() -> None:
    from treering.sidecar.problems import _STATUS  # noqa: PLC0415 - a detail

    assert _STATUS[QueueOverdue] == 503


@pytest.mark.parametrize("given", ["", "two words", "x" * 65, "ä", "a;b"])
def test_only_a_plain_id_of_the_caller_is_taken(client: TestClient, given: str) -> None:
    answer = client.get("/version", headers={"X-Request-ID": given.encode("latin-1")})
    assert answer.headers["X-Request-ID"] != given
    assert len(answer.headers["X-Request-ID"]) == 32
    assert client.get("/version", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"


def test_the_log_names_the_route_and_no_query(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "treering.access")
    client.get(f"/version?token={HIDDEN}", headers={"X-Request-ID": "call-8"})
    client.get(f"/{HIDDEN}")
    lines = [record.getMessage() for record in caplog.records if record.name == "treering.access"]
    assert lines[0].startswith("GET /version 200 ")
    assert lines[0].endswith("call-8")
    assert lines[1].startswith("GET (no route) 404 ")
    assert HIDDEN not in "".join(lines)


def test_answers_are_what_the_openapi_document_says(client: TestClient, asked: Probes) -> None:
    document = client.get("/openapi.json").json()
    operators = {path for path in document["paths"] if not path.startswith("/v1/")}
    assert operators >= {"/health/live", "/health/ready", "/version", "/metrics"}
    assert document["info"]["version"] == __version__

    def check(path: str, status: int) -> None:
        described = document["paths"][path]["get"]["responses"]
        schema = described[str(status)]["content"]["application/json"]["schema"]
        answer = client.get(path)
        assert answer.status_code == status
        jsonschema.validate(answer.json(), {**schema, "components": document["components"]})

    check("/health/live", 200)
    check("/version", 200)
    check("/health/ready", 200)

    def away() -> None:
        raise OSError

    asked["store"] = away
    check("/health/ready", 503)
    problem = document["paths"]["/version"]["get"]["responses"]["default"]["content"]["application/problem+json"][
        "schema"
    ]
    jsonschema.validate(client.get("/nothing").json(), problem)
    described = document["components"]["schemas"]["Dependency"]["properties"]
    assert all("description" in field for field in described.values())


def test_what_is_asked_follows_the_settings(tmp_path: Path) -> None:
    def names(**fields: str) -> set[str]:
        settings = Settings(home=tmp_path, embedder="hash", **fields)  # type: ignore[arg-type]
        with Memory(settings=settings, background=False) as memory:
            return set(probes(memory))

    assert names() == {"store"}
    assert names(broker_url="redis://127.0.0.1:1/0") == {"store", "broker"}
    assert names(qdrant_url="http://127.0.0.1:1") == {"store", "vectors"}


def test_an_embedded_store_answers(tmp_path: Path) -> None:
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        assert Readying(probes(memory)).check().status == "ready"


def test_the_store_is_closed_with_the_server(asked: Probes, tmp_path: Path) -> None:
    memory = Memory(tmp_path, embedder="hash", background=False)
    with TestClient(create_app(memory, OpenHouse(), Readying(asked), CollectorRegistry())):
        memory.remember("ana", "I live in Porto.")
    with pytest.raises(StoreError, match="closed"):
        memory.sessions("ana")
