"""The lists of a search, from entries whose cosine and words a server has told. Knows no server."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from treering.memory.ports import ALWAYS, During, Hits, Place
from treering.memory.retrieval.bm25 import idf, saturation
from treering.memory.retrieval.coherence import Sketch, coherences
from treering.memory.retrieval.hits import CONTEXT_MASS, CONTEXT_TURNS, CONTEXT_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_SESSION: Final = 1 << 32
"""Far more than a session has turns, so that one number tells the place."""

Ranked = tuple[tuple[str, float], ...]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An entry as a search shows it."""

    id: str
    cosine: float
    counts: Mapping[int, int]
    """How often it has each term of the query; those that it has not may be left out."""
    length: int
    """How many terms it has, the query's or not."""
    place: Place | None
    sketch: Sketch | None = None
    """That of its vector; None of entries that were stored without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What BM25 needs to know of all entries of one kind in one scope."""

    mean_length: float
    weights: Mapping[int, float]
    """What each term of the query weighs; terms that occur nowhere are left out."""

    @classmethod
    def of(cls, *, entries: int, words: int, containing: Mapping[int, int], terms: Mapping[int, int]) -> Statistics:
        """From how many entries there are, with how many terms in all, and how many have each term of the query."""
        return cls(
            mean_length=words / max(entries, 1),
            weights={term: terms[term] * idf(entries, count) for term, count in containing.items() if count},
        )

    @classmethod
    def of_all(cls, seen: Sequence[Seen], terms: Mapping[int, int]) -> Statistics:
        """From the entries themselves, none missing."""
        return cls.of(
            entries=len(seen),
            words=sum(one.length for one in seen),
            containing={term: sum(1 for one in seen if one.counts.get(term)) for term in terms},
            terms=terms,
        )


def was_said(place: Place | None, during: During) -> bool:
    """Whether a turn was said then. One without a place was said at no time."""
    if during == ALWAYS:
        return True
    if place is None or (during.begin is not None and place.at < during.begin):
        return False
    return during.end is None or place.at < during.end


def lists_of(
    seen: Iterable[Seen],
    statistics: Statistics,
    *,
    limit: int,
    is_listed: Callable[[Seen], bool],
    has_surroundings: bool,
) -> Hits:
    """The best `limit` of each list, best first; equal scores in the order of ids.

    Args:
        seen: Entries of one kind, in any order.
        statistics: Of all entries of the kind, also those that are not shown.
        limit: Length of each list.
        is_listed: Whether an entry may be in a list; the others only surround it.
        has_surroundings: Whether the last two lists are asked for.
    """
    ordered = sorted(seen, key=_order)
    if not ordered:
        return Hits()
    listed = [(row, one.id) for row, one in enumerate(ordered) if is_listed(one)]
    columns = _Columns(ordered, statistics)

    def best(scores: NDArray[np.float64], *, above: float) -> Ranked:
        found = ((name, float(scores[row])) for row, name in listed if scores[row] > above)
        return tuple(sorted(found, key=lambda hit: (-hit[1], hit[0]))[:limit])

    hits = Hits(dense=best(columns.cosines, above=-np.inf), sparse=best(columns.scores(), above=0.0))
    if not has_surroundings:
        return hits
    return replace(
        hits,
        places={ordered[row].id: place for row, _ in listed if (place := ordered[row].place) is not None},
        dense_context=best(columns.cosines_around(), above=-np.inf),
        sparse_context=best(columns.scores_around(), above=0.0),
    )


class _Columns:
    """Numbers of entries that stand in the order of their places, so that neighbours are found by their keys."""

    def __init__(self, ordered: Sequence[Seen], statistics: Statistics) -> None:
        terms = sorted(statistics.weights)
        counts = [[one.counts.get(term, 0) for term in terms] for one in ordered]
        self.cosines = np.array([one.cosine for one in ordered], np.float64)
        self._counts = np.array(counts, np.float32).reshape(len(ordered), len(terms))
        self._lengths = np.array([one.length for one in ordered], np.float32)
        self._weights = np.array([statistics.weights[term] for term in terms], np.float64)
        self._mean_length = statistics.mean_length
        self._keys = _keys(ordered)
        self._places, self._place = np.unique(self._keys, return_inverse=True)
        self._sketches = [one.sketch for one in ordered]

    def scores(self) -> NDArray[np.float64]:
        return self._bm25(self._counts, self._lengths, self._mean_length)

    def cosines_around(self) -> NDArray[np.float64]:
        return self._around(self.cosines) / self._around(np.ones_like(self.cosines))

    def scores_around(self) -> NDArray[np.float64]:
        counts, lengths = self._around(self._counts), self._around(self._lengths)
        return self._bm25(counts, lengths, CONTEXT_MASS * self._mean_length)

    def _bm25(
        self, counts: NDArray[np.floating], lengths: NDArray[np.floating], mean_length: float
    ) -> NDArray[np.float64]:
        worths = saturation(counts, lengths[:, np.newaxis], mean_length)
        total: NDArray[np.float64] = (worths * self._weights).sum(axis=1)
        return total

    def _around(self, numbers: NDArray[np.floating]) -> NDArray[np.float64]:
        """Weighed sums over the surroundings of each entry."""
        said = np.zeros((len(self._places), *numbers.shape[1:]))
        np.add.at(said, self._place, numbers)  # several turns may have been given one place
        total = CONTEXT_WEIGHTS[0] * said
        for here, there, weights in self._links:
            shaped = weights.reshape(-1, *(1,) * (numbers.ndim - 1))
            total[here] += shaped * said[there]
            total[there] += shaped * said[here]
        around: NDArray[np.float64] = total[self._place]
        return around

    @cached_property
    def _links(self) -> list[tuple[Rows, Rows, NDArray[np.float64]]]:
        """By distance: places, those that are so far behind them, and what they count for each other."""
        spoken = _spoken(self._sketches, self._place, len(self._places))
        links = []
        for away in range(1, CONTEXT_TURNS + 1):
            near = np.minimum(np.searchsorted(self._places, self._places + away), len(self._places) - 1)
            here = np.flatnonzero(self._places[near] == self._places + away)
            weights = CONTEXT_WEIGHTS[away] * coherences(spoken[here], spoken[near[here]])
            links.append((here, near[here], weights))
        return links


def _spoken(sketches: Sequence[Sketch | None], place: Rows, places: int) -> NDArray[np.float64]:
    """What was said at each place, shape (places, dimension); if any sketch is missing, all is of one subject."""
    known = [one for one in sketches if one is not None]
    if len(known) < len(sketches):
        return np.zeros((places, 1))
    spoken = np.zeros((places, len(known[0])))
    np.add.at(spoken, place, np.array(known, np.float64))
    return spoken


def _order(one: Seen) -> tuple[bool, str, int, str]:
    return (False, "", 0, one.id) if one.place is None else (True, one.place.session, one.place.index, one.id)


def _keys(ordered: Sequence[Seen]) -> NDArray[np.int64]:
    """A number for the place of each entry, one apart for neighbours, ascending."""
    sessions: dict[str, int] = {}
    keys = np.empty(len(ordered), np.int64)
    for row, one in enumerate(ordered):
        name, index = (f"\0{row}", 0) if one.place is None else (one.place.session, one.place.index)
        keys[row] = sessions.setdefault(name, len(sessions)) * _SESSION + index
    return keys
