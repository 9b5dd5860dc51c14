"""Timing as ratios: two things measured in turn, many times, with an interval. Cores here are shared and noisy."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REPEATS = 15
"""Pairs of blocks that are measured; the interval needs seven at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Median of the pairwise ratios, with the second lowest and second highest as its interval."""

    median: float
    low: float
    high: float


def p50_ms(seconds: Sequence[float]) -> float:
    """Median in milliseconds."""
    return round(statistics.median(seconds) * 1_000, 4)


def time_each(action: Callable[[int], object], numbers: range) -> list[float]:
    """Seconds of each call."""
    spent = []
    for number in numbers:
        began = perf_counter()
        action(number)
        spent.append(perf_counter() - began)
    return spent


def interleaved(
    one: Callable[[int], object], other: Callable[[int], object], *, calls: int, repeats: int = REPEATS
) -> tuple[list[float], list[float], Ratio]:
    """Seconds of every call of both, and the ratio one / other of their medians, block by block.

    Args:
        one: Called with 0, 1, 2, …
        other: Likewise; the two take turns, and take turns in going first.
        calls: Calls a block.
        repeats: Blocks of each.
    """
    all_one: list[float] = []
    all_other: list[float] = []
    ratios = []
    for block in range(repeats):
        numbers = range(block * calls, (block + 1) * calls)
        if block % 2:
            theirs, ours = time_each(other, numbers), time_each(one, numbers)
        else:
            ours, theirs = time_each(one, numbers), time_each(other, numbers)
        all_one += ours
        all_other += theirs
        ratios.append(statistics.median(ours) / statistics.median(theirs))
    ratios.sort()
    ratio = Ratio(median=round(statistics.median(ratios), 2), low=round(ratios[1], 2), high=round(ratios[-2], 2))
    return all_one, all_other, ratio
