"""Stages of work, measured once for all who want to know: traces, metrics, and explanations."""

from __future__ import annotations

from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from treering.telemetry.happenings import StageEnded
from treering.telemetry.tracing import past_span, span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.trace import Span

    from treering.telemetry.happenings import Happenings
    from treering.telemetry.tracing import Attribute


class Stopwatch:
    """The seconds of stages that follow each other. Each lap is a span as well, where somebody traces.

    Args:
        work: What they are stages of; begins the names of the spans.

    Example:
        >>> watch = Stopwatch("recall")
        >>> watch.lap("embed")
        >>> watch.lap("search")
        >>> watch.lap("embed")
        >>> list(watch.laps)
        ['embed', 'search']
    """

    def __init__(self, work: str) -> None:
        self.laps: dict[str, float] = {}
        """Seconds by stage, in the order of their first laps; several laps of one add up."""
        self._work = work
        self._began = self._last = perf_counter()

    def lap(self, stage: str) -> None:
        """What was done since the last lap was this stage."""
        now = perf_counter()
        took = now - self._last
        self.laps[stage] = self.laps.get(stage, 0.0) + took
        self._last = now
        past_span(f"{self._work} {stage}", took)

    @property
    def seconds(self) -> float:
        """Since it began."""
        return perf_counter() - self._began

    @property
    def laps_ms(self) -> dict[str, float]:
        """Milliseconds by stage, to be read by people."""
        return {stage: round(1_000 * took, 3) for stage, took in self.laps.items()}


@contextmanager
def stage(happenings: Happenings, name: str, /, **attributes: Attribute) -> Iterator[Span | None]:
    """A stage around a block: a span, and its seconds told, also where an error leaves it."""
    began = perf_counter()
    try:
        with span(name, parent=None, **attributes) as one:
            yield one
    finally:
        happenings.tell(StageEnded(stage=name, seconds=perf_counter() - began))
