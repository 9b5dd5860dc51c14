"""What every benchmark prints and writes: systems, metrics, and the circumstances they were measured under."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from typing import TYPE_CHECKING

from pydantic import Field

from treering.bench.score import Marks
from treering.schemas.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Sized


_WHOLE = (*("context_tokens", "turns_per_s", "listening_calls", "listening_input_tokens", "listening_output_tokens"),)
"""Metrics of which no fraction matters."""

_DECIMALS = 6
"""Places of the numbers of a single question."""

_PACKAGES = ("treering", "pydantic", "sqlalchemy", "numpy", "onnxruntime", "langgraph")


def _is_empty(some: Sized) -> bool:
    return not len(some)


class Manifest(Value):
    """The circumstances of a measurement."""

    python: str
    """Version of Python."""
    machine: str
    """Kind of machine."""
    cores: int
    """Cores that the process may use."""
    versions: dict[str, str]
    """Versions of the packages that matter."""
    settings: dict[str, str | int | float]
    """What the run was asked for."""


class Difference(Value):
    """How far a system is above another on the same questions."""

    system: str = ""
    """The one."""
    baseline: str = ""
    """The other."""
    metric: str
    """What is compared."""
    difference: float
    """The mean, question by question."""
    low: float | None = None
    """Where its 95 % interval begins, by the paired bootstrap; none: there is a single cluster."""
    high: float | None = None
    """Where it ends."""
    p: float | None = None
    """How often chance alone would be as far from no difference."""
    questions: int
    """Questions that both were asked."""
    clusters: int
    """What was drawn again: conversations, or fours of people who share a question."""


class QuestionMarks(Value):
    """The numbers of one question, so that two runs can be compared question by question."""

    conversation: str
    """Its history."""
    question: str
    """Its id there."""
    type: str
    """What kind of question the authors call it."""
    cluster: str
    """What it is drawn again with."""
    values: dict[str, float]
    """By metric."""


class LeftOut(Value):
    """A question that is not scored, since no single option of it is right."""

    conversation: str
    """Its history."""
    question: str
    """Its id there."""
    reason: str
    """Why not."""


class Results(Value):
    """`{"bench", "suite", "systems": {SYSTEM: {METRIC: number}}, "manifest"}`, and what it rests on."""

    bench: str
    """Name of the benchmark."""
    suite: str
    """What it was run on."""
    systems: dict[str, dict[str, float]]
    """Numbers by system and metric."""
    manifest: Manifest
    """The circumstances."""
    differences: tuple[Difference, ...] = Field(default=(), exclude_if=_is_empty)
    """How far systems are above a baseline."""
    marks: dict[str, tuple[QuestionMarks, ...]] = Field(default={}, exclude_if=_is_empty)
    """The numbers of single questions, by system."""
    left_out: tuple[LeftOut, ...] = Field(default=(), exclude_if=_is_empty)
    """Questions that are not scored."""


def as_rows(marks: Sequence[Marks]) -> tuple[QuestionMarks, ...]:
    """Marks as they are written to a file."""
    return tuple(
        QuestionMarks(
            conversation=one.conversation,
            question=one.question,
            type=one.category,
            cluster=one.together,
            values={name: round(value, _DECIMALS) for name, value in one.values.items()},
        )
        for one in marks
    )


def as_marks(rows: Sequence[QuestionMarks]) -> list[Marks]:
    """Marks as they were written to a file."""
    return [
        Marks(
            conversation=one.conversation,
            question=one.question,
            category=one.type,
            cluster=one.cluster,
            values=one.values,
        )
        for one in rows
    ]


def shown(row: Mapping[str, float], metric: str) -> str:
    """A number of a row as people read it, with its standard error where it has one; nothing where there is none.

    Example:
        >>> shown({"accuracy": 0.5, "accuracy_se": 0.05}, "accuracy"), shown({"p50_ms": 1.25}, "p50_ms")
        ('0.500 ±0.050', '1.2')
    """
    if metric not in row:
        return ""
    value, error = row[metric], row.get(f"{metric}_se")
    if metric in _WHOLE:
        return f"{value:,.0f}"
    if metric.endswith("_ms"):
        return f"{value:,.1f}"
    if metric.endswith("_bytes"):
        return f"{value / 1e6:,.2f}"
    return f"{value:.2f}" if error is None else f"{value:.3f} ±{error:.3f}"


def manifest(settings: dict[str, str | int | float]) -> Manifest:
    """The circumstances of a measurement that is made here and now."""
    return Manifest(
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.machine()}",
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        versions={name: version for name in _PACKAGES if (version := _version(name))},
        settings=settings,
    )


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
