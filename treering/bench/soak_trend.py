"""Does it grow? The arithmetic of a soak: a series of samples becomes three medians, a slope and a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Verdict = Literal["steady", "levels off", "grows", "kept"]

WARM_UP = 0.2
"""Share of the samples at the beginning that are not judged: caches fill, and each process meets its first of all."""

TOLERANCE = 0.05
"""Growth, as a share, that is no growth: allocators and vacuums move by as much."""

LEAST_SAMPLES = 6
"""Samples after warming up, below which nothing is judged."""

_SECONDS_AN_HOUR = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """What became of one series."""

    first: float
    """Median of the first third after warming up."""
    middle: float
    """Of the second."""
    last: float
    """Of the third."""
    per_hour: float
    """Slope an hour: the median of those between any two samples (Theil and Sen), which no outlier moves."""
    verdict: Verdict
    """`steady`: the last third is where the first was. `levels off`: it grew at first only. `grows`: it still does.
    `kept`: it grows, as it should: what people said is kept."""


def trend(times_s: Sequence[float], values: Sequence[float], *, floor: float = 0.0, is_kept: bool = False) -> Trend:
    """What became of a series.

    Args:
        times_s: When each sample was taken, in seconds.
        values: The samples.
        floor: Growth that is none whatever the share, in the series' unit.
        is_kept: Whether it is to grow.

    Example:
        >>> trend(range(60), [100 + 5 * minute for minute in range(60)]).verdict
        'grows'
        >>> trend(range(60), [100 + (minute % 2) for minute in range(60)]).verdict
        'steady'
    """
    from scipy.stats import theilslopes  # noqa: PLC0415 - most of a second, which a bench that starts need not wait for

    start = int(len(values) * WARM_UP)
    times, judged = list(times_s)[start:], [float(value) for value in values[start:]]
    if len(judged) < LEAST_SAMPLES:
        value = judged[-1] if judged else 0.0
        return Trend(first=value, middle=value, last=value, per_hour=0.0, verdict="steady")
    third = len(judged) // 3
    first, middle, last = (median(part) for part in (judged[:third], judged[third:-third], judged[-third:]))
    slope, _, low, _ = theilslopes(judged, times)
    allowed = max(floor, TOLERANCE * abs(first))
    verdict: Verdict
    if last - first <= allowed:
        verdict = "steady"
    elif is_kept:
        verdict = "kept"
    elif last - middle <= max(allowed / 2, (middle - first) / 4) or low <= 0:
        verdict = "levels off"
    else:
        verdict = "grows"
    return Trend(first=first, middle=middle, last=last, per_hour=float(slope) * _SECONDS_AN_HOUR, verdict=verdict)
