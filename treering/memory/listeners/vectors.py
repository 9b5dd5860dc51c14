"""Vectors of claims, kept by text, so that a tree of hundreds of claims is not embedded again at every turn."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.word_caches import note_word_cache

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.memory.ports import Embedder, Vector

DEFAULT_TEXTS = 20_000
"""Vectors kept: 31 MB at 384 dimensions, the claims of some forty people."""


class TextVectors:
    """Embeds texts and keeps the vectors of the most recently used ones. Safe in threads."""

    def __init__(self, embedder: Embedder, *, keep: int = DEFAULT_TEXTS) -> None:
        """Args: the embedder, and how many vectors are kept."""
        self._embedder = embedder
        self._keep = keep
        self._known: OrderedDict[str, Vector] = OrderedDict()
        self._lock = threading.Lock()
        note_word_cache(self)

    def clear(self) -> None:
        """Remember nothing any more."""
        with self._lock:
            self._known.clear()

    def of(self, texts: Sequence[str]) -> Vector:
        """Unit vectors, shape (len(texts), dimension); unknown texts are embedded in one batch."""
        known = self._recall(texts)
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            found = dict(zip(missing, self._embedder.embed(missing), strict=True))
            self._note(found)
            known |= found
        empty = np.zeros((0, self._embedder.dimension), dtype=np.float32)
        return np.stack([known[text] for text in texts]) if texts else empty

    def _recall(self, texts: Sequence[str]) -> dict[str, Vector]:
        with self._lock:
            known = {text: self._known[text] for text in texts if text in self._known}
            for text in known:
                self._known.move_to_end(text)
        return known

    def _note(self, found: dict[str, Vector]) -> None:
        with self._lock:
            self._known.update(found)
            while len(self._known) > self._keep:
                self._known.popitem(last=False)
