"""The sentences that say most: extractive summaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from treering.memory.retrieval.vector import dots

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from treering.memory.retrieval.vector import Vector

DAMPING = 0.85
"""Share of the walk that follows likeness; the rest starts anew anywhere (PageRank's own)."""

ROUNDS = 40
"""Rounds of the walk: what is left of the start is below .85 to that power, .0015."""

SAME_COSINE = 0.85
"""From here on, two sentences say the same, and the second is left out."""

DECIMALS = 6
"""Scores are compared to this many decimals, so that the last bits of a sum decide nothing."""


def centrality(vectors: Vector) -> NDArray[np.float64]:
    """How much each sentence is like the others, and they like others: TextRank (Mihalcea and Tarau 2004).

    Args:
        vectors: Unit vectors, shape (sentences, dimension).

    Returns:
        Shape (sentences,), summing to 1. Cost grows with the square of the sentences.

    Example:
        >>> centrality(np.array([[1, 0], [0.9, 0.436], [0, 1]], np.float32)).argmax()
        np.int64(1)
    """
    count = len(vectors)
    if not count:
        return np.zeros(0)
    likeness = np.stack([dots(vectors, vector) for vector in vectors]).astype(np.float64)
    np.fill_diagonal(likeness, 0.0)
    likeness = likeness.clip(0.0)
    reach = likeness.sum(axis=1, keepdims=True)
    step = np.divide(likeness, reach, out=np.full_like(likeness, 1.0 / count), where=reach > 0)
    scores = np.full(count, 1.0 / count)
    for _ in range(ROUNDS):
        scores = (1 - DAMPING) / count + DAMPING * np.einsum("i,ij->j", scores, step)
    return scores.round(DECIMALS)


def extract(
    sentences: Sequence[str], vectors: Vector, weights: Sequence[float], *, budget: int, cost: Callable[[str], int]
) -> list[int]:
    """Places of the sentences that say most within a budget, in their order.

    The best come first, those that say what a better one says are left out; one that is too long makes room for the
    next. When even the best is too long, it alone.

    Args:
        sentences: In the order of the text.
        vectors: Their unit vectors.
        weights: What the centrality of each is multiplied by: praise is central to any talk, and says little.
        budget: What they may cost together.
        cost: Of one sentence, e.g. its tokens.
    """
    scores = (centrality(vectors) * weights).round(DECIMALS)
    order = sorted(range(len(sentences)), key=lambda place: (-scores[place], place))
    taken: list[int] = []
    left = budget
    for place in order:
        price = cost(sentences[place])
        says_new = not taken or float(dots(vectors[taken], vectors[place]).max()) < SAME_COSINE
        if price <= left and says_new:
            taken.append(place)
            left -= price
    return sorted(taken or order[:1])
