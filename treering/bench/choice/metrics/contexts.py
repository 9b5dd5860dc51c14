"""Marks of contexts: what of the gold stands in them."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

from treering.bench.gold.answers import RightText
from treering.bench.gold.choices import RightChoice
from treering.bench.score import Marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.bench.choice.folder import Heard
    from treering.bench.gold.answers import AnswerSheet

CONTEXT_RECALL = "context_recall"


def context_marks(heard: Sequence[Heard], key: AnswerSheet) -> list[Marks]:
    """The marks of the questions whose evidence the suite names; `context_recall` is the share of it in the context."""
    return [
        Marks(
            conversation=one.conversation,
            question=asked.question,
            category=right.type,
            values={CONTEXT_RECALL: fmean(not turns.isdisjoint(asked.turns) for turns in needed)},
        )
        for one in heard
        for asked in one.asked
        if isinstance(right := key.get((one.conversation, asked.question)), RightText | RightChoice)
        and (needed := _needed(right))
    ]


def _needed(right: RightText | RightChoice) -> list[frozenset[str]]:
    """The things that an answer rests on: of each the turns that say it, one of which is enough."""
    return [*(frozenset({turn}) for turn in right.evidence), *(right.aspects if isinstance(right, RightText) else ())]
