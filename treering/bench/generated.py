"""Text and vectors by seed, for measurements that need size and not meaning."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.memory.ports import Embedder, Vector

VOCABULARY = 20_000
"""Different words, drawn by Zipf's law, as in talk: the most frequent one is every tenth."""

TURN_WORDS = 18
QUESTION_WORDS = 9
"""Words of a turn and of a question; LoCoMo has about as many, stop words left out."""

_SYLLABLES = (
    "ba",
    "co",
    "di",
    "fu",
    "ga",
    "he",
    "ji",
    "ko",
    "lu",
    "ma",
    "ne",
    "po",
    "qui",
    "ra",
    "so",
    "tu",
    "vi",
    "zo",
)


class Words:
    """Invented words, always the same for a seed.

    Example:
        >>> Words(seed=1).turn() == Words(seed=1).turn()
        True
    """

    def __init__(self, seed: int) -> None:
        self._dice = np.random.default_rng(seed)
        frequency = 1 / np.arange(1, VOCABULARY + 1)
        self._share = np.cumsum(frequency / frequency.sum())

    def turn(self) -> str:
        """What somebody might say."""
        return " ".join(self._some(TURN_WORDS)).capitalize() + "."

    def question(self) -> str:
        """What somebody might ask, in words that turns have too."""
        return " ".join(self._some(QUESTION_WORDS)).capitalize() + "?"

    def _some(self, count: int) -> list[str]:
        return [_word(int(number)) for number in np.searchsorted(self._share, self._dice.random(count))]


def _word(number: int) -> str:
    """A word of its own for each number."""
    syllables = [_SYLLABLES[number % len(_SYLLABLES)], *(_SYLLABLES[int(digit)] for digit in f"{number:04d}")]
    return "".join(syllables)


class SparingEmbedder:
    """The vectors of an embedder, or invented ones while a store is filled: the cost of a search is in their number.

    Args:
        embedder: The true one; its fingerprint is given, since what is asked is embedded by it.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.invents = True
        """Whether vectors are invented."""

    @property
    def fingerprint(self) -> str:
        """That of the true embedder."""
        return self._embedder.fingerprint

    @property
    def dimension(self) -> int:
        """That of the true embedder."""
        return self._embedder.dimension

    def embed(self, texts: Sequence[str]) -> Vector:
        """One unit vector a text: float32, shape (len(texts), dimension)."""
        if not self.invents:
            return self._embedder.embed(texts)
        rows = [invented(text, self.dimension) for text in texts]
        return np.array(rows, np.float32).reshape(len(rows), self.dimension)


def invented(text: str, dimension: int) -> Vector:
    """A unit vector in a direction that follows from the text, and has nothing to do with its meaning."""
    dice = np.random.default_rng(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()))
    vector = np.asarray(dice.standard_normal(dimension), np.float32)
    vector /= np.linalg.norm(vector)
    return vector
