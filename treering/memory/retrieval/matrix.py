"""Exact search over the entries of one kind in one scope: a matrix of vectors, and BM25 beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.retrieval.bm25 import Bm25, Counts, Terms
from treering.memory.retrieval.hits import ALWAYS, During, Hits, Place
from treering.memory.retrieval.speech_line import SpeechLine
from treering.memory.retrieval.vector import Vector, dots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

GROWTH = 1.5
"""How much larger a full matrix is made, so that single rows are cheap to append; the system gives memory for rows in
use only."""

LOWEST = -2.0
"""Below every cosine, above the minus infinity of entries that are left out."""

LEAST = float(np.nextafter(0, 1))
"""The smallest score of an entry with a term of the query; others have zero."""

ENTRY_BYTES = 160
"""Memory of an entry's id, roughly, in bytes."""

PLACE_BYTES = 120
"""Memory of a turn's place, likewise; names of sessions are shared."""


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
        self._places: list[Place | None] = []
        self._at = np.empty(0)
        self._line = SpeechLine()

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def nbytes(self) -> int:
        """Memory in use, in bytes."""
        of_entries = len(self) * ENTRY_BYTES + len(self._places) * PLACE_BYTES + self._at.nbytes + self._line.nbytes
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
            at = [np.nan if place is None else place.at for place in block.places]
            self._places.extend(block.places)
            self._at = np.concatenate([self._at, at])
            self._line.add(block.places)

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Drop the entries whose place in `kept` is false."""
        self._dense = self._dense[: len(self)][kept]
        self._ids = [name for name, stays in zip(self._ids, kept, strict=True) if stays]
        self._bm25.keep(kept)
        if self._is_of_turns:
            self._places = [place for place, stays in zip(self._places, kept, strict=True) if stays]
            self._at = self._at[kept]
            self._line.keep(kept)

    def search(self, dense: Vector, terms: Mapping[int, int], *, limit: int, during: During = ALWAYS) -> Hits:
        """The best `limit` entries of each list; see `VectorIndex.search`."""
        if not self._ids or limit < 1:
            return Hits()
        cosines, scores = dots(self._dense[: len(self)], dense), self._bm25.of(terms)
        if not self._is_of_turns:
            return Hits(dense=self._best(cosines, LOWEST, limit), sparse=self._best(scores, LEAST, limit))
        said = self._said(during)
        around = self._bm25.around(terms, self._line)
        places: dict[str, Place] = {}
        return Hits(
            dense=self._best(cosines, LOWEST, limit, said, places),
            sparse=self._best(scores, LEAST, limit, said, places),
            dense_context=self._best(self._line.means(cosines), LOWEST, limit, said, places),
            sparse_context=self._best(around, LEAST, limit, said, places),
            places=places,
        )

    def _said(self, during: During) -> NDArray[np.bool_] | None:
        """Which turns were said then; None for all. One without a place was said at no time."""
        if during == ALWAYS:
            return None
        begin = -np.inf if during.begin is None else during.begin
        end = np.inf if during.end is None else during.end
        said: NDArray[np.bool_] = (begin <= self._at) & (self._at < end)
        return said

    def _best(
        self,
        scores: NDArray[np.floating],
        least: float,
        limit: int,
        among: NDArray[np.bool_] | None = None,
        places: dict[str, Place] | None = None,
    ) -> tuple[tuple[str, float], ...]:
        """The best `limit` entries with at least this score; their places are added to `places`."""
        if among is not None:
            scores = np.where(among, scores, -np.inf)
        rows = np.flatnonzero(scores >= max(_nth_best(scores, limit), least)).tolist()
        names = [self._ids[row] for row in rows]
        if places is not None:
            for name, row in zip(names, rows, strict=True):
                place = self._places[row]
                if place is not None:
                    places[name] = place
        found = sorted(zip((-scores[rows]).tolist(), names, strict=True))
        return tuple([(name, -score) for score, name in found[:limit]])


def _nth_best(scores: NDArray[np.floating], n: int) -> float:
    if len(scores) <= n:
        return float(scores.min())
    return float(np.partition(scores, -n)[-n])
