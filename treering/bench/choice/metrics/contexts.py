"""Marks of contexts: what of the gold stands in them, how far in front, among how much else, and what it took."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

from treering.bench.gold.answers import RightText
from treering.bench.gold.choices import RightChoice
from treering.bench.score import MILLISECONDS, TURNS_BEFORE, Marks, ndcg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from treering.bench.choice.folder import Heard, Recalled
    from treering.bench.gold.answers import AnswerSheet

CONTEXT_RECALL = "context_recall"
CONTEXT_PRECISION = "context_precision"
CONTEXT_NDCG = "context_ndcg@10"
GOLD_METRICS = (CONTEXT_RECALL, CONTEXT_PRECISION, CONTEXT_NDCG)
"""Of questions whose suite names the evidence."""

CONTEXT_TOKENS = "context_tokens"
_FRONT = 10
"""Turns of a context that count as its front."""


def context_marks(heard: Sequence[Heard], key: AnswerSheet) -> Iterator[Marks]:
    """What each context took, and where the suite names the evidence, what of it stands there.

    `context_recall` is the share of the evidence that the context rests on, `context_precision` the share of its turns
    that are evidence, and `context_ndcg@10` tells whether they stand in front, where a system tells the order.
    """
    for one in heard:
        for asked in one.asked:
            right = key.get((one.conversation, asked.question))
            if isinstance(right, RightText | RightChoice):
                yield Marks(
                    conversation=one.conversation,
                    question=asked.question,
                    category=right.type,
                    values=_taken(asked) | _found(asked, right),
                    cluster=right.cluster,
                )


def _taken(asked: Recalled) -> dict[str, float]:
    """What a context takes; how much was said before is not known of folders that older versions wrote."""
    before = {} if asked.turns_before is None else {TURNS_BEFORE: float(asked.turns_before)}
    return {MILLISECONDS: asked.seconds * 1_000, CONTEXT_TOKENS: asked.tokens} | before


def _found(asked: Recalled, right: RightText | RightChoice) -> dict[str, float]:
    needed = _needed(right)
    if not needed:
        return {}
    gold = frozenset[str]().union(*needed)
    found = {CONTEXT_RECALL: fmean(not turns.isdisjoint(asked.turns) for turns in needed)}
    if asked.turns:
        found[CONTEXT_PRECISION] = len(gold.intersection(asked.turns)) / len(asked.turns)
    if asked.order or not asked.turns:
        found[CONTEXT_NDCG] = ndcg(asked.order, gold, _FRONT)
    return found


def _needed(right: RightText | RightChoice) -> list[frozenset[str]]:
    """The things that an answer rests on: of each the turns that say it, one of which is enough."""
    return [*(frozenset({turn}) for turn in right.evidence), *(right.aspects if isinstance(right, RightText) else ())]
