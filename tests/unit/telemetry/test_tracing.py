"""Spans: nothing without OpenTelemetry, one tree from `remember` to the commit with it, and no words of anybody."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from treering import Memory
from treering.memory.listeners.local import LocalListener
from treering.telemetry import tracing
from treering.telemetry.tracing import span, traceparent
from treering.testing import ManualClock

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What is recorded, by a provider of the test's own."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", lambda: provider.get_tracer("treering"))
    yield exporter
    provider.shutdown()


def named(spans: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [one for one in spans.get_finished_spans() if one.name == name]


def parents(one: ReadableSpan, spans: InMemorySpanExporter) -> list[str]:
    """Names of the spans around one, nearest first."""
    by_id = {other.context.span_id: other for other in spans.get_finished_spans()}
    found = []
    while one.parent is not None and one.parent.span_id in by_id:
        one = by_id[one.parent.span_id]
        found.append(one.name)
    return found


def test_without_opentelemetry_nothing_is_loaded_and_nothing_is_done() -> None:
    program = (
        "import sys\n"
        "from treering.telemetry.tracing import note, span, traceparent\n"
        "with span('recall') as one: note(one, lines=1)\n"
        "assert one is None and traceparent() is None\n"
        "assert not any(name.startswith('opentelemetry') for name in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_span_belongs_to_what_it_is_told_or_to_what_is_going_on(spans: InMemorySpanExporter) -> None:
    with span("remember") as outer:
        carried = traceparent()
    assert outer is not None
    with span("job listen", parent=carried, kind="listen"), span("commit"):
        pass
    [job] = named(spans, "job listen")
    assert job.context.trace_id == outer.get_span_context().trace_id
    assert job.attributes == {"treering.kind": "listen"}
    assert parents(named(spans, "commit")[0], spans) == ["job listen", "remember"]
    with span("broken header", parent="no header"):
        pass
    assert named(spans, "broken header")[0].parent is None


def test_an_error_is_told_by_its_class_alone(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="peanuts"), span("job listen"):
        raise ValueError("allergic to peanuts")
    [job] = named(spans, "job listen")
    assert (job.status.status_code, job.status.description) == (trace.StatusCode.ERROR, "ValueError")
    assert not job.events
    assert "peanuts" not in job.to_json()


def test_what_is_learned_later_belongs_to_the_call_that_said_it(
    spans: InMemorySpanExporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it took a second attempt, and in the jobs that follow; and nobody's words are in it."""
    clock = ManualClock(NOW)
    with Memory(tmp_path, embedder="hash", clock=clock, background=False) as memory:
        memory.remember("marta-7", "I moved to Lisbon and I am allergic to peanuts.", tenant="acme")
        memory.end_session("marta-7", tenant="acme")
        read = LocalListener.read

        def fail(*_: object) -> None:
            raise RuntimeError("peanuts are in this text")

        monkeypatch.setattr(LocalListener, "read", fail)
        memory.flush()
        monkeypatch.setattr(LocalListener, "read", read)
        clock.advance(60)
        memory.flush()
        assert memory.tree("marta-7", tenant="acme").claims
        memory.recall("marta-7", "Where does Marta live, and what about peanuts?", tenant="acme")
    [said] = named(spans, "remember")
    attempts = named(spans, "job listen")
    assert [one.attributes["treering.outcome"] for one in attempts if one.attributes] == ["failed", "done"]
    assert all(parents(one, spans) == ["remember"] for one in attempts)
    [commit] = [one for one in named(spans, "commit") if one.attributes and one.attributes["treering.operations"]]
    assert parents(commit, spans) == ["job listen", "remember"]
    [index] = named(spans, "job index")
    assert index.context.trace_id == said.context.trace_id
    assert named(spans, "recall")
    exported = "".join(one.to_json() for one in spans.get_finished_spans()).lower()
    for word in ("lisbon", "peanuts", "marta", "acme", "live"):
        assert word not in exported, word
