"""The trained heads: matrix products over sentence vectors, and what is known of how they were trained."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.listeners.heads.pairs import RELATIONS, pair_features
from treering.memory.retrieval.vector import dots
from treering.schemas.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from treering.memory.ports import Vector
    from treering.schemas.trunk import Trunk

    Floats = NDArray[np.float32]


class HeadsRecord(Value):
    """Where heads come from, and how good they were on what they had not seen."""

    format: int = 1
    """Raised when what the heads see changes, so that older files are not used any more."""
    embedder: str
    """Fingerprint of the embedder whose vectors they read."""
    trunk: str
    """Digest of the slots they know; see `slots_digest`."""
    data: str
    """Digest of the training sentences."""
    seed: int
    """Seed of the draws."""
    metrics: dict[str, float]
    """Scores on held-out sentences, of heads that were fitted without these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """Three linear heads. Weights have one row a class; the last column is the bias."""

    record: HeadsRecord
    paths: tuple[str, ...]
    """The slots, in the order of their rows."""
    worth_weights: Floats
    """Shape (2, dimension + 1)."""
    slot_weights: Floats
    """Shape (slots, dimension + 1)."""
    relation_weights: Floats
    """Shape (relations, features of a pair + 1)."""

    def fit_with(self, embedder: str, trunk: Trunk) -> bool:
        """Whether they read vectors of this embedder and know the slots of this trunk."""
        record = self.record
        return record.format == FORMAT and record.embedder == embedder and record.trunk == slots_digest(trunk)

    def worth(self, vectors: Vector) -> Floats:
        """Chance that each claim is worth keeping, shape (claims,)."""
        chances: Floats = _chances(vectors, self.worth_weights)[:, 1]
        return chances

    def slots(self, vectors: Vector) -> list[Mapping[str, float]]:
        """For each claim the chance of every slot, by path."""
        return [dict(zip(self.paths, row, strict=True)) for row in _chances(vectors, self.slot_weights).tolist()]

    def relations(
        self, old: Sequence[str], new: Sequence[str], old_vectors: Vector, new_vectors: Vector
    ) -> list[Mapping[str, float]]:
        """For each pair of an older and a newer claim the chance of every relation, by name.

        Args:
            old: The older claims.
            new: The newer ones, as many.
            old_vectors: Unit vectors, shape (pairs, dimension).
            new_vectors: Likewise.
        """
        features = pair_features(old, new, old_vectors, new_vectors)
        return [dict(zip(RELATIONS, row, strict=True)) for row in _chances(features, self.relation_weights).tolist()]


FORMAT = HeadsRecord.model_fields["format"].default
"""The format that this code reads and writes."""


def slots_digest(trunk: Trunk) -> str:
    """SHA-256 over the paths and descriptions of a trunk's slots, in hex: what a slot means, not how long it holds.

    Example:
        >>> from treering.schemas.trunks import load_trunk
        >>> len(slots_digest(load_trunk("core")))
        64
    """
    text = "\x1e".join(f"{slot.path}\x1f{slot.description}" for slot in trunk.slots)
    return hashlib.sha256(text.encode()).hexdigest()


def _chances(features: Floats, weights: Floats) -> Floats:
    """Softmax over the classes, shape (rows, classes)."""
    scores = np.stack([dots(weights[:, :-1], row) for row in features]) if len(features) else _none(weights)
    scores = scores + weights[:, -1]
    powers = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
    chances: Floats = powers / powers.sum(axis=1, keepdims=True)
    return chances


def _none(weights: Floats) -> Floats:
    return np.zeros((0, len(weights)), np.float32)
