"""The surroundings of a turn: scores of the turns around it, taken together. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.memory.retrieval.hits import CONTEXT_TURNS

if TYPE_CHECKING:
    from collections.abc import Mapping


def mean_around(places: Mapping[str, tuple[str, int]], scores: Mapping[str, float]) -> dict[str, float]:
    """For each turn the mean score of the turns of its session that are at most `CONTEXT_TURNS` away, and its own.

    Args:
        places: Session and index of each turn, by message id.
        scores: Score of each of them.

    Example:
        >>> mean_around({"a": ("s", 0), "b": ("s", 1), "c": ("s", 9)}, {"a": 1.0, "b": 0.5, "c": 0.2})
        {'a': 0.75, 'b': 0.75, 'c': 0.2}
    """
    return {ref: sum(near) / len(near) for ref, near in _around(places, scores).items()}


def sum_around(places: Mapping[str, tuple[str, int]], scores: Mapping[str, float]) -> dict[str, float]:
    """The same, added up."""
    return {ref: sum(near) for ref, near in _around(places, scores).items()}


def _around(places: Mapping[str, tuple[str, int]], scores: Mapping[str, float]) -> dict[str, list[float]]:
    at = {place: scores[ref] for ref, place in places.items()}
    steps = range(-CONTEXT_TURNS, CONTEXT_TURNS + 1)
    return {
        ref: [at[session, index + step] for step in steps if (session, index + step) in at]
        for ref, (session, index) in places.items()
    }
