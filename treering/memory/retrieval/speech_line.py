"""Turns on one line in the order of speech, so that what was said around each is added up quickly."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from treering.memory.retrieval.hits import CONTEXT_TURNS, CONTEXT_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.memory.retrieval.hits import Place

APART = CONTEXT_TURNS + 1
"""Slots from one entry to the next where neither is in the other's surroundings."""

PLACE_BITS = 40
"""A session's number and the place in it make one key to sort by: 2^40 places a session, eight million sessions."""

_REACH = np.arange(-CONTEXT_TURNS, CONTEXT_TURNS + 1)

Slots = NDArray[np.intp]
Sums = NDArray[np.float64]


class SpeechLine:
    """Entries on a line: those of one place together, neighbours in a session side by side, all others `APART`.

    So what stands around every entry is added up in nine passes over the line, however many entries say a word; and
    always in the order of speech, so that the order in which entries came moves no last bit.

    Example:
        >>> from treering.memory.retrieval.hits import Place
        >>> line = SpeechLine()
        >>> line.add([Place(session="s", index=index, at=0) for index in (0, 1, 6)])
        >>> line.means(np.array([1.0, 10.0, 7.0])).tolist()
        [5.0, 6.0, 7.0]
    """

    def __init__(self) -> None:
        self._sessions: dict[str, int] = {}
        self._keys = np.empty(0, np.int64)
        self._placeless = 0
        self._laid: _Laid | None = None

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return 3 * self._keys.nbytes

    @property
    def slots(self) -> Slots:
        """Where on the line each entry stands, shape (entries,)."""
        return (self._laid or self._lay_out()).slots

    def add(self, places: Sequence[Place | None]) -> None:
        """Append entries. One without a place has itself for surroundings."""
        keys = np.fromiter(map(self._key, places), np.int64, len(places))
        self._keys = np.concatenate([self._keys, keys])
        self._laid = None

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Drop the entries whose place in `kept` is false; the others close ranks, and stay apart as they were."""
        self._keys = self._keys[kept]
        self._laid = None

    def sums(self, slots: Slots, values: NDArray[np.floating]) -> Sums:
        """What is at these slots, weighed and added up around every slot of the line, shape (slots of the line,)."""
        return _sums_around(slots, values, (self._laid or self._lay_out()).length)

    def sums_near(self, slots: Slots, values: NDArray[np.floating]) -> tuple[Slots, Sums]:
        """The slots that have any of these in their surroundings, ascending, and what `sums` says there."""
        return _sums_near(slots, values, (self._laid or self._lay_out()).length)

    def means(self, values: NDArray[np.floating]) -> Sums:
        """One value an entry, averaged over its surroundings, shape (entries,)."""
        laid = self._laid or self._lay_out()
        means: Sums = self.sums(laid.slots, values).take(laid.slots)
        means /= laid.present
        return means

    def _lay_out(self) -> _Laid:
        """Give every entry its slot: a fifth of a millisecond for 10,000, after each change."""
        order = np.argsort(self._keys, kind="stable")
        steps = np.diff(self._keys[order], prepend=self._keys[order][:1])
        slots = np.empty(len(order), np.intp)
        slots[order] = CONTEXT_TURNS + np.cumsum(np.clip(steps, 0, APART))
        length = int(slots.max(initial=CONTEXT_TURNS)) + CONTEXT_TURNS + 1
        present = _sums_around(slots, np.ones(len(slots)), length)[slots]
        self._laid = _Laid(slots, present, length)
        return self._laid

    def _key(self, place: Place | None) -> int:
        if place is None:
            self._placeless -= APART
            return self._placeless
        session = self._sessions.setdefault(place.session, len(self._sessions) + 1)
        return (session << PLACE_BITS) + place.index


class _Laid(NamedTuple):
    """The line; its slots of entries lie `CONTEXT_TURNS` and more from both of its ends."""

    slots: Slots
    present: Sums
    """What the entries around each count, itself included."""
    length: int
    """How many slots there are, empty ones included."""


def _sums_around(slots: Slots, values: NDArray[np.floating], length: int) -> Sums:
    line = np.bincount(slots, values, length).astype(np.float64, copy=False)  # several may be of one place
    around = np.zeros(length)
    first, end = CONTEXT_TURNS, length - CONTEXT_TURNS
    inner = around[first:end]
    inner += CONTEXT_WEIGHTS[0] * line[first:end]
    for away in range(1, CONTEXT_TURNS + 1):  # both sides at once: half the multiplications
        both = line[first - away : end - away] + line[first + away : end + away]
        both *= CONTEXT_WEIGHTS[away]
        inner += both
    return around


def _sums_near(slots: Slots, values: NDArray[np.floating], length: int) -> tuple[Slots, Sums]:
    """As `_sums_around`, in the same order of additions, where the sum is not zero."""
    line = np.bincount(slots, values, length).astype(np.float64, copy=False)
    is_near = np.zeros(length, np.bool_)
    is_near[slots[:, None] + _REACH] = True
    is_near[:CONTEXT_TURNS] = is_near[length - CONTEXT_TURNS :] = False
    near = np.flatnonzero(is_near)
    around: Sums = CONTEXT_WEIGHTS[0] * line[near]
    for away in range(1, CONTEXT_TURNS + 1):
        both = line[near - away] + line[near + away]
        both *= CONTEXT_WEIGHTS[away]
        around += both
    return near, around
