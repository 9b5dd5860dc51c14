"""Scores the answers of a run: the only part of it that opens the answer key."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from treering.bench.choice.hearing import CONTROL
from treering.bench.choice.judging import to_judge, verdicts
from treering.bench.choice.metrics.contexts import GOLD_METRICS, context_marks
from treering.bench.choice.metrics.costs import costs
from treering.bench.choice.metrics.operations import operation_scores
from treering.bench.choice.metrics.options import ACCURACY, option_marks, option_rates
from treering.bench.choice.metrics.standing import options_of, standing_rates
from treering.bench.choice.metrics.texts import TEXT_METRICS, text_marks, text_rates
from treering.bench.choice.prompts import option_of
from treering.bench.choice.running import answerer_of, prompts
from treering.bench.gold.answers import RightText
from treering.bench.gold.choices import RightChoice
from treering.bench.recall import with_error
from treering.bench.score import Marks, by_category, difference, having, mean, merged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.bench.choice.answerers import Answerer
    from treering.bench.choice.folder import RunFolder
    from treering.bench.choice.metrics.texts import Verdicts
    from treering.bench.gold.answers import AnswerSheet
    from treering.bench.gold.changes import ChangeKey
    from treering.bench.samples import Conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One system's answers, marked."""

    system: str
    marks: tuple[Marks, ...]
    """Questions that were answered; `accuracy` is 0 or 1."""
    found: tuple[Marks, ...]
    """Every question that the key knows: what its context took, and what of the evidence stands there."""
    rates: Mapping[str, float]
    """Shares of the questions that they are about."""
    operations: Mapping[str, float]
    """What it did to what it holds, beside what it ought to do."""
    costs: Mapping[str, float]
    """Tokens, times, calls and bytes."""

    @property
    def questions(self) -> tuple[Marks, ...]:
        """One mark a question, of the answer and of the context together."""
        return merged(self.found, self.marks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What was answered for one system, by conversation and question."""

    options: dict[tuple[str, str], int | None]
    """Options that were taken; None: the reply names none, or several."""
    texts: dict[tuple[str, str], str]
    """Replies to what is answered freely."""


def score(
    folder: RunFolder,
    systems: Sequence[str],
    conversations: Sequence[Conversation],
    key: AnswerSheet,
    answerer: Answerer | None,
    *,
    judge: str | None = None,
    changes: ChangeKey | None = None,
) -> list[Scored]:
    """Mark what every system came to.

    Args:
        folder: The run.
        systems: Their names.
        conversations: What was asked.
        key: What is right.
        answerer: Who answered; None: nobody, and only the contexts are marked.
        judge: Who judged what was answered freely; None: nobody, and it is compared by its words.
        changes: What the histories ought to do to a memory; None: it is not known.
    """
    given = _given(folder, systems, conversations, key, answerer)
    judged: dict[str, Verdicts] = {}
    if answerer is not None and judge is not None:
        judged = verdicts(folder, to_judge(folder, systems, conversations, key, answerer), judge)
    options = options_of(conversations, key)
    scored = []
    for system in systems:
        heard = [one for number in range(len(conversations)) if (one := folder.heard(system, number)) is not None]
        verdicts_of = None if judge is None else judged.get(system, {})
        marks, rates = _answered(given[system], key, verdicts_of)
        rates |= standing_rates(heard, options, key)
        scored.append(
            Scored(
                system=system,
                marks=marks,
                found=tuple(context_marks(heard, key)),
                rates={name: fmean(some) for name, some in rates.items() if some},
                operations=operation_scores(heard, changes or {}),
                costs=costs(heard),
            )
        )
    return scored


def _given(
    folder: RunFolder,
    systems: Sequence[str],
    conversations: Sequence[Conversation],
    key: AnswerSheet,
    answerer: Answerer | None,
) -> dict[str, _Given]:
    found = {system: _Given(options={}, texts={}) for system in systems}
    if answerer is None:
        return found
    for system, conversation, question, prompt in prompts(folder, systems, conversations):
        reply = folder.reply(answerer_of(system, answerer).name, prompt.id)
        right = key.get((conversation, question))
        if reply is not None and isinstance(right, RightChoice):
            found[system].options[conversation, question] = option_of(reply, len(prompt.options))
        elif reply is not None and isinstance(right, RightText):
            found[system].texts[conversation, question] = reply
    return found


def _answered(
    given: _Given, key: AnswerSheet, judged: Verdicts | None
) -> tuple[tuple[Marks, ...], dict[str, list[bool]]]:
    """The marks of what was answered, and what else can be said of it."""
    choices = {at: right for at, right in key.items() if isinstance(right, RightChoice)}
    texts = {at: right for at, right in key.items() if isinstance(right, RightText)}
    marks = option_marks(given.options, choices), text_marks(given.texts, texts, judged)
    rates = option_rates(given.options, choices), text_rates(given.texts, texts, judged)
    pooled = {name: [*rates[0].get(name, ()), *rates[1].get(name, ())] for name in rates[0] | rates[1]}
    return (*marks[0], *marks[1]), pooled


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
    for metric in TEXT_METRICS:
        if some := having(one.marks, metric):
            found |= with_error(metric, mean(some, metric))
    if control is not None and one.system != CONTROL:
        found |= _above(control, one)
    for metric in GOLD_METRICS:
        if some := having(one.found, metric):
            found |= with_error(metric, mean(some, metric))
    found |= {**one.rates, **one.operations, **one.costs}
    return {name: round(value, 4) for name, value in found.items()}


def _above(control: Scored, one: Scored) -> dict[str, float]:
    """How far a system is above the control, on the questions of which both have marks."""
    without = {(mark.conversation, mark.question): mark.values[ACCURACY] for mark in control.marks}
    both = [mark for mark in one.marks if (mark.conversation, mark.question) in without]
    if not both:
        return {}
    failed = [mark for mark in both if not without[mark.conversation, mark.question]]
    return with_error("uplift", difference(both, control.marks, ACCURACY)) | (
        with_error("accuracy_where_control_fails", mean(failed, ACCURACY)) if failed else {}
    )
