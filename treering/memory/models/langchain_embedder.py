"""Any embedding model that LangChain can call."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
from langchain_core.embeddings import Embeddings

from treering.errors import EmbedderUnavailable, TreeringError
from treering.memory.models.encodable import encodable
from treering.memory.models.unit import unit_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from treering.memory.retrieval.vector import Vector


class LangChainEmbedder:
    """Unit vectors from LangChain embeddings, made or opened at the first use.

    Args:
        embeddings: The embeddings, or a function that makes them.
        name: Provider and model; becomes the fingerprint, so it must change with the model.

    Example:
        >>> from langchain_core.embeddings import DeterministicFakeEmbedding
        >>> LangChainEmbedder(DeterministicFakeEmbedding(size=8), "fake:8").embed(["hello"]).shape
        (1, 8)
    """

    def __init__(self, embeddings: Embeddings | Callable[[], Embeddings], name: str) -> None:
        self._given = embeddings
        self._name = name
        self._opened: Embeddings | None = None
        self._dimension: int | None = None
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """The name given."""
        return self._name

    @property
    def dimension(self) -> int:
        """Length of a vector; the first time, the model is asked for one.

        Raises:
            EmbedderUnavailable: The model did not answer.
        """
        if self._dimension is None:
            self.embed(["dimension"])
        return self._dimension or 0

    def embed(self, texts: Sequence[str]) -> Vector:
        """One unit vector a text: float32, shape (len(texts), dimension).

        Raises:
            EmbedderUnavailable: The model did not answer, or with something else than a vector a text.
        """
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        try:
            # Some providers refuse empty input; a space stands for it.
            rows = self._open().embed_documents([encodable(text) or " " for text in texts])
            vectors = unit_rows(rows)
        except TreeringError:
            raise
        except Exception as error:  # each provider has errors of its own, with no common base
            raise EmbedderUnavailable(self._name, f"{type(error).__name__}: {error}") from error
        if len(vectors) != len(texts):
            raise EmbedderUnavailable(self._name, f"{len(vectors)} vectors came for {len(texts)} texts")
        self._dimension = vectors.shape[1]
        return vectors

    def _open(self) -> Embeddings:
        with self._lock:
            if self._opened is None:
                self._opened = self._given if isinstance(self._given, Embeddings) else self._given()
            return self._opened
