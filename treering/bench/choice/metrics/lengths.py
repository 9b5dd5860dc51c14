"""How much the length of options gives away at most: the best rule of length for each type of question."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from treering.bench.choice.metrics.options import ACCURACY
from treering.bench.gold.choices import RightChoice
from treering.bench.samples import Question

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from treering.bench.gold.answers import AnswerSheet
    from treering.bench.samples import Conversation

BEST_LENGTH_RULE = "best-length-rules"
"""Stands below the systems; it is none: its rules are chosen with the answer key open."""


def best_length_rules(conversations: Iterable[Conversation], key: AnswerSheet) -> dict[str, float]:
    """The accuracy of taking always the n-th shortest or longest option, whichever is best for each type of question.

    The rules are fitted on the very questions that they are scored on, so this is a bound from above of what length
    gives away, and nothing that could be had without the answer key.
    """
    places: dict[str, list[list[bool]]] = defaultdict(list)
    for conversation in conversations:
        for step in conversation.steps:
            right = key.get((conversation.id, step.id)) if isinstance(step, Question) else None
            if isinstance(step, Question) and isinstance(right, RightChoice):
                places[right.type].append(_hits(step.options, right.option))
    if not places:
        return {}
    best = {kind: max(map(sum, zip(*hits, strict=False))) for kind, hits in places.items()}
    asked = sum(map(len, places.values()))
    of_types = {f"{ACCURACY}:{kind}": best[kind] / len(places[kind]) for kind in sorted(places)}
    return {ACCURACY: sum(best.values()) / asked, **of_types, "questions": asked}


def _hits(options: Sequence[str], right: int) -> list[bool]:
    """Of the rule of each place, from the shortest on and from the longest, whether it takes the right option.

    Of options of one length each takes the first, so that the rule of the longest option is one of them.
    """
    shortest = sorted(range(len(options)), key=lambda option: len(options[option]))
    longest = sorted(range(len(options)), key=lambda option: -len(options[option]))
    return [option == right for option in (*shortest, *longest)]
