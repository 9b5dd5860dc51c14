"""Timing as ratios: two things measured in turn, many times, with an interval. Cores here are shared and noisy."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REPEATS = 301
"""Pairs that are measured; their median's interval is then narrow enough to tell 2.5 from 3."""

_Z95 = 1.96
"""Standard deviations that hold 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Median of the pairwise ratios, with the 95 % interval that order statistics give for a median."""

    median: float
    low: float
    high: float


def ratio_of(ratios: Sequence[float]) -> Ratio:
    """The median of ratios and its interval.

    Example:
        >>> ratio_of([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
        Ratio(median=4.0, low=1.0, high=7.0)
    """
    ordered = sorted(ratios)
    reach = _Z95 * len(ordered) ** 0.5 / 2
    low = ordered[max(0, math.floor(len(ordered) / 2 - reach))]
    high = ordered[min(len(ordered) - 1, math.ceil(len(ordered) / 2 + reach))]
    return Ratio(median=round(statistics.median(ordered), 2), low=round(low, 2), high=round(high, 2))


def p50_ms(seconds: Sequence[float]) -> float:
    """Median in milliseconds."""
    return round(statistics.median(seconds) * 1_000, 4)


def interleaved(
    one: Callable[[int], object], other: Callable[[int], object], *, repeats: int = REPEATS
) -> tuple[list[float], list[float], Ratio]:
    """Seconds of every call of both, and the ratio one / other, pair by pair.

    Args:
        one: Called with 0, 1, 2, …
        other: Likewise; the two take turns, and take turns in going first.
        repeats: Calls of each.
    """
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(repeats):
        for action, spent in ((one, ours), (other, theirs)) if number % 2 else ((other, theirs), (one, ours)):
            spent.append(_seconds(action, number))
    return ours, theirs, ratio_of([mine / yours for mine, yours in zip(ours, theirs, strict=True)])


def _seconds(action: Callable[[int], object], number: int) -> float:
    began = perf_counter()
    action(number)
    return perf_counter() - began
