"""Where one thing stops being talked about and the next begins."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from treering.memory.retrieval.vector import Vector
    from treering.schemas.dialogue import Turn

PAUSE = timedelta(minutes=30)
"""A silence after which people rarely go on with what they were at."""

BLOCK_TURNS = 3
"""Turns on either side of a gap that are compared: a single one may be a "Yes!"."""

MIN_TURNS = 4
"""Fewest turns of an episode that no silence ends."""

MAX_TURNS = 16
"""Most turns of an episode: one that goes on is cut where it holds together least."""

DEPTH = 0.15
"""How far the likeness of two blocks falls below the episode's best before a minimum of it is a new topic."""

DECIMALS = 5
"""Likeness is compared to this many decimals, so that the last bits of a sum decide nothing."""


def episodes(turns: Sequence[Turn], vectors: Vector) -> list[tuple[Turn, ...]]:
    """The turns of one session in groups, each on one thing; every turn is in exactly one.

    A gap between two turns begins an episode after a silence, or where the blocks of turns before and behind it are
    less like each other than at both neighbouring gaps, and much less than before (TextTiling, Hearst 1997, with
    vectors for word counts). A gap is judged by the turns up to `BLOCK_TURNS` behind the next one, and never again:
    when turns follow, all episodes but the last stay as they are.

    Args:
        turns: In the order of the conversation.
        vectors: Their unit vectors, shape (turns, dimension).
    """
    starts = [start for run in _runs(turns) for start in _starts(run, vectors)]
    return [tuple(turns[start:end]) for start, end in pairwise([*starts, len(turns)])]


def _runs(turns: Sequence[Turn]) -> Iterator[range]:
    """Stretches without a long silence."""
    breaks = [place for place in range(1, len(turns)) if turns[place].at - turns[place - 1].at > PAUSE]
    bounds = [0, *breaks, len(turns)] if turns else []
    yield from (range(begin, end) for begin, end in pairwise(bounds))


def _starts(run: range, vectors: Vector) -> Iterator[int]:
    """Where the episodes of a run begin."""
    likeness = _likeness(run, vectors)
    start = run.start
    yield start
    gap = start + MIN_TURNS
    while gap + 1 in likeness:
        cut = _cut(start, gap, likeness)
        if cut is not None:
            start = cut
            yield start
        gap = gap + 1 if cut is None else start + MIN_TURNS


def _cut(start: int, gap: int, likeness: dict[int, float]) -> int | None:
    """Where the episode from `start` ends, as far as `gap` tells: there, or for a long one where it is weakest."""
    here = likeness[gap]
    best = max(likeness[place] for place in range(start + 1, gap + 1))
    is_lowest = here <= likeness[gap - 1] and here < likeness[gap + 1]
    if is_lowest and best - here >= DEPTH:
        return gap
    if gap - start >= MAX_TURNS:
        return min(range(start + MIN_TURNS, gap + 1), key=lambda place: (likeness[place], place))
    return None


def _likeness(run: range, vectors: Vector) -> dict[int, float]:
    """The cosine of the blocks before and behind each gap that has a whole block behind it, by the turn behind it."""
    return {
        gap: round(
            _cosine(vectors[max(run.start, gap - BLOCK_TURNS) : gap], vectors[gap : gap + BLOCK_TURNS]), DECIMALS
        )
        for gap in range(run.start + 1, run.stop - BLOCK_TURNS + 1)
    }


def _cosine(before: Vector, behind: Vector) -> float:
    one, other = before.sum(axis=0, dtype=np.float64), behind.sum(axis=0, dtype=np.float64)
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / lengths if lengths else 0.0
