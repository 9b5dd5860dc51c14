"""Turns against each other: the blend of the lists that found them, column by column. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.retrieval.rank import INDEX_LISTS, Ranked, share_of_full

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.memory.retrieval.candidates import Candidates, Scores
    from treering.memory.retrieval.rank import Placing
    from treering.schemas.recall import ListName

JUDGED = 10
"""Turns, best first, of which the most relevant says how relevant they are."""


class Contest:
    """Every list over its best, added up by weight.

    Min-max of lists that are cut measured .04 lower, and rank fusion .06.

    Args:
        candidates: The turns, with what each list says of them.
        weights: What each list counts, and each cue. One that counts nothing brings no candidate.
        limit: Length of a list that was cut: what is missing there counts as its last, elsewhere nothing.
    """

    def __init__(self, candidates: Candidates, weights: Mapping[ListName, float], *, limit: int) -> None:
        self._candidates = candidates
        self._weights = weights
        self._counted = [name for name in candidates.scores if weights.get(name) and candidates.has(name).any()]
        self._cues: dict[ListName, Scores] = {}
        self._scores = np.zeros(len(candidates))
        self._takes_part = np.zeros(len(candidates), np.bool_)
        for source in self._counted:
            self._takes_part |= candidates.has(source)
            self._scores += weights[source] * candidates.shares(source, cut_at=limit)

    def __len__(self) -> int:
        return int(np.count_nonzero(self._takes_part))

    def cue(self, source: ListName, shares: Scores) -> None:
        """Add what candidates have of a cue, each 0 to 1, shape (candidates,)."""
        weight = self._weights.get(source)
        if weight:
            self._cues[source] = shares
            self._scores += weight * shares

    def bring(self, source: ListName, pairs: Sequence[tuple[str, float]]) -> None:
        """Add a list whose scores are 0 to 1, with the candidates that it alone has."""
        weight = self._weights.get(source)
        if not weight or not pairs:
            return
        grown = self._candidates.with_list(source, pairs)
        more = np.zeros(len(grown) - len(self._candidates))
        self._candidates = grown
        self._counted.append(source)
        self._cues = {name: np.append(shares, more) for name, shares in self._cues.items()}
        self._takes_part = np.append(self._takes_part, more > 0) | grown.has(source)
        self._scores = np.append(self._scores, more) + weight * np.nan_to_num(grown.scores[source])

    def best(self, count: int, *, explains: bool = False) -> list[Ranked]:
        """The best turns, best first; ties by ref. Their scores mean something: 0 to 1, for one floor to hold.

        The best one gets what the most relevant of the first `JUDGED` has of the lists of an index, each normalised to
        what it means; the others the square of their part of that, so that a floor keeps the tail out.

        Args:
            count: How many.
            explains: Whether to say by which lists they were found.
        """
        first = self._first(count)
        if not first:
            return []
        total = sum(self._weights.get(source, 0.0) for source in INDEX_LISTS)
        relevances = [self._relevance(row) for _, _, row in first[:JUDGED]]
        top = min(1.0, max(relevances) / total) if total else 0.0
        best = -first[0][0]
        places = self._places([(ref, row) for _, ref, row in first]) if explains else {}
        return [
            Ranked(
                ref=ref,
                score=top * (max(0.0, -negative) / best) ** 2 if best > 0 else 0.0,
                places=places.get(ref, ()),
            )
            for negative, ref, _ in first
        ]

    def _first(self, count: int) -> list[tuple[float, str, int]]:
        """Negative score, ref and row of the best."""
        rows = np.flatnonzero(self._takes_part)
        if 0 < count < len(rows):
            scores = self._scores[rows]
            rows = rows[scores >= np.partition(scores, -count)[-count]]
        refs = self._candidates.refs
        return sorted((-self._scores[row].item(), refs[row], row) for row in rows.tolist())[: max(count, 0)]

    def _relevance(self, row: int) -> float:
        told = ((source, self._candidates.scores[source][row].item()) for source in self._counted)
        return sum(
            self._weights[source] * share_of_full(source, score)
            for source, score in told
            if source in INDEX_LISTS and not math.isnan(score)
        )

    def _places(self, first: Sequence[tuple[str, int]]) -> dict[str, tuple[Placing, ...]]:
        ranks = {source: self._candidates.ranks(source) for source in self._counted}
        return {
            ref: (
                *((source, *found[ref], self._weights[source]) for source, found in ranks.items() if ref in found),
                *((cue, 1, has[row].item(), self._weights[cue]) for cue, has in self._cues.items() if has[row]),
            )
            for ref, row in first
        }
