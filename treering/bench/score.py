"""Scores rankings against the answer key, with standard errors that know that questions on one conversation agree."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import chain
from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from treering.bench.asking import Answer, Answers
    from treering.bench.gold.key import AnswerKey, Target

MILLISECONDS = "ms"
"""Of a single question, beside the scores of its answer."""

TURNS_BEFORE = "turns_before"
"""How long a history was when the question was asked."""

CUTS = (5, 10, 20)
"""Lengths of the part of a ranking that recall is measured on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The numbers of one question."""

    conversation: str
    question: str
    category: str
    values: Mapping[str, float]
    """By metric."""
    cluster: str = ""
    """What it shares with other questions, where that is not the conversation; empty where it is."""

    @property
    def together(self) -> str:
        """The cluster, by which standard errors and resamples go."""
        return self.cluster or self.conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """A mean over questions with its standard error, clustered by conversation."""

    mean: float
    error: float


def mark(answers: Answers, key: AnswerKey) -> list[Marks]:
    """The numbers of every question that the key knows."""
    return [
        _mark(one, key[one.conversation, one.question])
        for one in answers.answers
        if (one.conversation, one.question) in key
    ]


def _mark(answer: Answer, target: Target) -> Marks:
    values = {f"recall@{cut}": recall(answer.ranking[:cut], target.turns) for cut in CUTS}
    values["ndcg@10"] = ndcg(answer.ranking, target.turns, 10)
    values["context_recall"] = recall(answer.context.turns, target.turns)
    values["context_tokens"] = answer.context.tokens
    values |= {MILLISECONDS: answer.seconds * 1_000, TURNS_BEFORE: answer.turns_before}
    return Marks(
        conversation=answer.conversation,
        question=answer.question,
        category=target.category,
        values=values,
        cluster=target.cluster,
    )


def having(marks: Iterable[Marks], metric: str) -> list[Marks]:
    """The marks of the questions that have a number of this metric."""
    return [one for one in marks if metric in one.values]


def merged(*lists: Iterable[Marks]) -> tuple[Marks, ...]:
    """One mark a question, with the numbers of all lists."""
    found: dict[tuple[str, str], Marks] = {}
    for one in chain.from_iterable(lists):
        at = (one.conversation, one.question)
        found[at] = replace(one, values={**found[at].values, **one.values}) if at in found else one
    return tuple(found.values())


def recall(found: Collection[str], gold: frozenset[str]) -> float:
    """The share of the gold that was found."""
    return len(gold.intersection(found)) / len(gold)


def ndcg(ranking: Sequence[str], gold: frozenset[str], cut: int) -> float:
    """Normalised discounted cumulative gain of the best `cut` of a ranking of distinct turns; gains are 0 and 1.

    Example:
        >>> round(ndcg(["a", "b"], frozenset({"b"}), 10), 2)
        0.63
    """
    gained = sum(_gain(place) for place, turn in enumerate(ranking[:cut]) if turn in gold)
    return gained / sum(_gain(place) for place in range(min(len(gold), cut)))


def _gain(place: int) -> float:
    """What a hit at a place is worth, counted from 0."""
    return 1 / math.log2(place + 2)


def mean(marks: Iterable[Marks], metric: str) -> Mean:
    """The mean of a metric over questions."""
    return _clustered([(one.together, one.values[metric]) for one in marks])


def difference(ours: Iterable[Marks], theirs: Iterable[Marks], metric: str) -> Mean:
    """The mean difference of two systems on the same questions, question by question."""
    other = {(one.conversation, one.question): one.values[metric] for one in theirs}
    return _clustered([(one.together, one.values[metric] - other[one.conversation, one.question]) for one in ours])


def by_category(marks: Iterable[Marks]) -> dict[str, list[Marks]]:
    """The marks of each category of questions, by name."""
    found: dict[str, list[Marks]] = defaultdict(list)
    for one in marks:
        found[one.category].append(one)
    return dict(sorted(found.items()))


def _clustered(values: Sequence[tuple[str, float]]) -> Mean:
    """The mean and its cluster-robust standard error, with the usual correction for few clusters (Miller 2024)."""
    if not values:
        return Mean(mean=math.nan, error=math.nan)
    centre = fmean(value for _, value in values)
    sums: dict[str, float] = defaultdict(float)
    for cluster, value in values:
        sums[cluster] += value - centre
    if len(sums) == 1:  # nothing is known about how conversations differ
        return Mean(mean=centre, error=math.nan)
    spread = sum(one**2 for one in sums.values()) * len(sums) / (len(sums) - 1)
    return Mean(mean=centre, error=math.sqrt(spread) / len(values))
