"""Prometheus counters of what a memory does, whoever serves it: recall, writing, listening, models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from treering.errors import MissingExtra
from treering.telemetry.happenings import CallFailed, Embedded, ModelAsked, Recalled, Remembered, Replayed, StageEnded

try:
    from prometheus_client import CollectorRegistry, Counter, Histogram
except ImportError as error:
    raise MissingExtra("metrics", "metrics", because=error) from error

if TYPE_CHECKING:
    from collections.abc import Callable

    from prometheus_client.registry import Collector

    from treering.telemetry.happenings import Happening

QUICK = (0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Buckets, in seconds, of what somebody waits for: a recall takes 10 to 20 ms, one with a chat model seconds."""

STAGES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)
"""Buckets, in seconds, of a stage of listening: a rule takes milliseconds, a model seconds."""

TOKENS = (0, 50, 100, 200, 400, 800, 1_500, 3_000)
"""Buckets of what a context costs; 1,500 is the default budget."""


_M = TypeVar("_M", Counter, Histogram)


class MemoryCounters:
    """Counts what it hears.

    Args:
        registry: Where it is scraped; None where processes share a folder, see `WorkMetrics`.
    """

    def __init__(self, registry: CollectorRegistry | None) -> None:
        self._registry = registry
        self._all: list[Collector] = []
        self._recalls = self._histogram("recall_seconds", "What a recall took.", QUICK, "mode")
        self._stages = self._histogram("recall_stage_seconds", "What a stage of a recall took.", QUICK, "stage")
        self._tokens = self._histogram("recall_tokens", "What the context of a recall costs.", TOKENS)
        self._lines = self._counter("recall_lines", "Lines of contexts, by kind.", "kind")
        self._empty = self._counter("recalls_empty", "Recalls that found nothing.", "mode")
        self._degraded = self._counter("recalls_degraded", "Recalls for which something could not be asked.")
        self._hits = self._counter("recall_hits", "Lines of contexts, by each list that found them.", "source")
        self._remembers = self._histogram("remember_seconds", "What it took to store messages.", QUICK)
        self._turns = self._counter("turns_stored", "Messages that were stored.")
        self._known = self._counter("turns_known", "Messages that came again, and were stored before.")
        self._replays = self._counter("replays", "Named calls that came again, and changed nothing.", "call")
        self._failures = self._counter("failures", "Calls that ended with an error, by its class.", "call", "error")
        self._listening = self._histogram("listen_stage_seconds", "What a stage of listening took.", STAGES, "stage")
        self._asked = self._histogram("model_seconds", "What a chat model took.", STAGES, "model")
        self._calls = self._counter("model_calls", "Questions to chat models.", "model", "outcome")
        self._spent = self._counter("model_tokens", "Tokens of chat models: in and out.", "model", "direction")
        self._embeddings = self._histogram("embed_seconds", "What a batch of texts took to embed.", QUICK)
        self._texts = self._counter("texts_embedded", "Texts that were embedded.")
        self._series: dict[tuple[int, tuple[str, ...]], Counter | Histogram] = {}
        self._counted_by: dict[type[object], Callable[[Any], None]] = {
            Recalled: self._recalled,
            Remembered: self._remembered,
            Replayed: self._replayed,
            StageEnded: self._stage_ended,
            Embedded: self._embedded,
            ModelAsked: self._asked_model,
            CallFailed: self._failed,
        }

    def remove(self) -> None:
        """Take them out of the registry."""
        if self._registry is not None:
            for one in self._all:
                self._registry.unregister(one)

    def hear(self, happened: Happening) -> None:
        """Count what happened; what is not of a memory is left to others."""
        count = self._counted_by.get(type(happened))
        if count is not None:
            count(happened)

    def _recalled(self, one: Recalled) -> None:
        self._of(self._recalls, one.mode).observe(one.seconds)
        for stage, seconds in one.stages.items():
            self._of(self._stages, stage).observe(seconds)
        for source, lines in one.found_by.items():
            if lines:
                self._of(self._hits, source).inc(lines)
        if one.mode == "part":  # what a person gets is counted once, with the whole
            return
        self._tokens.observe(one.tokens)
        for kind, lines in one.lines.items():
            self._of(self._lines, kind).inc(lines)
        if not one.lines:
            self._of(self._empty, one.mode).inc()
        if one.is_degraded:
            self._degraded.inc()

    def _remembered(self, one: Remembered) -> None:
        self._remembers.observe(one.seconds)
        self._turns.inc(one.turns)
        self._known.inc(one.known)

    def _replayed(self, one: Replayed) -> None:
        self._of(self._replays, one.call).inc()

    def _stage_ended(self, one: StageEnded) -> None:
        self._of(self._listening, one.stage).observe(one.seconds)

    def _embedded(self, one: Embedded) -> None:
        self._embeddings.observe(one.seconds)
        self._texts.inc(one.texts)

    def _asked_model(self, one: ModelAsked) -> None:
        self._of(self._calls, one.model, one.outcome).inc()
        self._of(self._spent, one.model, "in").inc(one.tokens_in)
        self._of(self._spent, one.model, "out").inc(one.tokens_out)
        if one.outcome != "deferred":
            self._of(self._asked, one.model).observe(one.seconds)

    def _failed(self, one: CallFailed) -> None:
        self._of(self._failures, one.call, one.error).inc()

    def _of(self, metric: _M, *labels: str) -> _M:
        """The series with these labels; looked up by prometheus_client, it costs as much as to count it."""
        key = (id(metric), labels)
        found = self._series.get(key)
        if found is None:
            found = self._series[key] = metric.labels(*labels)
        return cast("_M", found)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        made = Counter(f"treering_{name}", what, labels, registry=self._registry)
        self._all.append(made)
        return made

    def _histogram(self, name: str, what: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        made = Histogram(f"treering_{name}", what, labels, buckets=buckets, registry=self._registry)
        self._all.append(made)
        return made
