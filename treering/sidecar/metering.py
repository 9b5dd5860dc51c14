"""Counts requests for Prometheus, and has each be a span of the trace that its caller belongs to."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from http import HTTPMethod

from prometheus_client import CollectorRegistry, Counter, Gauge, GCCollector, Histogram, PlatformCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from treering.sidecar.readiness import Readying
from treering.telemetry.counters import QUICK
from treering.telemetry.happenings import Happening, Happenings, ToolCalled, UpstreamAsked
from treering.telemetry.tracing import note_answer, request_span

NO_ROUTE = "(no route)"
"""The label of what no route was found for: paths of strangers have no end."""

_METHODS = frozenset(HTTPMethod)

_STREAMED = (*QUICK, 30, 60)
"""Buckets, in seconds, of what passes a chat model's answer on."""


class Metrics:
    """What the server counts beside its memory.

    Args:
        registry: Where it is scraped.
        happenings: Tells what requests came to.
    """

    def __init__(self, registry: CollectorRegistry, happenings: Happenings) -> None:
        self.requests = Counter(
            "treering_http_requests", "Requests that were answered.", ["method", "route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "treering_http_request_seconds",
            "From the head of a request to the last byte of its answer.",
            ["method", "route"],
            buckets=_STREAMED,
            registry=registry,
        )
        self.in_flight = Gauge("treering_http_requests_in_flight", "Requests at hand.", registry=registry)
        self._upstream = Histogram(
            "treering_upstream_seconds",
            "Until the upstream of the proxy began to answer, or was given up.",
            ["outcome"],
            buckets=_STREAMED,
            registry=registry,
        )
        self._tools = Histogram(
            "treering_mcp_tool_seconds",
            "What a tool of MCP took.",
            ["tool", "outcome"],
            buckets=QUICK,
            registry=registry,
        )
        happenings.hear(self.hear)

    def hear(self, happened: Happening) -> None:
        """Count what happened; what a memory does is counted elsewhere."""
        match happened:
            case UpstreamAsked(outcome=outcome, seconds=seconds):
                self._upstream.labels(outcome).observe(seconds)
            case ToolCalled(tool=tool, is_error=is_error, seconds=seconds):
                self._tools.labels(tool, "refused" if is_error else "done").observe(seconds)


class Metering:
    """Wraps an application.

    Labels name the route and not the path, which may name a person.

    Args:
        app: The application.
        metrics: What is counted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in _METHODS else "other"
        began_at, status = time.perf_counter(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._metrics.in_flight.inc()
        route = NO_ROUTE
        try:
            with request_span(method, Headers(scope=scope).get("traceparent")) as one:
                try:
                    await self._app(scope, receive, answer)
                finally:
                    route = _route(scope)
                    note_answer(one, f"{method} {route}", route=route, status=status)
        finally:
            self._metrics.in_flight.dec()
            self._metrics.requests.labels(method, route, str(status)).inc()
            self._metrics.seconds.labels(method, route).observe(time.perf_counter() - began_at)


class DependencyCollector(Collector):
    """Asks the dependencies of a server when it is scraped.

    Args:
        readying: Asks them, for two seconds at most.
    """

    def __init__(self, readying: Readying) -> None:
        self._readying = readying

    def describe(self) -> Iterable[Metric]:
        """Nothing: to be registered must ask nobody."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Whether each answers."""
        told = GaugeMetricFamily(
            "treering_dependency_ready", "Whether what requests need answers: 1 or 0.", labels=["dependency"]
        )
        for one in self._readying.check().dependencies:
            told.add_metric([one.name], int(one.is_ready))
        yield told


def _route(scope: Scope) -> str:
    """The route that was found, or what is mounted there."""
    mounted: str = scope.get("root_path") or NO_ROUTE
    found: str = getattr(scope.get("route"), "path", mounted)
    return found


def count_process(registry: CollectorRegistry) -> None:
    """Have the process itself be told of too: memory, processor time, files, threads of the collector of garbage."""
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
