"""Blends the lists that found a candidate into one score. Pure.

A linear blend of normalised scores, since rank fusion of the same lists measured .06 lower in recall@10 on LoCoMo.
Scores are normalised to what they mean, not to the best of the list: the best of nothing relevant stays low, so
one floor keeps irrelevant memory out of a prompt.

The numbers for claims were set, with MiniLM and the core trunk, on the people nora and viktor of
`tests/unit/memory/recall_cases.yaml`: recall .93 and precision .97 of what matters for a question, and no line for an
unrelated request; on yusuf, whom they were not set on, .83 and .91. A step either way (weight of `tree` .35 to .60,
floor .25 to .35) costs at most .04. `python tests/unit/memory/test_recall_quality.py` prints it all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import nsmallest
from typing import TYPE_CHECKING

from treering.schemas.recall import Found, ListName

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

CLAIM_WEIGHTS: Mapping[ListName, float] = {"dense": 0.40, "tree": 0.45, "sparse": 0.15}
"""What each list counts for a claim; they sum to 1.

`tree`, the match of question and slot, counts most: it alone sees that a dinner concerns an allergy, so a full match
has to pass the floor by itself, while a likeness of words has to be strong to.
"""

TURN_WEIGHTS: Mapping[ListName, float] = {
    "dense": 0.5,
    "sparse": 0.4,
    "dense_context": 1.0,
    "sparse_context": 1.0,
    "speaker": 0.8,
    "opening": 0.5,
    "time": 1.0,
    "asking": -0.2,
    "reply": 0.28,
    "recency": 0.5,
    "summary": 0.0,
    "graph": 0.0,
    "reranker": 0.5,
}
"""What each list counts for a turn, and each cue of `cues`.

Set on the development halves of LoCoMo and RealMem, all of them round numbers on a plateau: half or twice as much of
any one costs at most .01 within ten, but for `opening`, on which RealMem rests (docs/recall.md has the table).
`summary`, the way down the summary tree, and `graph`, walks over the entity-passage graph, add nothing there that is
more than chance, so they are not looked at; `treering bench recall --ablate` says what they would do. `reranker` is the
share of a cross-encoder in the final score, where there is one.
"""

INDEX_LISTS: tuple[ListName, ...] = ("dense", "sparse", "dense_context", "sparse_context")
"""The lists of an index, which alone say how much a turn has to do with a question."""

OWN_LISTS: tuple[ListName, ...] = ("dense", "sparse")
"""Those of them that look at a text by itself."""

JUDGED = 10
"""Turns, best first, of which the most relevant says how relevant they are."""

FULL_MARKS: Mapping[ListName, float] = {"sparse": 8.0, "sparse_context": 12.0}
"""BM25 that counts as 1 at least: about two rare words in common. Below it a best hit is not made to look good."""

RELEVANCE_FLOOR = 0.30
"""Blended score under which a claim stays out: the requests that concern nobody reach .23 at most."""

SPECIAL_FLOOR = 0.40
"""The same for claims of `special` slots: they enter a prompt only when the question concerns them."""

LEAST_FLOOR = 0.10
"""Under which no floor lets a claim through."""

DIRECT_FLOOR = 0.25
"""From here up a question is about a claim in its own words, whatever slot it is in: what is special may be shown."""

TURN_FLOOR = 0.20
"""The same for a turn, which no slot speaks for; see `Contest.best`.

On 100 questions of LoCoMo, with a budget of 1,500 tokens: .848 of the gold turns are in the context, which costs 920
tokens, and a request that has nothing to do with the person brings 2.8 lines; with .25 it is .800, 692 and 1.5. Without
the square: .856, 1,416 and 6.8.
"""

FADED = 0.5
"""Least factor that age leaves of a claim's score; decay lowers a rank, it never deletes."""

_SECONDS_A_DAY = 86_400


Lists = Mapping[ListName, Sequence[tuple[str, float]]]
"""Per list (ref, score), best first."""

Placing = tuple[ListName, int, float, float]
"""How a list found a candidate: the list, rank, the list's own score, weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What each list counts in the blend; a list that is not named counts nothing.

    Example:
        >>> Weights().without("speaker").turns["speaker"]
        0.0
    """

    claims: Mapping[ListName, float] = field(default_factory=lambda: CLAIM_WEIGHTS)
    turns: Mapping[ListName, float] = field(default_factory=lambda: TURN_WEIGHTS)

    def without(self, *lists: ListName) -> Weights:
        """The same, as if these lists did not exist: for an ablation."""
        nothing = dict.fromkeys(lists, 0.0)
        return replace(self, claims={**self.claims, **nothing}, turns={**self.turns, **nothing})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A candidate with its blended score."""

    ref: str
    score: float
    places: tuple[Placing, ...] = ()
    """Per list that found it."""

    @property
    def found_by(self) -> tuple[Found, ...]:
        """The same as it is shown; made for the lines that are, not for every candidate."""
        return tuple(
            Found(source=source, rank=rank, score=score, weight=weight) for source, rank, score, weight in self.places
        )

    def scaled(self, factor: float) -> Ranked:
        """The same with a part of its score."""
        return replace(self, score=self.score * factor)

    def with_(self, source: ListName, score: float, weight: float, *, rank: int = 1) -> Ranked:
        """The same, found by one more list whose score is 0 to 1."""
        place = (source, rank, score, weight)
        return Ranked(ref=self.ref, score=self.score + weight * score, places=(*self.places, place))


def blend(lists: Lists, weights: Mapping[ListName, float], *, least: float = 0.0) -> list[Ranked]:
    """Candidates of any list, best first; ties by ref, so that the order is the same everywhere.

    Args:
        lists: Per list (ref, score), best first, with the list's own scores.
        weights: What each list counts. One that counts nothing brings no candidates.
        least: Score from which a candidate is worth showing.
    """
    counted = {source: pairs for source, pairs in lists.items() if pairs and weights.get(source)}
    blended: dict[str, float] = {}
    for source, pairs in counted.items():
        weight, top = weights[source], max(score for _, score in pairs)
        for ref, score in pairs:
            blended[ref] = blended.get(ref, 0.0) + weight * _normal(source, score, top)
    places: dict[str, list[Placing]] = {ref: [] for ref, score in blended.items() if score >= least}
    for source, pairs in counted.items():
        for rank, (ref, score) in enumerate(pairs, start=1):
            if ref in places:
                places[ref].append((source, rank, score, weights[source]))
    return best_first(Ranked(ref=ref, score=blended[ref], places=tuple(found)) for ref, found in places.items())


class Contest:
    """Turns against each other: every list over its best, added up by weight.

    Min-max of lists that are cut measured .04 lower, and rank fusion .06.

    Args:
        lists: Per list (message id, score), best first.
        weights: What each list counts, and each cue.
        limit: Length of a list that was cut: what is missing there counts as its last, elsewhere nothing.
    """

    def __init__(self, lists: Lists, weights: Mapping[ListName, float], *, limit: int) -> None:
        self._weights = weights
        self._lists = {source: pairs for source, pairs in lists.items() if pairs and weights.get(source)}
        self._cues: dict[ListName, Mapping[str, float]] = {}
        # Every candidate has what a cut list gives to those that it misses, and those that it has get the rest.
        lasts = {source: _last_share(pairs, limit) for source, pairs in self._lists.items()}
        missed = sum(weights[source] * last for source, last in lasts.items())
        self._scores = dict.fromkeys((ref for pairs in self._lists.values() for ref, _ in pairs), missed)
        for source, pairs in self._lists.items():
            weight, last, best = weights[source], lasts[source], max(pairs[0][1], 0.0)
            for ref, score in pairs if best else ():
                self._scores[ref] += weight * (max(score, 0.0) / best - last)

    def __len__(self) -> int:
        return len(self._scores)

    def cue(self, source: ListName, shares: Mapping[str, float]) -> None:
        """Add what candidates have of a cue, each 0 to 1; others that have it become none."""
        weight = self._weights.get(source, 0.0)
        if weight:
            self._cues[source] = shares
            for ref in self._scores.keys() & shares.keys():
                self._scores[ref] += weight * shares[ref]

    def bring(self, source: ListName, pairs: Sequence[tuple[str, float]]) -> None:
        """Add a list whose scores are 0 to 1, with the candidates that it alone has."""
        self._lists[source] = pairs
        for ref, score in pairs:
            self._scores[ref] = self._scores.get(ref, 0.0) + self._weights[source] * score

    def best(self, count: int) -> list[Ranked]:
        """The best turns, best first; ties by ref. Their scores mean something: 0 to 1, for one floor to hold.

        The best one gets what the most relevant of the first `JUDGED` has of the lists of an index, each normalised to
        what it means; the others the square of their part of that, so that a floor keeps the tail out.
        """
        first = nsmallest(count, ((-score, ref) for ref, score in self._scores.items()))
        wanted = {ref for _, ref in first}
        told: dict[ListName, dict[str, tuple[int, float]]] = {
            source: {ref: (rank, score) for rank, (ref, score) in enumerate(pairs, 1) if ref in wanted}
            for source, pairs in self._lists.items()
        }
        total = sum(self._weights.get(source, 0.0) for source in INDEX_LISTS)
        relevances = [self._relevance(ref, told) for _, ref in first[:JUDGED]]
        top = min(1.0, max(relevances) / total) if relevances and total else 0.0
        best = -first[0][0] if first else 0.0
        return [
            Ranked(
                ref=ref,
                score=top * (max(0.0, -negative) / best) ** 2 if best > 0 else 0.0,
                places=(
                    *((source, *found[ref], self._weights[source]) for source, found in told.items() if ref in found),
                    *((source, 1, has[ref], self._weights[source]) for source, has in self._cues.items() if ref in has),
                ),
            )
            for negative, ref in first
        ]

    def _relevance(self, ref: str, told: Mapping[ListName, Mapping[str, tuple[int, float]]]) -> float:
        return sum(
            self._weights[source] * _normal(source, told[source][ref][1], 0.0)
            for source in INDEX_LISTS
            if source in told and ref in told[source]
        )


def _last_share(pairs: Sequence[tuple[str, float]], limit: int) -> float:
    """What the last of a list has of its best, where it was cut; 0 where nothing is missing."""
    best, last = pairs[0][1], pairs[-1][1]
    return max(last, 0.0) / best if len(pairs) >= limit and best > 0 else 0.0


def normal(pairs: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Scores over the best of them, 0 to 1."""
    best = max((score for _, score in pairs), default=0.0)
    return {ref: max(score, 0.0) / best for ref, score in pairs} if best > 0 else dict.fromkeys(dict(pairs), 0.0)


def directness(one: Ranked) -> float:
    """How much a text itself has to do with a question, whatever stands around it: 0 to 1."""
    told = ((source, score) for source, _, score, _ in one.places if source in OWN_LISTS)
    total = sum(TURN_WEIGHTS[source] for source in OWN_LISTS)
    return sum(TURN_WEIGHTS[source] * _normal(source, score, 0.0) for source, score in told) / total


def best_first(ranked: Iterable[Ranked]) -> list[Ranked]:
    """Sorted by score; equal scores in the order of refs."""
    return sorted(ranked, key=lambda one: (-one.score, one.ref))


def _normal(source: ListName, score: float, top: float) -> float:
    if source in FULL_MARKS:
        return min(1.0, score / max(top, FULL_MARKS[source]))
    return min(1.0, max(0.0, score))


def freshness(valid_from: datetime, as_of: datetime, half_life_days: float | None) -> float:
    """Factor for a claim's age: 1 for a slot that does not fade, else 2^(-age / half-life), at least `FADED`."""
    if half_life_days is None:
        return 1.0
    age_days = max(0.0, (as_of - valid_from).total_seconds() / _SECONDS_A_DAY)
    return max(FADED, math.exp2(-age_days / half_life_days))
