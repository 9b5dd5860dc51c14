"""Slots by meaning: which of a trunk's slots a statement or question is nearest to."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from treering.memory.retrieval.vector import Vector
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
    questions: Vector = field(default_factory=lambda: np.empty((0, 0), np.float32))
    """The questions for which slots matter, shape (number of questions, dimension)."""
    question_owners: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    """For each question, which path it belongs to; ascending."""

    def nearest(self, queries: Vector, limit: int) -> list[list[tuple[str, float]]]:
        """For each statement the best `limit` slots, best first, with their score, a blend of cosines: -1 to 1.

        Args:
            queries: Unit vectors, shape (number of statements, dimension).
            limit: Most slots for one.
        """
        return self._best(self._scores(queries), limit)

    def asked(self, queries: Vector, limit: int) -> list[list[tuple[str, float]]]:
        """For each question the best `limit` slots: like a statement's, or by the nearest question if that is nearer.

        Args:
            queries: Unit vectors, shape (number of questions, dimension).
            limit: Most slots for one.
        """
        scores = self._scores(queries)
        if len(self.question_owners):
            slots, first = np.unique(self.question_owners, return_index=True)
            nearest = np.maximum.reduceat(queries @ self.questions.T, first, axis=1)
            scores[:, slots] = np.maximum(scores[:, slots], nearest)
        return self._best(scores, limit)

    def _best(self, scores: NDArray[np.float32], limit: int) -> list[list[tuple[str, float]]]:
        order = np.argsort(-scores, axis=1, kind="stable")[:, :limit]
        best = np.take_along_axis(scores, order, axis=1)
        return [
            [(self.paths[slot], score) for slot, score in zip(slots, values, strict=True)]
            for slots, values in zip(order.tolist(), best.tolist(), strict=True)
        ]

    def _scores(self, queries: Vector) -> NDArray[np.float32]:
        cosines = queries @ self.vectors.T
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
    """What is embedded for a trunk: each slot's description and examples, then the questions of all."""
    statements = [text for slot in trunk.slots for text in (slot.description, *slot.examples)]
    return statements + [text for slot in trunk.slots for text in slot.questions]


def slot_vectors(trunk: Trunk, vectors: Vector) -> SlotVectors:
    """The slots of a trunk, from the vectors of `texts_of(trunk)`.

    Raises:
        ValueError: Their number is another.
    """
    places = np.arange(len(trunk.slots))
    owners = np.repeat(places, [1 + len(slot.examples) for slot in trunk.slots])
    question_owners = np.repeat(places, [len(slot.questions) for slot in trunk.slots])
    if len(vectors) != len(owners) + len(question_owners):
        raise ValueError(f"{len(vectors)} vectors for {len(owners) + len(question_owners)} texts")
    return SlotVectors(
        paths=tuple(slot.path for slot in trunk.slots),
        vectors=vectors[: len(owners)],
        owners=owners,
        questions=vectors[len(owners) :],
        question_owners=question_owners,
    )
