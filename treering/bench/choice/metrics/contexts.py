"""Marks of contexts: what of the gold stands in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.bench.score import Marks, recall

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
            values={CONTEXT_RECALL: recall(asked.turns, right.evidence)},
        )
        for one in heard
        for asked in one.asked
        if (right := key.get((one.conversation, asked.question))) is not None and right.evidence
    ]
