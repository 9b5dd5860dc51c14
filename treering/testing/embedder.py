"""Embedders for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from treering.memory.models.hashing import HashEmbedder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from treering.memory.retrieval.vector import Vector

__all__ = ["HashEmbedder", "NotingEmbedder"]


class NotingEmbedder(HashEmbedder):
    """A `HashEmbedder` that notes what it is asked for, and can let something happen first.

    Args:
        dimension: Length of a vector.

    Example:
        >>> embedder = NotingEmbedder()
        >>> embedder.meanwhile = lambda: print("somebody writes")
        >>> _ = embedder.embed(["tea", "milk"]), embedder.embed(["sugar"])
        somebody writes
        >>> embedder.asked, embedder.texts
        ([['tea', 'milk'], ['sugar']], ['tea', 'milk', 'sugar'])
    """

    def __init__(self, dimension: int = 256) -> None:
        super().__init__(dimension)
        self.asked: list[list[str]] = []
        """The texts of each call, in order; clear it to begin anew."""
        self.meanwhile: Callable[[], object] | None = None
        """Called once, before the next texts are noted and embedded."""

    @property
    def texts(self) -> list[str]:
        """The texts of all calls, in order."""
        return [text for texts in self.asked for text in texts]

    @override
    def embed(self, texts: Sequence[str]) -> Vector:
        """The vectors of a `HashEmbedder`: float32, shape (len(texts), dimension)."""
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        self.asked.append(list(texts))
        return super().embed(texts)
