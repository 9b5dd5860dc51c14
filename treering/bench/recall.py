"""`treering bench recall`: does retrieval find the turns that hold the answer, beside plain retrievers and peers."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from treering.bench.asking import ask
from treering.bench.choice.catalogue import choice_suites, suite_files
from treering.bench.gold.choices import Broken
from treering.bench.gold.key import Target
from treering.bench.gold.locomo import read_locomo_gold
from treering.bench.gold.quartet import read_quartet_gold
from treering.bench.gold.realmem import read_realmem_gold
from treering.bench.paired import differences
from treering.bench.results import Results, as_rows, manifest
from treering.bench.samples import Question
from treering.bench.score import CUTS, Marks, Mean, by_category, difference, mark, mean
from treering.bench.suites.locomo import read_locomo
from treering.bench.suites.quartet import read_quartet
from treering.bench.suites.realmem import read_realmem
from treering.bench.systems.catalogue import make_system
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from treering.bench.asking import Answers
    from treering.bench.gold.key import AnswerKey
    from treering.bench.samples import Conversation
    from treering.memory.ports import Embedder

METRICS = (*(f"recall@{cut}" for cut in CUTS), "ndcg@10", "context_recall", "context_tokens")
"""Means over questions, each with a standard error."""

MAIN = "recall@10"
"""The metric that is also told by category of questions, and as a difference between systems."""

_SUITES: dict[str, tuple[Callable[[Path], Sequence[Conversation]], Callable[[Path], AnswerKey]]] = {
    "locomo": (read_locomo, read_locomo_gold),
    "quartet": (read_quartet, read_quartet_gold),
    "realmem": (read_realmem, read_realmem_gold),
}

SUITES = tuple(_SUITES)
"""Suites that are measured by rankings of turns; those of `treering bench run` are too, where they name evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Conversations with the answer key to their questions."""

    name: str
    conversations: tuple[Conversation, ...]
    key: AnswerKey

    @property
    def steps(self) -> int:
        """Turns and questions together."""
        return sum(len(one.steps) for one in self.conversations)


def read_suite(name: str, data: Path, limit: int | None = None) -> Suite:
    """A suite from files.

    Args:
        name: One of `SUITES`, or of the suites of `treering bench run`.
        data: A file, or a folder of files.
        limit: Most questions of a conversation; turns stay.

    Raises:
        InvalidInput: There is no such suite, or a file cannot be read, or has another shape, or holds no questions.
    """
    known = dict.fromkeys((*SUITES, "precision", *choice_suites()))
    if name not in known:
        raise InvalidInput("--suite", f"{name!r} is none; known are {', '.join(known)}")
    read, read_gold = _SUITES.get(name) or _answered(name)
    key = read_gold(data)
    conversations = tuple(_limited(one, limit, key) for one in read(data))
    if not any(one.questions for one in conversations):
        raise InvalidInput(str(data), "holds no question that can be scored")
    return Suite(name=name, conversations=conversations, key=key)


def _answered(name: str) -> tuple[Callable[[Path], Sequence[Conversation]], Callable[[Path], AnswerKey]]:
    """A suite of `treering bench run`: its questions whose evidence is named can be asked for that evidence."""
    files = suite_files(name)

    def read_gold(data: Path) -> AnswerKey:
        return {
            at: Target(
                turns=right.evidence, category=right.type, cluster="" if isinstance(right, Broken) else right.cluster
            )
            for at, right in files.read_key(data).items()
            if right.evidence
        }

    return files.read, read_gold


def _limited(conversation: Conversation, limit: int | None, key: AnswerKey) -> Conversation:
    """Only with questions that can be scored, at most so many of them."""
    known = [one for one in conversation.steps if isinstance(one, Question) and (conversation.id, one.id) in key]
    kept = {one.id for one in known[:limit]}
    steps = tuple(one for one in conversation.steps if not isinstance(one, Question) or one.id in kept)
    return replace(conversation, steps=steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One system's numbers."""

    system: str
    mode: str
    embedder: str
    marks: tuple[Marks, ...]
    ingest_s: float
    turns_per_s: float
    p50_ms: float
    p95_ms: float


def measure(suite: Suite, system: str, embedder: Callable[[], Embedder], progress: Callable[[int], None]) -> Measured:
    """Ask a system all questions of a suite, and score what it finds.

    Args:
        suite: What is asked.
        system: The name of the system.
        embedder: Makes the embedder that all systems use, anew for each.
        progress: Told how many steps more are done.
    """
    under_test = make_system(system, embedder)
    try:
        answers = ask(under_test, suite.conversations, progress)
        mode, fingerprint = under_test.mode, under_test.embedder
    finally:
        under_test.close()
    return Measured(
        system=system,
        mode=mode,
        embedder=fingerprint,
        marks=tuple(mark(answers, suite.key)),
        ingest_s=answers.ingest_s,
        turns_per_s=answers.turns / answers.ingest_s if answers.ingest_s else math.inf,
        p50_ms=_percentile_ms(answers, 50),
        p95_ms=_percentile_ms(answers, 95),
    )


def results(
    suite: Suite,
    measured: Sequence[Measured],
    settings: Mapping[str, str | int | float],
    more: Mapping[str, Mapping[str, float]] | None = None,
    baseline: str | None = None,
) -> Results:
    """The numbers as they are written to a file.

    Args:
        suite: What was asked.
        measured: The systems.
        settings: What the run was asked for.
        more: Further rows.
        baseline: The system that the others are compared with; None: the best that is not Treering.
    """
    about: dict[str, str | int | float] = {
        **settings,
        "conversations": len(suite.conversations),
        "questions": sum(one.questions for one in suite.conversations),
        "embedder": next((one.embedder for one in measured if one.embedder), ""),
        **{f"mode of {one.system}": one.mode for one in measured},
    }
    systems = {one.system: numbers(one, measured) for one in measured}
    systems |= {name: dict(row) for name, row in (more or {}).items()}
    marks = {one.system: one.marks for one in measured}
    return Results(
        bench="recall",
        suite=suite.name,
        systems=systems,
        manifest=manifest(about),
        differences=differences(marks, MAIN, baseline),
        marks={name: as_rows(some) for name, some in marks.items()},
    )


def numbers(measured: Measured, beside: Sequence[Measured] = ()) -> dict[str, float]:
    """Every metric of a system.

    `_se` is a standard error; a category of questions stands after a colon, and so does the system that the first
    one is compared with, question by question (`recall@10_above:bm25`).
    """
    marks = measured.marks
    found: dict[str, float] = {}
    for metric in METRICS:
        found |= with_error(metric, mean(marks, metric))
    for category, some in by_category(marks).items():
        found |= with_error(f"{MAIN}:{category}", mean(some, MAIN))
        found[f"questions:{category}"] = len(some)
    if beside and measured is beside[0]:
        for other in beside[1:]:
            found |= with_error(f"{MAIN}_above:{other.system}", difference(marks, other.marks, MAIN))
    found |= {
        "ingest_s": measured.ingest_s,
        "turns_per_s": measured.turns_per_s,
        "p50_ms": measured.p50_ms,
        "p95_ms": measured.p95_ms,
    }
    return {name: round(value, 4) for name, value in found.items()}


def with_error(name: str, found: Mean) -> dict[str, float]:
    """A mean under its name, and its standard error under `NAME_se`, where it is known."""
    return {name: found.mean} | ({} if math.isnan(found.error) else {f"{name}_se": found.error})


def _percentile_ms(answers: Answers, percent: float) -> float:
    return float(np.percentile([one.seconds for one in answers.answers], percent) * 1_000)
