"""Marks of questions that are answered freely: by their words, and by the verdicts of a judge where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.bench.choice.metrics.options import ACCURACY
from treering.bench.choice.metrics.wording import abstains, f1, has_all, is_exact
from treering.bench.score import Marks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from treering.bench.gold.answers import RightText

F1 = "f1"
EXACT = "exact"
CONTAINED = "contained"

_WORD_METRICS = (F1, EXACT, CONTAINED)
"""What words alone say; each is 1 where it is right to abstain and the answer does."""

ANSWERABLE = "accuracy_answerable"
"""The accuracy on questions that have an answer, where others have none: whoever always abstains has 0 of it."""

TEXT_METRICS = (ANSWERABLE, *_WORD_METRICS)
"""Beside the accuracy."""

Verdicts = dict[tuple[str, str], bool | None]
"""What a judge said of the answers to questions of a conversation; None: nothing that can be read."""


def text_marks(
    answers: Mapping[tuple[str, str], str], key: Mapping[tuple[str, str], RightText], verdicts: Verdicts | None
) -> list[Marks]:
    """The marks of the questions that could be scored; `accuracy` is 0 or 1.

    With a judge, the accuracy is its verdict, and 0 where that cannot be read; without, it is `contained`. What only a
    judge can score has no mark without its verdict.

    Args:
        answers: What was answered.
        key: What is right.
        verdicts: Of the judge; None: there is none.
    """
    marks = []
    has_unknowable = any(right.is_unknowable for right in key.values())
    for (conversation, question), answer in answers.items():
        right = key[conversation, question]
        values = _by_words(answer, right)
        if verdicts is None and values:
            values[ACCURACY] = values[CONTAINED]
        elif verdicts is not None and (conversation, question) in verdicts:
            values[ACCURACY] = float(verdicts[conversation, question] is True)
        if ACCURACY in values and has_unknowable and not right.is_unknowable:
            values[ANSWERABLE] = values[ACCURACY]
        if ACCURACY in values:
            marks.append(
                Marks(
                    conversation=conversation,
                    question=question,
                    category=right.type,
                    values=values,
                    cluster=right.cluster,
                )
            )
    return marks


def text_rates(
    answers: Mapping[tuple[str, str], str], key: Mapping[tuple[str, str], RightText], verdicts: Verdicts | None
) -> dict[str, list[bool]]:
    """What else can be said of the answers, each over the questions that it is about."""
    pairs = [(answer, key[at]) for at, answer in answers.items()]
    scored = {(one.conversation, one.question) for one in text_marks(answers, key, verdicts)}
    return {
        "abstained_rightly": [abstains(answer) for answer, right in pairs if right.is_unknowable],
        "abstained_wrongly": [abstains(answer) for answer, right in pairs if right.texts and not right.is_unknowable],
        "verdict_unreadable": [verdict is None for verdict in (verdicts or {}).values()],
        "unscored": [at not in scored for at in answers],
    }


def _by_words(answer: str, right: RightText) -> dict[str, float]:
    """The marks that words alone give; none where there are none to compare with."""
    if not (right.texts or right.is_unknowable):
        return {}
    if abstains(answer):
        return dict.fromkeys(_WORD_METRICS, float(right.is_unknowable))
    return {
        F1: max((f1(answer, text) for text in right.texts), default=0.0),
        EXACT: float(any(is_exact(answer, text) for text in right.texts)),
        CONTAINED: float(any(has_all(answer, text) for text in right.texts)),
    }
