"""Slots by meaning: which of a trunk's slots a statement or question is nearest to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.retrieval.vector import Vector, dots

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from treering.schemas.trunk import Trunk

DESCRIPTION_SHARE = 0.3
"""Weight of a slot's description; the rest is that of its two nearest examples: one may be near for a single word, a
second confirms it.

On 77 everyday sentences of our own and the core trunk, the first slot was right for .90 of them, one of the first three
for .98. The best of description and examples alone: .77 and .95; the description alone: .64 and .88.
"""


@dataclass(frozen=True, kw_only=True)
class SlotVectors:
    """The slots of a trunk as unit vectors, in trunk order: each slot's description, then its examples.

    Example:
        >>> two = SlotVectors(paths=("name", "city"), vectors=np.eye(2, dtype=np.float32), owners=np.array([0, 1]))
        >>> two.nearest(np.array([[0.0, 1.0]], np.float32), limit=1)
        [[('city', 1.0)]]
    """

    paths: tuple[str, ...]
    """The slots."""
    vectors: Vector
    """Shape (number of texts, dimension)."""
    owners: NDArray[np.int64]
    """For each vector, which path it belongs to; ascending, and the first of each is the description."""

    def nearest(self, queries: Vector, limit: int) -> list[list[tuple[str, float]]]:
        """For each query vector the best `limit` slots, best first, with their score, a blend of cosines: -1 to 1.

        Args:
            queries: Unit vectors, shape (number of queries, dimension).
            limit: Most slots for a query.
        """
        scores = self._scores(queries)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :limit]
        best = np.take_along_axis(scores, order, axis=1)
        return [
            [(self.paths[slot], score) for slot, score in zip(slots, values, strict=True)]
            for slots, values in zip(order.tolist(), best.tolist(), strict=True)
        ]

    def _scores(self, queries: Vector) -> NDArray[np.float32]:
        cosines = np.empty((len(queries), len(self.vectors)), np.float32)
        for row, query in enumerate(queries):
            cosines[row] = dots(self.vectors, query)
        descriptions = cosines[:, self._descriptions]
        if not self._examples.size:
            return descriptions
        examples = _mean_of_best_two(cosines, self._examples)
        blend = DESCRIPTION_SHARE * descriptions + (1 - DESCRIPTION_SHARE) * examples
        scores: NDArray[np.float32] = np.where(np.isfinite(examples), blend, descriptions)
        return scores

    @cached_property
    def _descriptions(self) -> NDArray[np.int64]:
        """Row of each slot's description."""
        return np.searchsorted(self.owners, np.arange(len(self.paths)))

    @cached_property
    def _examples(self) -> NDArray[np.int64]:
        """Rows of each slot's examples, filled up with one beyond the last row: shape (slots, most examples)."""
        sizes = np.bincount(self.owners, minlength=len(self.paths)) - 1
        places = np.arange(int(sizes.max(initial=0)))
        rows = self._descriptions[:, None] + 1 + places
        return np.where(places < sizes[:, None], rows, len(self.owners))


def _mean_of_best_two(cosines: NDArray[np.float32], examples: NDArray[np.int64]) -> NDArray[np.float32]:
    """For each query and slot; the best where there is one example, minus infinity where there is none."""
    nothing = np.full((len(cosines), 1), -np.inf, np.float32)
    padded = np.concatenate([cosines, nothing], axis=1)
    best = second = np.full((len(cosines), len(examples)), -np.inf, np.float32)
    for rows in examples.T:
        column = padded[:, rows]
        second = np.maximum(second, np.minimum(best, column))
        best = np.maximum(best, column)
    mean: NDArray[np.float32] = np.where(np.isfinite(second), (best + second) / 2, best)
    return mean


def texts_of(trunk: Trunk) -> list[str]:
    """What is embedded for a trunk: each slot's description and examples."""
    return [text for slot in trunk.slots for text in (slot.description, *slot.examples)]


def slot_vectors(trunk: Trunk, vectors: Vector) -> SlotVectors:
    """The slots of a trunk, from the vectors of `texts_of(trunk)`.

    Raises:
        ValueError: Their number is another.
    """
    owners = np.repeat(np.arange(len(trunk.slots)), [1 + len(slot.examples) for slot in trunk.slots])
    if len(vectors) != len(owners):
        raise ValueError(f"{len(vectors)} vectors for {len(owners)} texts")
    return SlotVectors(paths=tuple(slot.path for slot in trunk.slots), vectors=vectors, owners=owners)
