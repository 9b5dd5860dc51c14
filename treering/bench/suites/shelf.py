"""Large things of a suite, made when they are asked for, so that a suite of any size fits into memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, overload

Plan = TypeVar("Plan")
Made = TypeVar("Made")

KEPT_BYTES = 64 * 2**20
"""What stays, by the bytes of the files it was made from: more than the 32k and 128k tokens of PersonaMem have."""


class Shelf(Sequence[Made], Generic[Plan, Made]):
    """What is made of each plan; the last ones stay while they fit, at least one.

    Args:
        plans: What each is made of; small.
        make: Makes one.
        weigh: The bytes that one is made from.
        keeps: Bytes that may stay.

    Example:
        >>> squares = Shelf([1, 2, 3], make=lambda one: one * one, weigh=lambda _: 1)
        >>> list(squares), squares[-1], list(squares[1:])
        ([1, 4, 9], 9, [4, 9])
    """

    def __init__(
        self,
        plans: Sequence[Plan],
        make: Callable[[Plan], Made],
        *,
        weigh: Callable[[Plan], int],
        keeps: int = KEPT_BYTES,
    ) -> None:
        self._plans = tuple(plans)
        self._make = make
        self._weigh = weigh
        self._keeps = keeps
        self._kept: dict[int, Made] = {}

    def __len__(self) -> int:
        return len(self._plans)

    @overload
    def __getitem__(self, index: int) -> Made: ...

    @overload
    def __getitem__(self, index: slice) -> Shelf[Plan, Made]: ...

    def __getitem__(self, index: int | slice) -> Made | Shelf[Plan, Made]:
        if isinstance(index, slice):
            return Shelf(self._plans[index], self._make, weigh=self._weigh, keeps=self._keeps)
        place = range(len(self._plans))[index]
        made = self._kept.pop(place) if place in self._kept else self._make(self._plans[place])
        self._kept[place] = made  # at the end: the one used last goes last
        while len(self._kept) > 1 and sum(self._weigh(self._plans[one]) for one in self._kept) > self._keeps:
            del self._kept[next(iter(self._kept))]
        return made

    def __getstate__(self) -> dict[str, object]:
        """Without what was made: another process makes its own."""
        return {**self.__dict__, "_kept": {}}
