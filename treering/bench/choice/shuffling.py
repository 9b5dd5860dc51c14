"""Puts options in an order that a seed decides, so that no place in the list is right more often than another."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from treering.bench.samples import Conversation, Question

if TYPE_CHECKING:
    from collections.abc import Sequence


def option_order(text: str, options: Sequence[str], seed: int) -> tuple[int, ...]:
    """Where the options of a question stood before, in the order in which they stand now.

    It is decided by the words of question and options alone, so that people who are asked the same see the same order.

    Example:
        >>> sorted(option_order("Tea or coffee?", ["tea", "coffee", "milk"], seed=1))
        [0, 1, 2]
    """
    return tuple(sorted(range(len(options)), key=lambda place: _digest(str(seed), text, options[place], *options)))


def shuffled(conversation: Conversation, seed: int) -> Conversation:
    """A conversation whose questions have their options in the order of a seed."""
    return replace(
        conversation,
        steps=tuple(_shuffled(step, seed) if isinstance(step, Question) else step for step in conversation.steps),
    )


def _shuffled(question: Question, seed: int) -> Question:
    order = option_order(question.text, question.options, seed)
    return replace(question, options=tuple(question.options[place] for place in order))


def _digest(*words: str) -> bytes:
    return hashlib.sha256("\0".join(words).encode()).digest()
