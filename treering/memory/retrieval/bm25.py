"""BM25 over the entries of one scope, in numpy arrays that grow in place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from treering.memory.retrieval.hits import CONTEXT_MASS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from treering.memory.retrieval.speech_line import SpeechLine

K1 = 1.2
"""How soon more of the same word stops counting; the usual value (Robertson and Zaragoza 2009)."""

B = 0.75
"""How much a long text is held against its words, 0 to 1; the usual value."""

MIN_TAIL = 4_096
"""New postings that may stand by themselves: sorted among each other in microseconds, among all in milliseconds."""

TAIL_SHARE = 16
"""Or this part of the others, so that growing by single entries costs the same for each."""

RARE_SHARE = 128
"""A term in less than this part of the slots of a line is added up around these alone, which takes half the time."""

POSTING_BYTES = 4 + 4 + 4 + 8
"""Memory of a posting: term, row, count, and the worth that follows from them."""

ENTRY_BYTES = 4 + 8
"""Memory of an entry: its length, and what its surroundings hold back."""

SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")

Terms = NDArray[np.uint32]
Counts = NDArray[np.float32]
Rows = NDArray[np.int32]
_N = TypeVar("_N", np.float32, np.float64)


def idf(entries: int, containing: int) -> float:
    """How much a term tells, from how many of all entries contain it; never negative (as in Lucene)."""
    return math.log1p((entries - containing + 0.5) / (containing + 0.5))


def saturation(counts: NDArray[np.floating], lengths: NDArray[np.floating], mean_length: float) -> NDArray[np.float64]:
    """What `counts` occurrences in texts of `lengths` words are worth: 0 to `K1` + 1, times the IDF."""
    worth: NDArray[np.float64] = counts * (K1 + 1) / (counts + _allowances(lengths, mean_length))
    return worth


def _allowances(lengths: NDArray[np.floating], mean_length: float) -> NDArray[np.float64]:
    """By how much texts of `lengths` words hold back what is said in them."""
    allowances: NDArray[np.float64] = K1 * (1 - B + B * lengths.astype(np.float64) / max(mean_length, 1e-9))
    return allowances


class Bm25:
    """Scores every entry of a scope against a query. Document frequencies and the mean length are the scope's own.

    Entries are rows, numbered in the order in which they came. Not safe for several threads at once.

    Example:
        >>> scores = Bm25()
        >>> scores.add(np.array([7, 8, 8], np.uint32), np.array([1, 1, 2], np.float32), np.array([2, 1]))
        >>> scores.of({8: 1}).round(2).tolist()
        [0.18, 0.25]
    """

    def __init__(self) -> None:
        self._sorted = _Postings()
        self._tail = _Postings()
        self._lengths = np.empty(0, np.float32)
        self._worths: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
        self._room: _Room | None = None

    @property
    def entries(self) -> int:
        """How many there are."""
        return len(self._lengths)

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        postings = len(self._sorted.terms) + len(self._tail.terms)
        return postings * POSTING_BYTES + self.entries * ENTRY_BYTES

    def add(self, terms: Terms, counts: Counts, sizes: NDArray[np.int64]) -> None:
        """Append entries: their postings one after another, and how many postings each has."""
        places = np.repeat(np.arange(len(sizes)), sizes)
        lengths = np.bincount(places, weights=counts, minlength=len(sizes)).astype(np.float32)
        rows = (places + self.entries).astype(np.int32)
        self._lengths = np.concatenate([self._lengths, lengths])
        tail = self._tail.with_(_Postings(terms, rows, counts))
        if len(tail.terms) > max(MIN_TAIL, len(self._sorted.terms) // TAIL_SHARE):
            self._sorted, self._tail = self._sorted.with_(tail).by_term(), _Postings()
        else:
            self._tail = tail.by_term()
        self._worths = self._room = None

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Drop the entries whose place in `kept` is false; the others close ranks."""
        self._sorted = self._sorted.keep(kept)
        self._tail = self._tail.keep(kept)
        self._lengths = self._lengths[kept]
        self._worths = self._room = None

    def of(self, query: Mapping[int, int]) -> NDArray[np.float64]:
        """The score of every entry, 0 for those without a term of the query. A term said twice counts twice."""
        rows: list[Rows] = []
        parts: list[NDArray[np.float64]] = []
        worths = self._worths or self._weigh()
        for term, where in self._find(query):
            containing, worth = self._postings(where, *worths)
            rows.append(containing)
            parts.append(worth * (query[term] * idf(self.entries, len(containing))))
        if not rows:
            return np.zeros(self.entries)
        return np.bincount(np.concatenate(rows), np.concatenate(parts), self.entries).astype(np.float64, copy=False)

    def around(self, query: Mapping[int, int], line: SpeechLine) -> NDArray[np.float64]:
        """The score of the surroundings of every entry, 0 where nobody says a term of the query.

        They count as one text: counts and lengths of its entries are weighed and added up, and held against
        `CONTEXT_MASS` times the mean length. What a term tells is what it tells among single entries.
        """
        slots = line.slots
        allowances = self._allowances_around(line)
        scores = np.zeros(len(allowances))
        for term, where in self._find(query):
            rows, counts = self._postings(where, self._sorted.counts, self._tail.counts)
            if not len(rows):
                continue
            worth = (K1 + 1) * query[term] * idf(self.entries, len(rows))
            if len(rows) * RARE_SHARE < len(scores):
                near, said = line.sums_near(slots.take(rows), counts)
                scores[near] += _saturated(said, allowances[near], worth)
            else:
                scores += _saturated(line.sums(slots.take(rows), counts), allowances, worth)
        return scores.take(slots)

    def _allowances_around(self, line: SpeechLine) -> NDArray[np.float64]:
        """By how much the surroundings of every slot hold back what is said in them; worked out after each change."""
        if self._room is None or self._room.slots is not line.slots:
            lengths = line.sums(line.slots, self._lengths)
            self._room = _Room(line.slots, _allowances(lengths, CONTEXT_MASS * self._mean_length))
        return self._room.allowances

    @property
    def _mean_length(self) -> float:
        return float(self._lengths.mean(dtype=np.float64)) if self.entries else 0.0

    def _find(self, query: Mapping[int, int]) -> Iterator[tuple[int, _Where]]:
        """Where the terms of a query stand; in a fixed order, so that sums have the same last bit."""
        terms = sorted(query)
        keys = np.array(terms, np.uint32)  # of the column's own type: anything else makes numpy copy the whole column
        return zip(terms, map(_Where, self._sorted.slices(keys), self._tail.slices(keys)), strict=True)

    def _postings(self, where: _Where, of_sorted: NDArray[_N], of_tail: NDArray[_N]) -> tuple[Rows, NDArray[_N]]:
        """The rows that contain a term, and what two columns of the postings say there."""
        found, new = where
        if new.start == new.stop:
            return self._sorted.rows[found], of_sorted[found]
        if found.start == found.stop:
            return self._tail.rows[new], of_tail[new]
        rows = np.concatenate([self._sorted.rows[found], self._tail.rows[new]])
        return rows, np.concatenate([of_sorted[found], of_tail[new]])

    def _weigh(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The saturation of every posting: half a millisecond for 150,000, once after each change."""
        self._worths = (
            saturation(self._sorted.counts, self._lengths[self._sorted.rows], self._mean_length),
            saturation(self._tail.counts, self._lengths[self._tail.rows], self._mean_length),
        )
        return self._worths


class _Where(NamedTuple):
    """Where the postings of a term stand: among the old ones, and among the new ones."""

    found: slice
    new: slice


class _Room(NamedTuple):
    """Allowances of surroundings, and the slots of the line that they were worked out for."""

    slots: NDArray[np.intp]
    allowances: NDArray[np.float64]


def _saturated(said: NDArray[np.float64], allowances: NDArray[np.float64], worth: float) -> NDArray[np.float64]:
    """What is said in surroundings, held back and weighed; `said` itself is changed."""
    said /= said + allowances
    said *= worth
    return said


class _Postings:
    """Which term occurs in which row, how often: three columns."""

    __slots__ = ("counts", "rows", "terms")

    def __init__(self, terms: Terms | None = None, rows: Rows | None = None, counts: Counts | None = None) -> None:
        self.terms = np.empty(0, np.uint32) if terms is None else terms
        self.rows = np.empty(0, np.int32) if rows is None else rows
        self.counts = np.empty(0, np.float32) if counts is None else counts

    def with_(self, more: _Postings) -> _Postings:
        return _Postings(
            np.concatenate([self.terms, more.terms]),
            np.concatenate([self.rows, more.rows]),
            np.concatenate([self.counts, more.counts]),
        )

    def by_term(self) -> _Postings:
        """In order of terms, rows of a term in order too."""
        order = np.argsort(self.terms, kind="stable")
        return _Postings(self.terms[order], self.rows[order], self.counts[order])

    def slices(self, terms: Terms) -> Iterator[slice]:
        """Where each of some terms stands, in postings that are in order of terms."""
        begins, ends = (self.terms.searchsorted(terms, side).tolist() for side in SIDES)
        return map(slice, begins, ends)

    def keep(self, kept: NDArray[np.bool_]) -> _Postings:
        staying = kept[self.rows]
        moved = (np.cumsum(kept) - 1).astype(np.int32)
        return _Postings(self.terms[staying], moved[self.rows[staying]], self.counts[staying])
