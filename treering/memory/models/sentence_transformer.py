"""Any model of the sentence-transformers library, on this machine."""

from __future__ import annotations

import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from treering.errors import EmbedderUnavailable, MissingExtra
from treering.memory.models.encodable import encodable
from treering.memory.models.unit import unit_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentence_transformers import SentenceTransformer

    from treering.memory.retrieval.vector import Vector


class SentenceTransformerEmbedder:
    """Vectors from a sentence-transformers model, loaded at the first use.

    A model that is in the local cache, or a folder, is loaded without asking the network.

    Args:
        model: Name on the Hugging Face hub, or the folder of a model.
        batch_size: Texts that run at once.

    Example:
        >>> SentenceTransformerEmbedder("BAAI/bge-small-en-v1.5").fingerprint
        'sentence-transformers:BAAI/bge-small-en-v1.5'
    """

    def __init__(self, model: str, *, batch_size: int = 32) -> None:
        self._name = model
        self._batch_size = batch_size
        self._model: SentenceTransformer | None = None
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """Library and model."""
        return f"sentence-transformers:{self._name}"

    @property
    def dimension(self) -> int:
        """Length of a vector; loads the model.

        Raises:
            MissingExtra: sentence-transformers is not installed.
            EmbedderUnavailable: The model cannot be loaded.
        """
        return int(self._load().get_embedding_dimension() or 0)

    def embed(self, texts: Sequence[str]) -> Vector:
        """One unit vector a text: float32, shape (len(texts), dimension).

        Raises:
            MissingExtra: sentence-transformers is not installed.
            EmbedderUnavailable: The model cannot be loaded.
        """
        model = self._load()
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        clean = [encodable(text) for text in texts]
        with self._lock:  # the library's tokenizers take one caller at a time
            vectors = model.encode(clean, batch_size=self._batch_size, show_progress_bar=False, convert_to_numpy=True)
        return unit_rows(vectors)

    def _load(self) -> SentenceTransformer:
        with self._lock:
            if self._model is None:
                self._model = _open(self._name)
            return self._model


def _open(name: str) -> SentenceTransformer:
    if find_spec("sentence_transformers") is None:
        raise MissingExtra(f"the embedder sentence-transformers:{name}", "local")
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - 5 s, and only who uses it shall pay them

    try:
        return _cached_or_downloaded(SentenceTransformer, name)
    except (OSError, ValueError) as error:
        raise EmbedderUnavailable(f"sentence-transformers:{name}", str(error)) from error


def _cached_or_downloaded(library: type[SentenceTransformer], name: str) -> SentenceTransformer:
    try:
        return library(name, local_files_only=True)
    except (OSError, ValueError):
        return library(name)
