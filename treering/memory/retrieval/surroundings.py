"""The surroundings of a turn: scores of the turns around it, taken together. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.memory.retrieval.hits import CONTEXT_TURNS, CONTEXT_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from treering.memory.retrieval.hits import Place


def mean_around(places: Mapping[str, Place], scores: Mapping[str, float]) -> dict[str, float]:
    """For each turn the mean score of the turns around it and its own, by `CONTEXT_WEIGHTS`.

    Args:
        places: Where each turn was said, by message id.
        scores: Score of each of them.

    Example:
        >>> from treering.memory.retrieval.hits import Place
        >>> places = {ref: Place(session="s", index=index, at=0) for ref, index in (("a", 0), ("b", 4), ("c", 9))}
        >>> mean_around(places, {"a": 1.2, "b": 0.0, "c": 0.5})
        {'a': 1.0, 'b': 0.2, 'c': 0.5}
    """
    return {
        ref: sum(weight * score for weight, score in near) / sum(weight for weight, _ in near)
        for ref, near in _around(places, scores).items()
    }


def sum_around(places: Mapping[str, Place], scores: Mapping[str, float]) -> dict[str, float]:
    """The same, added up."""
    return {ref: sum(weight * score for weight, score in near) for ref, near in _around(places, scores).items()}


def _around(places: Mapping[str, Place], scores: Mapping[str, float]) -> dict[str, list[tuple[float, float]]]:
    at: dict[tuple[str, int], list[float]] = {}
    for ref, place in places.items():  # several turns may have been given one place
        at.setdefault((place.session, place.index), []).append(scores[ref])
    steps = range(-CONTEXT_TURNS, CONTEXT_TURNS + 1)
    return {
        ref: [
            (CONTEXT_WEIGHTS[abs(step)], score)
            for step in steps
            for score in at.get((place.session, place.index + step), ())
        ]
        for ref, place in places.items()
    }
