"""Exact search over the entries of one kind in one scope: a matrix of vectors, and BM25 beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.retrieval.bm25 import Bm25, Counts, Terms
from treering.memory.retrieval.candidates import SPOT, Candidates, spot_of
from treering.memory.retrieval.hits import ALWAYS, During, Hits, Place
from treering.memory.retrieval.speech_line import SpeechLine
from treering.memory.retrieval.vector import Vector, dots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from treering.memory.retrieval.candidates import Scores, Spots
    from treering.schemas.recall import ListName

    Rows = NDArray[np.intp]

GROWTH = 1.5
"""How much larger a full matrix is made, so that single rows are cheap to append; the system gives memory for rows in
use only."""

LOWEST = -2.0
"""Below every cosine, above the minus infinity of entries that are left out."""

LEAST = float(np.nextafter(0, 1))
"""The smallest score of an entry with a term of the query; others have zero."""

ENTRY_BYTES = 160
"""Memory of an entry's id, roughly, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Entries of one kind to append, in columns."""

    ids: Sequence[str]
    dense: Vector
    """Unit vectors, shape (len(ids), dimension)."""
    terms: Terms
    """Terms of all entries, one entry after another."""
    counts: Counts
    """How often each of these occurs."""
    sizes: NDArray[np.int64]
    """How many terms each entry has."""
    places: Sequence[Place | None]
    """Where each was said."""


class EntryMatrix:
    """The entries of one kind in one scope, ready to be searched. Equal scores come in the order of ids.

    Scores do not depend on the order in which entries came, to the last bit. Not safe for several threads at once.

    Args:
        dimension: Length of a vector.
        is_of_turns: Whether they are turns: those have surroundings, and can be held to a time.
    """

    def __init__(self, dimension: int, *, is_of_turns: bool = False) -> None:
        self._ids: list[str] = []
        self._dense = np.empty((0, dimension), np.float32)
        self._bm25 = Bm25()
        self._is_of_turns = is_of_turns
        self._sessions: dict[str, int] = {}
        self._spots = np.zeros(0, SPOT)
        self._end = math.inf
        self._line = SpeechLine(lambda rows: self._dense[rows])

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def nbytes(self) -> int:
        """Memory in use, in bytes."""
        of_entries = len(self) * ENTRY_BYTES + self._spots.nbytes + self._line.nbytes
        return self._dense[: len(self)].nbytes + self._bm25.nbytes + of_entries

    def add(self, block: Block) -> None:
        """Append entries; their ids must be new."""
        before, after = len(self), len(self) + len(block.ids)
        if after > len(self._dense):
            roomy = np.empty((int(after * GROWTH), self._dense.shape[1]), np.float32)
            roomy[:before] = self._dense[:before]
            self._dense = roomy
        self._dense[before:after] = block.dense
        self._ids.extend(block.ids)
        self._bm25.add(block.terms, block.counts, block.sizes)
        if self._is_of_turns:
            spots = np.array([spot_of(place, self._sessions) for place in block.places], SPOT)
            self._spots = np.concatenate([self._spots, spots])
            self._end = _end_of(self._spots)
            self._line.add(block.places)

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Drop the entries whose place in `kept` is false."""
        self._dense = self._dense[: len(self)][kept]
        self._ids = [name for name, stays in zip(self._ids, kept, strict=True) if stays]
        self._bm25.keep(kept)
        if self._is_of_turns:
            self._spots = self._spots[kept]
            self._end = _end_of(self._spots)
            self._line.keep(kept)

    def search(self, dense: Vector, terms: Mapping[int, int], *, limit: int, during: During = ALWAYS) -> Hits:
        """The best `limit` entries of each list; see `VectorIndex.search`."""
        if not self._ids or limit < 1:
            return Hits()
        lists = self._lists(dense, terms, limit, during)
        found: dict[ListName, tuple[tuple[str, float], ...]] = {}
        for name, (scores, rows) in lists.items():
            entries = [self._ids[row] for row in rows.tolist()]
            pairs = sorted(zip((-scores[rows]).tolist(), entries, strict=True))
            found[name] = tuple([(entry, -score) for score, entry in pairs])
        hits = Hits(dense=found["dense"], sparse=found["sparse"])
        if not self._is_of_turns:
            return hits
        shown = self._any_of(lists).tolist()
        names = list(self._sessions)
        spots = ((self._ids[row], self._spots[row]) for row in shown)
        return replace(
            hits,
            dense_context=found["dense_context"],
            sparse_context=found["sparse_context"],
            places={entry: _place(spot, names) for entry, spot in spots if spot["is_known"]},
        )

    def candidates(self, dense: Vector, terms: Mapping[int, int], *, limit: int, during: During = ALWAYS) -> Candidates:
        """The same of turns, in columns; the ids are those of entries."""
        if not self._ids or limit < 1:
            return Candidates()
        lists = self._lists(dense, terms, limit, during)
        shown = self._any_of(lists)
        columns: dict[ListName, Scores] = {}
        for name, (scores, rows) in lists.items():
            columns[name] = np.full(len(shown), np.nan)
            columns[name][np.searchsorted(shown, rows)] = scores[rows]
        refs = [self._ids[row] for row in shown.tolist()]
        return Candidates(refs=refs, scores=columns, spots=self._spots.take(shown))

    def _any_of(self, lists: Mapping[ListName, tuple[NDArray[np.floating], Rows]]) -> Rows:
        """The rows that any list has, ascending."""
        is_listed = np.zeros(len(self), np.bool_)
        for _, rows in lists.values():
            is_listed[rows] = True
        return np.flatnonzero(is_listed)

    def _lists(
        self, dense: Vector, terms: Mapping[int, int], limit: int, during: During
    ) -> dict[ListName, tuple[NDArray[np.floating], Rows]]:
        """By list, the scores of all entries, and the rows of the best."""
        cosines, words = dots(self._dense[: len(self)], dense), self._bm25.of(terms)
        scores: dict[ListName, tuple[NDArray[np.floating], float]] = {
            "dense": (cosines, LOWEST),
            "sparse": (words, LEAST),
        }
        said = None
        if self._is_of_turns:
            said = self._said(during)
            scores["dense_context"] = (self._line.means(cosines), LOWEST)
            scores["sparse_context"] = (self._bm25.around(terms, self._line), LEAST)
        return {name: (column, self._best(column, least, limit, said)) for name, (column, least) in scores.items()}

    def _said(self, during: During) -> NDArray[np.bool_] | None:
        """Which turns were said then; None for all. One without a place was said at no time."""
        if during == ALWAYS or (during.begin is None and during.end is not None and during.end >= self._end):
            return None  # nearly every question is about all that was said until now
        said: NDArray[np.bool_] = self._spots["is_known"].copy()
        if during.begin is not None:
            said &= self._spots["at"] >= during.begin
        if during.end is not None:
            said &= self._spots["at"] < during.end
        return said

    def _best(
        self, scores: NDArray[np.floating], least: float, limit: int, among: NDArray[np.bool_] | None = None
    ) -> Rows:
        """The rows of the best `limit` entries with at least this score; of equal ones, the first by id."""
        if among is not None:
            scores = np.where(among, scores, -np.inf)
        bar = max(_nth_best(scores, limit), least)
        rows = np.flatnonzero(scores >= bar)
        if len(rows) > limit:
            over = rows[scores[rows] > bar]
            equal = sorted(rows[scores[rows] == bar].tolist(), key=self._ids.__getitem__)
            rows = np.append(over, np.array(equal[: limit - len(over)], np.intp))
        return rows


def _end_of(spots: Spots) -> float:
    """A moment after all that was said; infinite where nobody knows when something was."""
    return float(spots["at"].max()) + 1 if len(spots) and spots["is_known"].all() else math.inf


def _place(spot: Spots, sessions: Sequence[str]) -> Place:
    """A row of `SPOT` as a place."""
    session, index, at, is_users, asks, _ = spot.item()
    return Place(session=sessions[session], index=index, at=at, is_users=is_users, asks=asks)


def _nth_best(scores: NDArray[np.floating], n: int) -> float:
    if len(scores) <= n:
        return float(scores.min())
    return float(np.partition(scores, -n)[-n])
