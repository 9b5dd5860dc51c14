"""What is counted of requests, and the spans that they are in a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import httpx2
import pytest
from mcp.shared.exceptions import MCPError
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import CollectorRegistry, generate_latest
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from treering import Memory
from treering.sidecar.access import OpenHouse
from treering.sidecar.app import create_app
from treering.sidecar.mcp.person import Person
from treering.sidecar.mcp.tools import called
from treering.sidecar.metering import Metrics, count_process
from treering.sidecar.proxy.upstream import Upstream, UpstreamFailed
from treering.sidecar.readiness import Readying
from treering.telemetry import tracing
from treering.telemetry.happenings import Happenings, ToolCalled, UpstreamAsked

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def raising(error: Exception) -> Callable[[httpx2.Request], httpx2.Response]:
    """An upstream of which nothing comes."""

    def answers(_: httpx2.Request) -> httpx2.Response:
        raise error

    return answers


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def http(tmp_path: Path, registry: CollectorRegistry) -> Iterator[TestClient]:
    memory = Memory(tmp_path, embedder="hash", background=False, metrics=registry)
    app = create_app(memory, OpenHouse(), Readying({}), registry)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def requests(registry: CollectorRegistry) -> Callable[[str, str, int], float | None]:
    def requests(method: str, route: str, status: int) -> float | None:
        labels = {"method": method, "route": route, "status": str(status)}
        return registry.get_sample_value("treering_http_requests_total", labels)

    return requests


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", lambda: provider.get_tracer("treering"))
    yield exporter
    provider.shutdown()


def test_requests_are_counted_by_route_and_status(
    http: TestClient, registry: CollectorRegistry, requests: Callable[[str, str, int], float | None]
) -> None:
    http.post("/v1/recall?user=zebulon", json={"query": "Xanadu?"})
    http.post("/v1/recall?user=zebulon", json={})
    http.post("/v1/claims/abcdef/confirm?user=zebulon")
    http.get("/xanadu")
    http.request("XANADU", "/v1/tree?user=zebulon")
    assert requests("POST", "/v1/recall", 200) == 1
    assert requests("POST", "/v1/recall", 422) == 1
    assert requests("POST", "/v1/claims/{claim_id}/confirm", 404) == 1
    assert requests("GET", "(no route)", 404) == 1
    labels = {"method": "POST", "route": "/v1/recall"}
    assert registry.get_sample_value("treering_http_request_seconds_count", labels) == 2
    assert registry.get_sample_value("treering_http_requests_in_flight") == 0
    told = http.get("/metrics").text
    assert "treering_http_requests_in_flight 1.0" in told, "the one that asks for it"
    assert 'treering_recall_seconds_count{mode="' in told
    for word in ("zebulon", "xanadu", "abcdef"):
        assert word not in told.lower()


def test_what_breaks_is_counted_as_it_is_answered(
    http: TestClient,
    requests: Callable[[str, str, int], float | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Memory, "recall", broken)
    assert http.post("/v1/recall?user=ana", json={"query": "?"}).status_code == 500
    assert requests("POST", "/v1/recall", 500) == 1


def test_a_request_is_a_span_of_its_callers_trace_with_the_recall_in_it(
    http: TestClient, spans: InMemorySpanExporter
) -> None:
    http.post("/v1/recall?user=ana", json={"query": "Where?"}, headers={"traceparent": PARENT})
    by_name = {one.name: one for one in spans.get_finished_spans()}
    request, recall = by_name["POST /v1/recall"], by_name["recall"]
    assert request.kind == SpanKind.SERVER
    assert request.parent is not None
    assert request.parent.span_id == 0xB7AD6B7169203331
    assert request.attributes == {
        "http.request.method": "POST",
        "http.route": "/v1/recall",
        "http.response.status_code": 200,
    }
    assert recall.parent is not None
    assert recall.parent.span_id == request.context.span_id
    stages = [one for one in by_name.values() if one.parent and one.parent.span_id == recall.context.span_id]
    assert {one.name for one in stages} == {"recall search", "recall embed", "recall rank", "recall fit"}
    assert all(one.start_time >= recall.start_time - 1_000_000 and one.end_time for one in stages if one.start_time)


def test_only_faults_of_the_server_mark_its_span_as_failed(
    http: TestClient, spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    http.post("/v1/recall?user=ana", json={})
    monkeypatch.setattr(Memory, "recall", broken)
    http.post("/v1/recall?user=ana", json={"query": "?"})
    told = [one.status.status_code for one in spans.get_finished_spans() if one.name == "POST /v1/recall"]
    assert told == [StatusCode.UNSET, StatusCode.ERROR]


def test_tools_and_the_upstream_are_counted_by_what_came_of_them(registry: CollectorRegistry) -> None:
    happenings = Happenings()
    Metrics(registry, happenings)
    happenings.tell(ToolCalled(tool="remember", is_error=True, seconds=0.01))
    happenings.tell(UpstreamAsked(outcome="timeout", seconds=10))
    of = registry.get_sample_value
    assert of("treering_mcp_tool_seconds_count", {"tool": "remember", "outcome": "refused"}) == 1
    assert of("treering_upstream_seconds_sum", {"outcome": "timeout"}) == 10


def test_what_a_tool_answers_is_told(tmp_path: Path, registry: CollectorRegistry) -> None:
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        Metrics(registry, memory.happenings)
        person = Person(memory=memory, tenant="default", user="ana")
        called(person, "remember", {"text": "I live in Porto."})
        called(person, "remember", {})
        with pytest.raises(MCPError):
            called(person, "zebulon", {})
    of = registry.get_sample_value
    assert of("treering_mcp_tool_seconds_count", {"tool": "remember", "outcome": "done"}) == 1
    assert of("treering_mcp_tool_seconds_count", {"tool": "remember", "outcome": "refused"}) == 1
    assert b"zebulon" not in generate_latest(registry)


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        (lambda _: httpx2.Response(200), "answered"),
        (lambda _: httpx2.Response(429), "refused"),
        (raising(httpx2.ReadTimeout("slow")), "timeout"),
        (raising(httpx2.ConnectError("away")), "unreachable"),
    ],
    ids=["200", "429", "slow", "away"],
)
async def test_what_an_upstream_answers_is_told(
    answers: Callable[[httpx2.Request], httpx2.Response], outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    happenings, heard = Happenings(), []
    happenings.hear(heard.append)
    mocked = partial(httpx2.AsyncClient, transport=httpx2.MockTransport(answers))
    monkeypatch.setattr(httpx2, "AsyncClient", mocked)
    upstream = Upstream("http://upstream", key=None, timeout_s=1, happenings=happenings)
    with suppress(UpstreamFailed):
        await upstream.ask("GET", "models", query="", headers=Headers())
    await upstream.close()
    assert [one.outcome for one in heard if isinstance(one, UpstreamAsked)] == [outcome]


def test_the_process_is_told_of(registry: CollectorRegistry) -> None:
    count_process(registry)
    assert (registry.get_sample_value("process_resident_memory_bytes") or 0) > 0
