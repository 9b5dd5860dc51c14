"""Turns on one line in the order of speech, so that what was said around each is added up quickly."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from treering.memory.retrieval.coherence import coherences, sketch_of
from treering.memory.retrieval.hits import CONTEXT_TURNS, CONTEXT_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from treering.memory.retrieval.hits import Place
    from treering.memory.retrieval.vector import Vector

APART = CONTEXT_TURNS + 1
"""Slots from one entry to the next where neither is in the other's surroundings."""

PLACE_BITS = 40
"""A session's number and the place in it make one key to sort by: 2^40 places a session, eight million sessions."""

_REACH = np.arange(-CONTEXT_TURNS, CONTEXT_TURNS + 1)
_BACK = np.arange(CONTEXT_TURNS + 1)

BATCH = 1_024
"""Entries whose vectors are looked at in one go."""

Slots = NDArray[np.intp]
Sums = NDArray[np.float64]


class SpeechLine:
    """Entries on a line: those of one place together, neighbours in a session side by side, all others `APART`.

    So what stands around every entry is added up in nine passes over the line, however many entries say a word; and
    always in the order of speech, so that the order in which entries came moves no last bit. What stands around counts
    by how far away it was said, and by how far it is of one subject: see `ONE_SUBJECT`.

    Args:
        vectors: The vectors of entries, by their places in the order in which they came; None: all is of one subject.

    Example:
        >>> from treering.memory.retrieval.hits import Place
        >>> line = SpeechLine()
        >>> line.add([Place(session="s", index=index, at=0) for index in (0, 1, 6)])
        >>> line.means(np.array([1.0, 10.0, 7.0])).tolist()
        [5.0, 6.0, 7.0]
    """

    def __init__(self, vectors: Callable[[NDArray[np.intp]], Vector] | None = None) -> None:
        self._vectors = vectors
        self._sessions: dict[str, int] = {}
        self._keys = np.empty(0, np.int64)
        self._coherences = np.empty((0, CONTEXT_TURNS))
        self._is_stale = np.empty(0, np.bool_)
        self._placeless = 0
        self._laid: _Laid | None = None

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return 3 * self._keys.nbytes + 2 * self._coherences.nbytes

    @property
    def slots(self) -> Slots:
        """Where on the line each entry stands, shape (entries,)."""
        return (self._laid or self._lay_out()).slots

    def add(self, places: Sequence[Place | None]) -> None:
        """Append entries. One without a place has itself for surroundings."""
        keys = np.fromiter(map(self._key, places), np.int64, len(places))
        self._touch(keys)
        self._keys = np.concatenate([self._keys, keys])
        self._coherences = np.concatenate([self._coherences, np.ones((len(keys), CONTEXT_TURNS))])
        self._is_stale = np.concatenate([self._is_stale, np.ones(len(keys), np.bool_)])
        self._laid = None

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Drop the entries whose place in `kept` is false; the others close ranks, and stay apart as they were."""
        self._touch(self._keys[~kept])
        self._keys, self._coherences, self._is_stale = self._keys[kept], self._coherences[kept], self._is_stale[kept]
        self._laid = None

    def sums(self, slots: Slots, values: NDArray[np.floating]) -> Sums:
        """What is at these slots, weighed and added up around every slot of the line, shape (slots of the line,)."""
        return _sums_around(slots, values, (self._laid or self._lay_out()).weights)

    def sums_near(self, slots: Slots, values: NDArray[np.floating]) -> tuple[Slots, Sums]:
        """The slots that have any of these in their surroundings, ascending, and what `sums` says there."""
        return _sums_near(slots, values, (self._laid or self._lay_out()).weights)

    def means(self, values: NDArray[np.floating]) -> Sums:
        """One value an entry, averaged over its surroundings, shape (entries,)."""
        laid = self._laid or self._lay_out()
        means: Sums = self.sums(laid.slots, values).take(laid.slots)
        means /= laid.present
        return means

    def _lay_out(self) -> _Laid:
        """Give every entry its slot: half a millisecond for 10,000, after each change."""
        order = np.argsort(self._keys, kind="stable")
        steps = np.diff(self._keys[order], prepend=self._keys[order][:1])
        slots = np.empty(len(order), np.intp)
        slots[order] = CONTEXT_TURNS + np.cumsum(np.minimum(steps, APART))
        length = int(slots.max(initial=CONTEXT_TURNS)) + CONTEXT_TURNS + 1
        self._look_again(order)
        weights = np.zeros((CONTEXT_TURNS, length))
        weights[:, slots] = self._coherences.T * np.array(CONTEXT_WEIGHTS[1:])[:, None]
        present = _sums_around(slots, np.ones(len(slots)), weights)[slots]
        self._laid = _Laid(slots, present, weights)
        return self._laid

    def _touch(self, keys: NDArray[np.int64]) -> None:
        """What comes to these places or goes changes what is known of those behind them."""
        if self._vectors is not None and len(keys) and len(self._keys) and keys.min() <= self._keys.max():
            self._is_stale |= np.isin(self._keys, keys[:, None] + _BACK)

    def _look_again(self, order: NDArray[np.intp]) -> None:
        """Compare the places of entries with those before them, where that is not known yet: 6 µs an entry."""
        if self._vectors is None:
            return
        stale = np.flatnonzero(self._is_stale)
        ordered = self._keys[order]
        for first in range(0, len(stale), BATCH):
            rows = stale[first : first + BATCH]
            # Not asked for counts, it imports masked arrays, which takes 5 ms of a new process, and is no faster.
            keys: NDArray[np.int64] = np.unique(self._keys[rows, None] - _BACK, return_counts=True)[0]
            begins, ends = ordered.searchsorted(keys), ordered.searchsorted(keys, "right")
            keys, begins, ends = (column[ends > begins] for column in (keys, begins, ends))
            at_places = np.concatenate([order[stretch] for stretch in map(slice, begins, ends)])
            sketches = sketch_of(self._vectors(at_places)).astype(np.float64)
            spoken = np.add.reduceat(sketches, np.cumsum(ends - begins) - (ends - begins))
            here = spoken[keys.searchsorted(self._keys[rows])]
            for away in range(1, CONTEXT_TURNS + 1):
                there = keys.searchsorted(self._keys[rows] - away)  # no further than where the row itself is
                is_there = keys[there] == self._keys[rows] - away
                self._coherences[rows[is_there], away - 1] = coherences(here[is_there], spoken[there[is_there]])
        self._is_stale[:] = False

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
    weights: Sums
    """What each slot and the one so many before it count for each other, shape (CONTEXT_TURNS, slots of the line)."""


def _sums_around(slots: Slots, values: NDArray[np.floating], weights: Sums) -> Sums:
    length = weights.shape[1]
    line = _line(slots, values, length)
    around = np.zeros(length)
    first, end = CONTEXT_TURNS, length - CONTEXT_TURNS
    inner = around[first:end]
    inner += CONTEXT_WEIGHTS[0] * line[first:end]
    for away, apart in enumerate(weights, start=1):
        both = apart[first:end] * line[first - away : end - away]
        both += apart[first + away : end + away] * line[first + away : end + away]
        inner += both
    return around


def _sums_near(slots: Slots, values: NDArray[np.floating], weights: Sums) -> tuple[Slots, Sums]:
    """As `_sums_around`, in the same order of additions, where the sum is not zero."""
    length = weights.shape[1]
    line = _line(slots, values, length)
    is_near = np.zeros(length, np.bool_)
    is_near[slots[:, None] + _REACH] = True
    is_near[:CONTEXT_TURNS] = is_near[length - CONTEXT_TURNS :] = False
    near = np.flatnonzero(is_near)
    around: Sums = CONTEXT_WEIGHTS[0] * line[near]
    for away, apart in enumerate(weights, start=1):
        both = apart[near] * line[near - away]
        both += apart[near + away] * line[near + away]
        around += both
    return near, around


def _line(slots: Slots, values: NDArray[np.floating], length: int) -> Sums:
    """What is at each slot of the line; several values may be of one place."""
    line: Sums = np.bincount(slots, values, length).astype(np.float64, copy=False)
    return line
