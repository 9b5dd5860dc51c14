"""The turns among which a question chooses, in columns: what each list says of them, and where they were said. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.memory.retrieval.hits import Hits, Place
    from treering.schemas.recall import ListName

SPOT = np.dtype([("session", "i8"), ("index", "i8"), ("at", "i8"), ("is_users", "?"), ("asks", "?"), ("is_known", "?")])
"""Where and when a turn was said: a `Place` whose session is a number, and whether there is one."""

Scores = NDArray[np.float64]
Spots = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Turns, each once, with a column for each list that looked for them.

    Seven hundred candidates as Python objects cost as much as finding them among ten thousand; as columns they cost
    next to nothing.
    """

    refs: Sequence[str] = ()
    """Their ids."""
    scores: Mapping[ListName, Scores] = field(default_factory=dict)
    """Per list, its own scores, shape (candidates,); not a number where the list has not got the candidate."""
    spots: Spots = field(default_factory=lambda: np.zeros(0, SPOT))
    """Where each was said, shape (candidates,)."""

    @classmethod
    def of(cls, hits: Hits) -> Candidates:
        """Those of lists by id."""
        lists: dict[ListName, Sequence[tuple[str, float]]] = {
            "dense": hits.dense,
            "sparse": hits.sparse,
            "dense_context": hits.dense_context,
            "sparse_context": hits.sparse_context,
        }
        rows = {ref: row for row, ref in enumerate(dict.fromkeys(ref for pairs in lists.values() for ref, _ in pairs))}
        sessions: dict[str, int] = {}
        spots = np.zeros(len(rows), SPOT)
        for ref, row in rows.items():
            spots[row] = spot_of(hits.places.get(ref), sessions)
        scores = {source: _column(pairs, rows) for source, pairs in lists.items()}
        return cls(refs=tuple(rows), scores=scores, spots=spots)

    def __len__(self) -> int:
        return len(self.refs)

    def has(self, source: ListName) -> NDArray[np.bool_]:
        """Which candidates a list has."""
        column = self.scores.get(source)
        return np.zeros(len(self), np.bool_) if column is None else ~np.isnan(column)

    def shares(self, source: ListName, *, cut_at: int | None = None) -> Scores:
        """A list over its best, 0 to 1, shape (candidates,).

        Args:
            source: The list.
            cut_at: Length of a list that was cut: what is missing there counts as its last, elsewhere nothing.
        """
        found = self.has(source)
        shares = np.zeros(len(self))
        listed = np.maximum(self.scores[source][found], 0.0) if found.any() else shares[:0]
        best = listed.max(initial=0.0)
        if best > 0:
            shares[:] = listed.min() / best if cut_at is not None and len(listed) >= cut_at else 0.0
            shares[found] = listed / best
        return shares

    def with_list(self, source: ListName, pairs: Sequence[tuple[str, float]]) -> Candidates:
        """The same with one more list, and the candidates that it alone has: nobody knows where those were said."""
        rows = {ref: row for row, ref in enumerate(self.refs)}
        for ref, _ in pairs:
            rows.setdefault(ref, len(rows))
        grown = len(rows) - len(self)
        scores = {name: np.append(column, np.full(grown, np.nan)) for name, column in self.scores.items()}
        spots = np.concatenate([self.spots, np.zeros(grown, SPOT)])
        return Candidates(refs=tuple(rows), scores={**scores, source: _column(pairs, rows)}, spots=spots)

    def ranks(self, source: ListName) -> dict[str, tuple[int, float]]:
        """Rank, from 1, and score of what a list has; equal scores in the order of ids."""
        column = self.scores[source].tolist()
        found = sorted((-score, ref) for ref, score in zip(self.refs, column, strict=True) if not math.isnan(score))
        return {ref: (rank, -score) for rank, (score, ref) in enumerate(found, start=1)}


def spot_of(place: Place | None, sessions: dict[str, int]) -> tuple[int, int, int, bool, bool, bool]:
    """A row of `SPOT`; `sessions` numbers the sessions, and grows."""
    if place is None:
        return (0, 0, 0, False, False, False)
    session = sessions.setdefault(place.session, len(sessions))
    return (session, place.index, place.at, place.is_users, place.asks, True)


def _column(pairs: Sequence[tuple[str, float]], rows: Mapping[str, int]) -> Scores:
    column = np.full(len(rows), np.nan)
    for ref, score in pairs:
        column[rows[ref]] = score
    return column
