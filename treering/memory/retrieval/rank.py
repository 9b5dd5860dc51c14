"""Blends the lists that found a candidate into one score. Pure.

A linear blend of normalised scores, since rank fusion of the same lists measured .06 lower in recall@10 on LoCoMo.
Scores are normalised to what they mean, not to the best of the list: the best of nothing relevant stays low, so
one floor keeps irrelevant memory out of a prompt.

The numbers for claims were set, with MiniLM and the core trunk, on the people nora and viktor of
`tests/unit/memory/recall_cases.yaml`: recall .92 and precision .97 of what matters for a question, and no line for an
unrelated request; on yusuf, whom they were not set on, .83 and .88. A step either way (weight of `tree` .35 to .60,
floor .25 to .35) costs at most .04. `python tests/unit/memory/test_recall_quality.py` prints it all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from treering.schemas.recall import Found, ListName

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from treering.schemas.claims import Origin

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
"""The same for a turn, which no slot speaks for; see `contest.Contest.best`.

On 100 questions of LoCoMo, with a budget of 1,500 tokens: .848 of the gold turns are in the context, which costs 920
tokens, and a request that has nothing to do with the person brings 2.8 lines; with .25 it is .800, 692 and 1.5. Without
the square: .856, 1,416 and 6.8.
"""

FADED = 0.5
"""Least factor that age leaves of a claim's score; decay lowers a rank, it never deletes."""

INFERRED = 0.9
"""Share of its score that a claim keeps that nobody said outright: it comes after an equal one that somebody did."""

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
        weight, full = weights[source], 1.0
        if source in FULL_MARKS:
            full = max(FULL_MARKS[source], *(score for _, score in pairs))
        for ref, score in pairs:  # `share_of_full`, without a call for each
            blended[ref] = blended.get(ref, 0.0) + weight * min(1.0, max(0.0, score / full))
    places: dict[str, list[Placing]] = {ref: [] for ref, score in blended.items() if score >= least}
    for source, pairs in counted.items():
        for rank, (ref, score) in enumerate(pairs, start=1):
            if ref in places:
                places[ref].append((source, rank, score, weights[source]))
    return best_first(Ranked(ref=ref, score=blended[ref], places=tuple(found)) for ref, found in places.items())


def directness(one: Ranked) -> float:
    """How much a text itself has to do with a question, whatever stands around it: 0 to 1."""
    told = ((source, score) for source, _, score, _ in one.places if source in OWN_LISTS)
    total = sum(TURN_WEIGHTS[source] for source in OWN_LISTS)
    return sum(TURN_WEIGHTS[source] * share_of_full(source, score) for source, score in told) / total


def best_first(ranked: Iterable[Ranked]) -> list[Ranked]:
    """Sorted by score; equal scores in the order of refs."""
    return sorted(ranked, key=lambda one: (-one.score, one.ref))


def share_of_full(source: ListName, score: float, top: float = 0.0) -> float:
    """What a list's own score means, 0 to 1; `top`, the best score of the list, counts as full where it is more."""
    if source in FULL_MARKS:
        return min(1.0, score / max(top, FULL_MARKS[source]))
    return min(1.0, max(0.0, score))


def freshness(valid_from: datetime, as_of: datetime, half_life_days: float | None) -> float:
    """Factor for a claim's age: 1 for a slot that does not fade, else 2^(-age / half-life), at least `FADED`."""
    if half_life_days is None:
        return 1.0
    age_days = max(0.0, (as_of - valid_from).total_seconds() / _SECONDS_A_DAY)
    return max(FADED, math.exp2(-age_days / half_life_days))


def standing(origin: Origin, fresh: float) -> float:
    """Factor for a claim's age and for who vouches for it.

    What a person confirmed does not fade, and so never falls behind an equal claim that nobody confirmed; what was
    inferred counts a little less than what was stated.

    Example:
        >>> standing("manual", 0.5), standing("stated", 0.5), standing("inferred", 0.5)
        (1.0, 0.5, 0.45)
    """
    if origin == "manual":
        return 1.0
    return fresh * INFERRED if origin == "inferred" else fresh
