"""Traces and logs of real workers: one trace from `remember` in an application to the commit in another process."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace import TracerProvider

from treering import Memory
from treering.settings import Settings
from treering.telemetry import tracing
from treering.testing.processes import environment_of
from treering.testing.starting import Program

pytestmark = pytest.mark.services

PATIENCE_S = 120.0

NewBroker = Callable[[str], dict[str, str]]
"""Gives the settings of queues of one's own in a broker."""


class Collector(ThreadingHTTPServer):
    """Takes spans as OpenTelemetry's collector does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.bodies: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def spans(self) -> list[Span]:
        found = []
        for body in self.bodies:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    found += scope.spans
        return found


class _Taking(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(new_broker: NewBroker, postgres_url: str, tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path / "home",
        database_url=postgres_url,
        **new_broker("redis"),
        embedder="hash",
        lease_s=2.0,
        log_format="json",
    )


def test_one_trace_leads_from_an_application_to_what_a_worker_commits(
    settings: Settings, collector: Collector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    monkeypatch.setattr(tracing, "_tracer", lambda: provider.get_tracer("an application"))
    environment = environment_of(settings) | {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
    log = tmp_path / "worker.log"
    worker = Program(["worker", "--concurrency", "1", "--log-level", "info"], environment, log=log)
    try:
        with provider.get_tracer("an application").start_as_current_span("a request") as request:
            trace_id = request.get_span_context().trace_id.to_bytes(16, "big")
            with Memory(settings=settings) as memory:
                memory.remember("marta-7", "I moved to Lisbon and I am allergic to peanuts.", tenant="acme")
                memory.end_session("marta-7", tenant="acme")
                end = time.monotonic() + PATIENCE_S
                while memory.jobs(tenant="acme") or not memory.tree("marta-7", tenant="acme").claims:
                    assert time.monotonic() < end, log.read_text()
                    time.sleep(0.1)
        worker.terminate()
        assert worker.wait(PATIENCE_S) == 0, log.read_text()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    ours = [one.name for one in collector.spans() if one.trace_id == trace_id]
    assert {"job listen", "ask listener", "admit", "commit", "job index"} <= set(ours)
    told = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert {"time", "level", "logger", "event"} <= told[0].keys()
    everything = (log.read_text() + "".join(str(one) for one in collector.spans())).lower()
    for word in ("lisbon", "peanuts", "marta", "acme"):
        assert word not in everything, word
