"""What is counted, in a registry of the application's own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from treering import Memory
from treering.errors import StoreUnavailable
from treering.schemas.dialogue import Scope
from treering.schemas.gates import Gate
from treering.schemas.jobs import JOB_KINDS, QueueStats
from treering.testing import ManualClock
from treering.workers.metrics import QueueCollector, tenant_label

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def memory(tmp_path: Path, clock: ManualClock, registry: CollectorRegistry) -> Iterator[Memory]:
    with Memory(tmp_path, embedder="hash", clock=clock, background=False, metrics=registry) as opened:
        yield opened


def test_what_waits_is_read_when_it_is_scraped(memory: Memory, clock: ManualClock, registry: CollectorRegistry) -> None:
    def of(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, labels)

    assert {of("treering_queue_jobs", kind=kind, state="queued") for kind in JOB_KINDS} == {0}, "zeros are told too"
    assert of("treering_queue_age_seconds", kind="listen") == 0
    memory.remember("ana", "I live in Porto.")
    clock.advance(timedelta(seconds=60))
    memory.remember("bo", "I live in Porto.", tenant="acme")
    clock.advance(timedelta(seconds=30))
    assert of("treering_queue_jobs", kind="listen", state="queued") == 2
    assert of("treering_queue_age_seconds", kind="listen") == 90
    assert of("treering_tenant_queue_age_seconds", tenant=tenant_label("acme")) == 30
    assert of("treering_store_readable") == 1
    with memory._engine.store.begin() as unit:
        job = unit.jobs.claim(clock.now(), lease_s=9)
        assert job is not None
        unit.jobs.fail(job, "it broke", clock.now(), retry_at=None)
    assert of("treering_dead_jobs") == 1
    assert of("treering_queue_age_seconds", kind="listen") == 30


def test_what_was_done_is_counted(memory: Memory, clock: ManualClock, registry: CollectorRegistry) -> None:
    memory.remember("ana", ["I live in Porto.", "I have two cats."])
    clock.advance(timedelta(seconds=7))
    memory.flush()
    of = registry.get_sample_value
    assert of("treering_job_attempts_total", {"kind": "listen", "outcome": "done"}) == 1
    assert of("treering_job_attempts_total", {"kind": "index", "outcome": "done"}) == 1
    assert of("treering_job_lag_seconds_sum", {"kind": "listen"}) == 7
    assert of("treering_job_lag_seconds_sum", {"kind": "index"}) == 0
    assert of("treering_job_tries_sum", {"kind": "listen"}) == 1
    assert of("treering_job_seconds_count", {"kind": "listen"}) == 1
    assert of("treering_turns_heard_total") == 2
    assert of("treering_operations_committed_total", {"kind": "ADD"}) == 2


def test_no_word_and_no_name_of_anybody_is_exported(memory: Memory, registry: CollectorRegistry) -> None:
    memory.remember("zebulon", "I live in Xanadu.", tenant="quuxcorp", session="sessionable")
    memory.flush()
    memory.remember("zebulon", "I love Xanadu.", tenant="quuxcorp")
    told = generate_latest(registry).decode().lower()
    assert tenant_label("quuxcorp") in told
    for word in ("zebulon", "xanadu", "quuxcorp", "sessionable"):
        assert word not in told


def test_gates_are_told_by_name() -> None:
    gates = [
        Gate(name="model:some", at=NOW, level=120.5, failures=3, shut_until=NOW + timedelta(seconds=20)),
        Gate(name="cost", at=NOW, level=0.5, shut_until=NOW - timedelta(seconds=20)),
    ]
    registry = CollectorRegistry()
    registry.register(QueueCollector(lambda: QueueStats(at=NOW), lambda: gates))
    of = registry.get_sample_value
    assert of("treering_model_gate_level", {"gate": "model:some"}) == 120.5
    assert of("treering_model_gate_failures", {"gate": "model:some"}) == 3
    assert of("treering_model_gate_rest_seconds", {"gate": "model:some"}) == 20
    assert of("treering_model_gate_rest_seconds", {"gate": "cost"}) == 0


def test_a_store_that_cannot_be_read_is_told_and_breaks_no_scrape() -> None:
    def away() -> QueueStats:
        raise StoreUnavailable("postgresql://localhost/x", "gone")

    registry = CollectorRegistry()
    registry.register(QueueCollector(away, list))
    assert registry.get_sample_value("treering_store_readable") == 0
    assert registry.get_sample_value("treering_dead_jobs") is None


def test_a_memory_that_is_closed_leaves_the_registry(
    tmp_path: Path, registry: CollectorRegistry, memory: Memory
) -> None:
    memory.close()
    assert generate_latest(registry) == b""
    with Memory(tmp_path / "other", embedder="hash", background=False, metrics=registry):
        assert registry.get_sample_value("treering_turns_heard_total") == 0


def test_what_the_application_observes_is_still_told(tmp_path: Path, registry: CollectorRegistry) -> None:
    seen: list[Scope] = []
    with Memory(
        tmp_path,
        embedder="hash",
        background=False,
        metrics=registry,
        observe=lambda scope, _: seen.append(scope),
    ) as memory:
        memory.remember("ana", "I live in Porto.")
        memory.flush()
    assert seen == [Scope(user="ana")]


def test_nothing_is_imported_where_nothing_is_counted(tmp_path: Path) -> None:
    code = (
        "import sys; from treering import Memory\n"
        f"with Memory({str(tmp_path)!r}, embedder='hash', background=False) as memory:\n"
        "    memory.remember('ana', 'I live in Porto.'); memory.flush()\n"
        "import treering.workers.worker, treering.workers.app\n"
        "assert 'prometheus_client' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
