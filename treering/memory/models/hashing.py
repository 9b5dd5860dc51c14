"""An embedder without a model: signed feature hashing, for tests."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.models.unit import unit_rows
from treering.memory.retrieval.sparse import stem, words
from treering.memory.word_caches import word_cache

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from treering.memory.retrieval.vector import Vector

DIMENSION = 256

GRAM_CHARS = 3
"""Length of the character n-grams; they let `allergic` be near `allergy`."""

GRAM_WEIGHT = 0.3
"""Weight of one n-gram beside the 1 of a stem: sharing words counts most."""

FEATURES_KEPT = 65_536
"""Features whose place is remembered, about 10 MB."""


class HashEmbedder:
    """Deterministic vectors with no model: texts that share words are near, others are not.

    Stems and character n-grams are hashed to a place and a sign (Weinberger et al. 2009). It knows no meaning:
    `car` and `automobile` are strangers.

    Args:
        dimension: Length of a vector.

    Example:
        >>> vectors = HashEmbedder().embed(["I like tea", "Tea is what I like", "Trains are late"])
        >>> bool(vectors[0] @ vectors[1] > 0.8 > 0.2 > vectors[0] @ vectors[2])
        True
    """

    def __init__(self, dimension: int = DIMENSION) -> None:
        self._dimension = dimension

    @property
    def fingerprint(self) -> str:
        """Method and dimension."""
        return f"hash:1:{self._dimension}"

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._dimension

    def embed(self, texts: Sequence[str]) -> Vector:
        """One unit vector a text: float32, shape (len(texts), dimension)."""
        vectors = np.zeros((len(texts), self._dimension), np.float32)
        for row, text in enumerate(texts):
            for feature, weight in _features(text):
                place, sign = _place(feature)
                vectors[row, place % self._dimension] += sign * weight
        return unit_rows(vectors)


def _features(text: str) -> Iterator[tuple[str, float]]:
    for word in words(text):
        yield f"w:{stem(word)}", 1.0
        padded = f" {word} "
        for at in range(len(padded) - GRAM_CHARS + 1):
            yield f"g:{padded[at : at + GRAM_CHARS]}", GRAM_WEIGHT


@word_cache(maxsize=FEATURES_KEPT)
def _place(feature: str) -> tuple[int, float]:
    number = int.from_bytes(hashlib.blake2b(feature.encode("utf-8", "replace"), digest_size=8).digest())
    return number >> 1, 1.0 if number & 1 else -1.0
