"""An embedder of your own: three members, and the whole memory works with it.

This one knows a few words of two languages and puts words of one meaning together; yours asks your model server.
"""

from __future__ import annotations

import re
import tempfile
from typing import TYPE_CHECKING

import numpy as np

from treering import Memory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MEANINGS = [
    {"live", "lives", "living", "moved", "city", "mora", "cidade", "onde"},
    {"eat", "dinner", "allergic", "peanuts", "jantar", "comer", "amendoim", "alergia"},
    {"play", "plays", "instrument", "cello", "toca", "instrumento", "violoncelo"},
]


class TwoLanguages:
    """Counts meanings instead of words, so that a Portuguese question finds what was said in English."""

    fingerprint = "two-languages:1"  # stored with every vector: change it whenever vectors change
    dimension = len(MEANINGS) + 1

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One unit vector a text."""
        rows = np.array([self._counts(text) for text in texts], dtype=np.float32).reshape(-1, self.dimension)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def _counts(self, text: str) -> list[float]:
        words = re.findall(r"\w+", text.lower())
        return [float(sum(word in meaning for word in words)) for meaning in MEANINGS] + [0.1]


def main() -> None:
    """Tell it in English, ask in Portuguese."""
    with tempfile.TemporaryDirectory() as home, Memory(home, embedder=TwoLanguages()) as memory:
        memory.remember("ana", ["I live in Lisbon.", "I'm allergic to peanuts.", "I play the cello."])
        memory.flush("ana")
        for question in ("Em que cidade mora a Ana?", "Que instrumento toca?"):
            print(question)
            print(memory.recall("ana", question, mode="hybrid").context)


if __name__ == "__main__":
    main()
