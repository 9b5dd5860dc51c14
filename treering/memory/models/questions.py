"""The vectors of questions: the first of a process comes from a model that loads quickly."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from treering.memory.models.remembering import RememberingEmbedder
    from treering.memory.ports.models import Embedder
    from treering.memory.retrieval.vector import Vector

FEW = 8
"""Texts up to which a model that loads quickly is done sooner than one that runs quickly."""


class QuestionEmbedder:
    """Gives the vectors of an embedder, but for the first question where that is not loaded yet.

    A process that asks once, as scripts do, is done without the work that makes an embedder quick from then on. The
    first question's vectors differ in their last bits: nothing that is stored may come from here. They are kept, so
    that the same question has the same answer.

    Args:
        embedder: The one that is asked from the second time on.
        quick: Embeds what is asked first.
        is_loaded: Whether the embedder is ready, so that nothing is gained by asking another.
        let_go: Called when the quick one is needed no more, so that it frees its memory.

    Example:
        >>> from treering.memory.models.remembering import RememberingEmbedder
        >>> from treering.testing.embedder import HashEmbedder
        >>> quick = RememberingEmbedder(HashEmbedder())
        >>> questions = QuestionEmbedder(HashEmbedder(), quick, is_loaded=lambda: False, let_go=quick.clear)
        >>> questions.embed(["Who?"]).shape, quick.known(["Who?"]) is None
        ((1, 256), False)
    """

    def __init__(
        self,
        embedder: Embedder,
        quick: RememberingEmbedder,
        *,
        is_loaded: Callable[[], bool],
        let_go: Callable[[], None],
    ) -> None:
        self._embedder = embedder
        self._quick = quick
        self._is_loaded = is_loaded
        self._let_go = let_go
        self._asked = count()  # no lock, which a fork might find taken

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
        if next(self._asked) == 0 and len(texts) <= FEW and not self._is_loaded():
            return self._quick.embed(texts)
        known = self._quick.known(texts)
        if known is not None:
            return known
        self._let_go()
        return self._embedder.embed(texts)
