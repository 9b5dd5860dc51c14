"""The answer key of questions whose options were shuffled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from treering.bench.choice.shuffling import option_order
from treering.bench.gold.choices import RightChoice
from treering.bench.samples import Question

if TYPE_CHECKING:
    from collections.abc import Iterable

    from treering.bench.gold.answers import AnswerSheet
    from treering.bench.samples import Conversation


def shuffled_key(key: AnswerSheet, conversations: Iterable[Conversation], seed: int) -> AnswerSheet:
    """What is right once options stand in the order of a seed.

    Args:
        key: What is right as the authors put the options.
        conversations: With their questions, as the authors put the options.
        seed: The seed.
    """
    orders = {
        (conversation.id, step.id): option_order(step.text, step.options, seed)
        for conversation in conversations
        for step in conversation.steps
        if isinstance(step, Question)
    }
    return {
        at: _moved(right, orders[at]) if isinstance(right, RightChoice) and at in orders else right
        for at, right in key.items()
    }


def _moved(right: RightChoice, order: tuple[int, ...]) -> RightChoice:
    return replace(
        right,
        option=order.index(right.option),
        abstain=None if right.abstain is None else order.index(right.abstain),
        stale=frozenset(order.index(place) for place in right.stale),
    )
