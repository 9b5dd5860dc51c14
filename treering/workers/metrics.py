"""Numbers for Prometheus: what stands in the job table, read when it is scraped, and what the workers did."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from treering.errors import MissingExtra, TreeringError
from treering.schemas.jobs import JOB_KINDS, OPEN_STATES
from treering.telemetry.counters import MemoryCounters

try:
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.core import GaugeMetricFamily
    from prometheus_client.multiprocess import MultiProcessCollector
    from prometheus_client.registry import Collector
except ImportError as error:
    raise MissingExtra("metrics", "metrics", because=error) from error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from prometheus_client.metrics_core import Metric

    from treering.memory.hearing import Observer
    from treering.memory.ports import Clock, Store
    from treering.schemas.dialogue import Scope
    from treering.schemas.gates import Gate
    from treering.schemas.jobs import Job, QueueStats
    from treering.schemas.listening import Heard
    from treering.workers.watching import Outcome

SECONDS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300)
"""Buckets of what a job takes: local listening takes tens of milliseconds a window, models take seconds."""

LAGS = (0.1, 0.3, 1, 3, 10, 30, 60, 300, 900, 3_600, 6 * 3_600, 24 * 3_600)
"""Buckets of the time from queued to done, up to a day."""

ATTEMPTS = (1, 2, 3, 4, 5)
"""Buckets of how often a job was begun before it was done, or dead."""


class WorkMetrics(MemoryCounters):
    """Counts what runners, listening and a memory tell: hand `on_job`, `on_heard` and `hear` to them.

    Args:
        clock: Says when a job is done.
        registry: Where it is scraped; None where processes that fork share the folder that
            PROMETHEUS_MULTIPROC_DIR names; it has to be set before prometheus_client is imported.
    """

    def __init__(self, clock: Clock, registry: CollectorRegistry | None = None) -> None:
        super().__init__(registry)
        self._clock = clock
        self._attempts = self._counter("job_attempts", "Attempts at jobs, by what became of them.", "kind", "outcome")
        self._seconds = self._histogram("job_seconds", "What an attempt took.", SECONDS, "kind")
        self._lags = self._histogram("job_lag_seconds", "From queued to done.", LAGS, "kind")
        self._tries = self._histogram("job_tries", "Attempts until done or dead.", ATTEMPTS, "kind")
        self._heard = self._counter("turns_heard", "Turns that were listened to.")
        self._claims = self._counter("operations_committed", "Operations on claims that were committed.", "kind")
        of_admission = "What admission said of what a listener proposed, by the rule that decided."
        self._verdicts = self._counter("verdicts", of_admission, "ruling", "rule")
        self._parked = self._counter("windows_parked", "Windows of turns that were put aside for a person.")

    def observing(self, observe: Observer | None) -> Observer:
        """An observer that counts, and tells another one."""

        def both(scope: Scope, heard: Heard) -> None:
            self.on_heard(scope, heard)
            if observe is not None:
                observe(scope, heard)

        return both

    def watch(self, store: Store) -> Callable[[], None]:
        """Add the gauges of a store to the registry; returns what takes them and the counters out again."""
        registry = self._registry
        if registry is None:
            return lambda: None
        gauges = queue_collector(store, self._clock)
        registry.register(gauges)

        def remove() -> None:
            registry.unregister(gauges)
            self.remove()

        return remove

    def on_job(self, job: Job, outcome: Outcome, seconds: float) -> None:
        """An attempt is over."""
        self._attempts.labels(job.kind, outcome).inc()
        self._seconds.labels(job.kind).observe(seconds)
        if outcome in ("done", "dead"):
            self._tries.labels(job.kind).observe(job.attempts)
        if outcome == "done":
            self._lags.labels(job.kind).observe(max(0.0, (self._clock.now() - job.queued_at).total_seconds()))

    def on_heard(self, _: Scope, heard: Heard) -> None:
        """A window was heard."""
        self._heard.inc(len(heard.message_ids))
        if heard.parked is not None:
            self._parked.inc()
        for verdict in heard.verdicts:
            self._verdicts.labels(verdict.ruling, verdict.rule).inc()
            if verdict.ruling == "commit" and verdict.draft.kind != "NO_OP":
                self._claims.labels(verdict.draft.kind).inc()


class QueueCollector(Collector):
    """Gauges of the job table and of the gates before chat models. Nothing is kept between two scrapes.

    Args:
        stats: Counts what stands in the table, of all tenants.
        gates: Lists the gates.
    """

    def __init__(self, stats: Callable[[], QueueStats], gates: Callable[[], Iterable[Gate]]) -> None:
        self._stats = stats
        self._gates = gates

    def describe(self) -> Iterable[Metric]:
        """Nothing: to be registered must not read the store."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """All gauges; where the store cannot be read, the one that says so."""
        try:
            stats, gates = self._stats(), list(self._gates())
        except TreeringError:
            yield _gauge("treering_store_readable", "Whether the job table could be read: 1 or 0.", 0)
            return
        yield _gauge("treering_store_readable", "Whether the job table could be read: 1 or 0.", 1)
        yield from _of_queue(stats)
        yield from _of_gates(gates, stats.at)


def queue_collector(store: Store, clock: Clock) -> QueueCollector:
    """The gauges of a store."""

    def stats() -> QueueStats:
        with store.begin(write=False) as unit:
            return unit.jobs.stats(clock.now())

    return QueueCollector(stats, store.gates)


def serve_shared(folder: str, gauges: QueueCollector | None, *, at: tuple[str, int]) -> Callable[[], None]:
    """Serve what all processes count in a folder, and the gauges, from a thread; returns what ends it.

    Args:
        folder: Where the processes count.
        gauges: What is read when it is scraped, if anything.
        at: Host and port.

    Raises:
        OSError: The port is taken, or there is no such host.
    """
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    if gauges is not None:
        registry.register(gauges)
    host, port = at
    server, thread = start_http_server(port, host, registry)
    # Children of a pool would keep the port when their parent was killed.
    os.register_at_fork(after_in_child=server.socket.close)

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return end


def tenant_label(tenant: str) -> str:
    """A tenant by twelve digits: dashboards need not name customers. Who can guess the name can check the guess.

    Example:
        >>> tenant_label("default")
        '37a8eec1ce19'
    """
    return hashlib.sha256(tenant.encode()).hexdigest()[:12]


def _of_queue(stats: QueueStats) -> Iterator[Metric]:
    by_kind = {one.kind: one for one in stats.kinds}
    jobs = GaugeMetricFamily("treering_queue_jobs", "Jobs that are not over.", labels=["kind", "state"])
    ages = GaugeMetricFamily(
        "treering_queue_age_seconds", "For how long the oldest queued job has waited.", labels=["kind"]
    )
    for kind in sorted(JOB_KINDS):  # zeros too: a series that is not there cannot be compared with
        one = by_kind.get(kind)
        for state in OPEN_STATES:
            jobs.add_metric([kind, state], 0 if one is None else getattr(one, state))
        ages.add_metric([kind], _age(None if one is None else one.oldest_at, stats.at))
    by_tenant = GaugeMetricFamily(
        "treering_tenant_queue_age_seconds", "The same of the tenants that wait for longest.", labels=["tenant"]
    )
    for tenant in stats.tenants:
        by_tenant.add_metric([tenant_label(tenant.tenant)], _age(tenant.oldest_at, stats.at))
    yield from (jobs, ages, by_tenant)
    yield _gauge("treering_dead_jobs", "Jobs that wait for a person.", sum(one.dead for one in stats.kinds))


def _of_gates(gates: Iterable[Gate], now: datetime) -> Iterator[Metric]:
    levels = GaugeMetricFamily(
        "treering_model_gate_level", "Used lately, when it was counted last: tokens, or US dollars.", labels=["gate"]
    )
    failures = GaugeMetricFamily("treering_model_gate_failures", "Failures in a row.", labels=["gate"])
    rests = GaugeMetricFamily("treering_model_gate_rest_seconds", "For how long it rests still.", labels=["gate"])
    for gate in gates:
        levels.add_metric([gate.name], gate.level)
        failures.add_metric([gate.name], gate.failures)
        rests.add_metric([gate.name], _age(now, gate.shut_until or now))
    yield from (levels, failures, rests)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
