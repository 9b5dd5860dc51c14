"""An embedder whose work is told to whoever counts it."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from treering.telemetry.happenings import Embedded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.memory.ports.models import Embedder
    from treering.memory.retrieval.vector import Vector
    from treering.telemetry.happenings import Happenings


class CountedEmbedder:
    """Gives the vectors of an embedder, and tells how many and what they took.

    Args:
        embedder: The one that is asked.
        happenings: Where it is told.

    Example:
        >>> from treering.telemetry.happenings import Happenings
        >>> from treering.testing.embedder import HashEmbedder
        >>> CountedEmbedder(HashEmbedder(), Happenings()).embed(["one", "two"]).shape
        (2, 256)
    """

    def __init__(self, embedder: Embedder, happenings: Happenings) -> None:
        self._embedder = embedder
        self._happenings = happenings

    @property
    def fingerprint(self) -> str:
        """That of the embedder."""
        return self._embedder.fingerprint

    @property
    def dimension(self) -> int:
        """That of the embedder."""
        return self._embedder.dimension

    def embed(self, texts: Sequence[str]) -> Vector:
        """One unit vector a text: float32, shape (len(texts), dimension)."""
        began = perf_counter()
        vectors = self._embedder.embed(texts)
        self._happenings.tell(Embedded(texts=len(texts), seconds=perf_counter() - began))
        return vectors
