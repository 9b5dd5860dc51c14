"""Marks of questions that have options: which one was taken, and of what kind the mistakes are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.bench.score import Marks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from treering.bench.gold.choices import ChoiceKey

ACCURACY = "accuracy"


def option_marks(taken: Mapping[tuple[str, str], int | None], key: ChoiceKey) -> list[Marks]:
    """The marks of the questions that were answered; `accuracy` is 0 or 1."""
    return [
        Marks(
            conversation=conversation,
            question=question,
            category=key[conversation, question].type,
            values={ACCURACY: float(option == key[conversation, question].option)},
            cluster=key[conversation, question].cluster,
        )
        for (conversation, question), option in taken.items()
    ]


def option_rates(taken: Mapping[tuple[str, str], int | None], key: ChoiceKey) -> dict[str, list[bool]]:
    """What else can be said of the options that were taken, each over the questions that it is about."""
    pairs = [(option, key[at]) for at, option in taken.items()]
    return {
        "unreadable": [option is None for option, _ in pairs],
        "stale": [option in right.stale for option, right in pairs if right.stale and not right.is_forgotten],
        "forget_compliance": [option not in right.stale for option, right in pairs if right.is_forgotten],
        "abstained_rightly": [option == right.option for option, right in pairs if right.option == right.abstain],
        "abstained_wrongly": [
            option == right.abstain
            for option, right in pairs
            if right.abstain is not None and right.option != right.abstain
        ],
    }
