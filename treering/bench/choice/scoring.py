"""Scores the answers of a run: the only part of it that opens the answer key."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from treering.bench.choice.prompts import option_of
from treering.bench.choice.running import CONTROL, answerer_of, prompts
from treering.bench.recall import with_error
from treering.bench.score import Marks, by_category, difference, mean, recall

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.bench.choice.answerers import Answerer
    from treering.bench.choice.folder import Heard, RunFolder
    from treering.bench.gold.choices import ChoiceKey, RightChoice
    from treering.bench.samples import Conversation

ACCURACY = "accuracy"
CONTEXT_RECALL = "context_recall"


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
        marks = [_mark(*at, key[at], option) for at, option in chosen[system].items()]
        scored.append(
            Scored(
                system=system,
                marks=tuple(marks),
                found=tuple(_found(heard, key)),
                rates=_rates(chosen[system], key),
                costs=_costs(heard),
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


def _mark(conversation: str, question: str, right: RightChoice, option: int | None) -> Marks:
    values = {ACCURACY: float(option == right.option)}
    return Marks(conversation=conversation, question=question, category=right.type, values=values)


def _found(heard: Sequence[Heard], key: ChoiceKey) -> list[Marks]:
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


def _rates(chosen: Mapping[tuple[str, str], int | None], key: ChoiceKey) -> dict[str, float]:
    """What else can be said of the choices, each over the questions that it is about."""
    pairs = [(option, key[at]) for at, option in chosen.items()]
    about: dict[str, list[bool]] = {
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
    return {name: fmean(some) for name, some in about.items() if some}


def _costs(heard: Sequence[Heard]) -> dict[str, float]:
    asked = [one for each in heard for one in each.asked]
    if not asked:
        return {}
    seconds = [one.seconds for one in asked]
    ingest_s = sum(one.ingest_s for one in heard)
    return {
        "context_tokens": fmean(one.tokens for one in asked),
        "p50_ms": float(np.percentile(seconds, 50)) * 1_000,
        "p95_ms": float(np.percentile(seconds, 95)) * 1_000,
        **({"turns_per_s": sum(one.turns for one in heard) / ingest_s} if ingest_s else {}),
    }
