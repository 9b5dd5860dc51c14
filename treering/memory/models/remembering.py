"""Embedding each text once."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.word_caches import note_word_cache

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.memory.ports.models import Embedder
    from treering.memory.retrieval.vector import Vector

TEXTS_KEPT = 2_048
"""Vectors remembered: 3 MB at 384 dimensions. A turn is embedded to recall, to listen and to index it."""


class RememberingEmbedder:
    """Gives the vectors of an embedder, asking it once for each text that came lately.

    Texts are kept as keyed hashes only, so that no words stay in memory on its account.

    Args:
        embedder: The one that is asked.
        texts_kept: Most vectors remembered; the least lately used goes first.

    Example:
        >>> from treering.testing.embedder import HashEmbedder
        >>> RememberingEmbedder(HashEmbedder()).embed(["one", "two", "one"]).shape
        (3, 256)
    """

    def __init__(self, embedder: Embedder, texts_kept: int = TEXTS_KEPT) -> None:
        self._embedder = embedder
        self._texts_kept = texts_kept
        self._secret = secrets.token_bytes(16)
        self._vectors: OrderedDict[bytes, Vector] = OrderedDict()
        self._lock = threading.Lock()
        note_word_cache(self)

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
        if not texts:
            return self._embedder.embed(texts)
        keys = [self._key(text) for text in texts]
        found = self._recall(keys)
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if new:
            made = dict(zip(new, self._embedder.embed(list(new.values())), strict=True))
            self._keep(made)
            found |= made
        return np.stack([found[key] for key in keys])

    def known(self, texts: Sequence[str]) -> Vector | None:
        """The same, where all of them are remembered; else none."""
        keys = [self._key(text) for text in texts]
        found = self._recall(keys)
        return np.stack([found[key] for key in keys]) if keys and len(found) == len(set(keys)) else None

    def clear(self) -> None:
        """Remember nothing any more."""
        with self._lock:
            self._vectors.clear()

    def _key(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=self._secret).digest()

    def _recall(self, keys: Sequence[bytes]) -> dict[bytes, Vector]:
        with self._lock:
            known = {key: self._vectors[key] for key in keys if key in self._vectors}
            for key in known:
                self._vectors.move_to_end(key)
            return known

    def _keep(self, made: dict[bytes, Vector]) -> None:
        with self._lock:
            # A copy of each: a row would keep the whole batch that it is part of.
            self._vectors |= {key: vector.copy() for key, vector in made.items()}
            while len(self._vectors) > self._texts_kept:
                self._vectors.popitem(last=False)
