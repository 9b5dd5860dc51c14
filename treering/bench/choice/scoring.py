"""Scores the answers of a run: the only part of it that opens the answer key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.bench.choice.hearing import CONTROL
from treering.bench.choice.metrics.contexts import CONTEXT_RECALL, context_marks
from treering.bench.choice.metrics.costs import costs
from treering.bench.choice.metrics.options import ACCURACY, option_marks, option_rates
from treering.bench.choice.prompts import option_of
from treering.bench.choice.running import answerer_of, prompts
from treering.bench.recall import with_error
from treering.bench.score import Marks, by_category, difference, mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.bench.choice.answerers import Answerer
    from treering.bench.choice.folder import RunFolder
    from treering.bench.gold.choices import ChoiceKey
    from treering.bench.samples import Conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One system's answers, marked."""

    system: str
    marks: tuple[Marks, ...]
    """Questions that were answered; `accuracy` is 0 or 1."""
    found: tuple[Marks, ...]
    """Questions whose suite names the evidence; `context_recall` is the share of it in the context."""
    rates: Mapping[str, float]
    """Shares of the questions that they are about."""
    costs: Mapping[str, float]
    """Tokens and times."""


def score(
    folder: RunFolder,
    systems: Sequence[str],
    conversations: Sequence[Conversation],
    key: ChoiceKey,
    answerer: Answerer | None,
) -> list[Scored]:
    """Mark what every system came to.

    Args:
        folder: The run.
        systems: Their names.
        conversations: What was asked.
        key: What is right.
        answerer: Who answered; None: nobody, and only the contexts are marked.
    """
    chosen: dict[str, dict[tuple[str, str], int | None]] = {system: {} for system in systems}
    if answerer is not None:
        for system, conversation, question, prompt in prompts(folder, systems, conversations):
            reply = folder.reply(answerer_of(system, answerer).name, prompt.id)
            if reply is not None and (conversation, question) in key:
                chosen[system][conversation, question] = option_of(reply, len(prompt.options))
    scored = []
    for system in systems:
        heard = [one for number in range(len(conversations)) if (one := folder.heard(system, number)) is not None]
        scored.append(
            Scored(
                system=system,
                marks=tuple(option_marks(chosen[system], key)),
                found=tuple(context_marks(heard, key)),
                rates=option_rates(chosen[system], key),
                costs=costs(heard),
            )
        )
    return scored


def numbers(one: Scored, control: Scored | None) -> dict[str, float]:
    """Every metric of a system; `_se` is a standard error, clustered by conversation.

    `uplift` is the mean difference to the control without memory, question by question; `accuracy_where_control_fails`
    is of the questions only that the control gets wrong.
    """
    found: dict[str, float] = {}
    if one.marks:
        found |= with_error(ACCURACY, mean(one.marks, ACCURACY))
        for category, some in by_category(one.marks).items():
            found |= with_error(f"{ACCURACY}:{category}", mean(some, ACCURACY))
        found["questions"] = len(one.marks)
    if control is not None and control.marks and one.marks and one.system != CONTROL:
        found |= with_error("uplift", difference(one.marks, control.marks, ACCURACY))
        failed = {(mark.conversation, mark.question) for mark in control.marks if not mark.values[ACCURACY]}
        rest = [mark for mark in one.marks if (mark.conversation, mark.question) in failed]
        found |= with_error("accuracy_where_control_fails", mean(rest, ACCURACY)) if rest else {}
    if one.found:
        found |= with_error(CONTEXT_RECALL, mean(one.found, CONTEXT_RECALL))
    found |= {**one.rates, **one.costs}
    return {name: round(value, 4) for name, value in found.items()}
