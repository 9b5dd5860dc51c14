"""Chance by seed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

_T = TypeVar("_T")


class Dice:
    """Draws; the same for the same seed.

    Args:
        seed: Any text.

    Example:
        >>> Dice("a").one([1, 2, 3]) == Dice("a").one([1, 2, 3])
        True
    """

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311 - no secret, and the same suite for the same seed

    def one(self, choices: Sequence[_T]) -> _T:
        """One of them."""
        return self._random.choice(choices)

    def some(self, choices: Sequence[_T], count: int) -> list[_T]:
        """So many of them, each once, in any order."""
        return self._random.sample(choices, count)

    def upto(self, most: int) -> int:
        """A number from 0 to `most`."""
        return self._random.randint(0, most)

    def happens(self, share: float) -> bool:
        """True in such a share of the cases."""
        return self._random.random() < share

    def places(self, count: int, before: float = 1.0, after: float = 0.0) -> list[float]:
        """So many moments of a life between two, in order."""
        return sorted(self._random.uniform(after, before) for _ in range(count))
