"""Exact search over the entries of one scope: a matrix of vectors, and BM25 beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.retrieval.bm25 import Bm25, Counts, Terms
from treering.memory.retrieval.hits import EntryKind, Hits
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
"""Memory of an entry's id and kind, roughly, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Entries to append, in columns."""

    ids: Sequence[str]
    kinds: Sequence[EntryKind]
    dense: Vector
    """Unit vectors, shape (len(ids), dimension)."""
    terms: Terms
    """Terms of all entries, one entry after another."""
    counts: Counts
    """How often each of these occurs."""
    sizes: NDArray[np.int64]
    """How many terms each entry has."""


class EntryMatrix:
    """The entries of one scope, ready to be searched. Equal scores come in the order of ids.

    Scores do not depend on the order in which entries came, to the last bit. Not safe for several threads at once.

    Args:
        dimension: Length of a vector.
    """

    def __init__(self, dimension: int) -> None:
        self._ids: list[str] = []
        self._is_claim = np.empty(0, np.bool_)
        self._dense = np.empty((0, dimension), np.float32)
        self._bm25 = Bm25()

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def nbytes(self) -> int:
        """Memory in use, in bytes."""
        return self._dense[: len(self)].nbytes + self._bm25.nbytes + len(self) * ENTRY_BYTES

    def add(self, block: Block) -> None:
        """Append entries; their ids must be new."""
        before, after = len(self), len(self) + len(block.ids)
        if after > len(self._dense):
            roomy = np.empty((int(after * GROWTH), self._dense.shape[1]), np.float32)
            roomy[:before] = self._dense[:before]
            self._dense = roomy
        self._dense[before:after] = block.dense
        self._ids.extend(block.ids)
        self._is_claim = np.concatenate([self._is_claim, [kind == "claim" for kind in block.kinds]])
        self._bm25.add(block.terms, block.counts, block.sizes)

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Drop the entries whose place in `kept` is false."""
        self._dense = self._dense[: len(self)][kept]
        self._is_claim = self._is_claim[kept]
        self._ids = [name for name, stays in zip(self._ids, kept, strict=True) if stays]
        self._bm25.keep(kept)

    def search(self, dense: Vector, terms: Mapping[int, int], *, kind: EntryKind | None, limit: int) -> Hits:
        """The best `limit` entries of each list. The kind restricts what is found, not the document frequencies."""
        if not self._ids or limit < 1:
            return Hits()
        among = None if kind is None else self._is_claim == (kind == "claim")
        return Hits(dense=self._nearest(dense, among, limit), sparse=self._matching(terms, among, limit))

    def _nearest(self, query: Vector, among: NDArray[np.bool_] | None, limit: int) -> tuple[tuple[str, float], ...]:
        cosines = dots(self._dense[: len(self)], query)
        if among is not None:
            cosines = np.where(among, cosines, -np.inf)
        places = np.flatnonzero(cosines >= max(_nth_best(cosines, limit), LOWEST))
        return self._listed(places, cosines[places], limit)

    def _matching(
        self, terms: Mapping[int, int], among: NDArray[np.bool_] | None, limit: int
    ) -> tuple[tuple[str, float], ...]:
        scores = self._bm25.of(terms)
        if among is not None:
            scores *= among
        places = np.flatnonzero(scores >= max(_nth_best(scores, limit), LEAST))
        return self._listed(places, scores[places], limit)

    def _listed(
        self, places: NDArray[np.intp], scores: NDArray[np.floating], limit: int
    ) -> tuple[tuple[str, float], ...]:
        found = zip((self._ids[place] for place in places.tolist()), scores.tolist(), strict=True)
        return tuple(sorted(found, key=lambda hit: (-hit[1], hit[0]))[:limit])


def _nth_best(scores: NDArray[np.floating], n: int) -> float:
    if len(scores) <= n:
        return float(scores.min())
    return float(np.partition(scores, -n)[-n])
