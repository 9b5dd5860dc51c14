"""Two systems on the same questions: how far apart they are, and whether chance explains it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from treering.bench.results import Difference
from treering.bench.score import having, mean
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from treering.bench.score import Marks

RESAMPLES = 10_000
"""Enough that the ends of an interval move by less than a tenth of its width from seed to seed."""

SEED = 20_240_101
"""Decides which resamples are drawn, so that the same marks give the same interval."""

OURS = "treering"
"""How systems are called that are no baseline."""

_ALL_SIGNS = 13
"""Clusters of which all ways to turn them round are looked at."""

_DUST = 1e-9
"""What rounding may take from a sum that is exactly as far away."""


def paired(ours: Sequence[Marks], theirs: Sequence[Marks], metric: str) -> Difference | None:
    """The difference of two systems on the questions that both have a mark for; None where there are none.

    The paired cluster bootstrap: questions of one cluster agree with each other, so that whole clusters are drawn
    again, and with each question the marks of both systems (Efron and Tibshirani 1993; Koehn 2004). The p-value is
    that of the randomisation test (Fisher 1935; Smucker et al. 2007), which holds for few clusters too: how often the
    difference would be as large if in each cluster chance had said which system is which.

    Args:
        ours: The marks of the one.
        theirs: Those of the other.
        metric: What is compared.
    """
    sums, counts = _by_cluster(ours, theirs, metric)
    if not counts.size:
        return None
    centre = float(sums.sum() / counts.sum())
    found = Difference(metric=metric, difference=centre, questions=int(counts.sum()), clusters=counts.size)
    if counts.size == 1:  # nothing is known about how clusters differ
        return found
    drawn = np.random.default_rng(SEED).multinomial(counts.size, np.full(counts.size, 1 / counts.size), RESAMPLES)
    means = (drawn @ sums) / (drawn @ counts)
    low, high = np.percentile(means, (2.5, 97.5))
    return found.model_copy(update={"low": float(low), "high": float(high), "p": _odds(sums)})


def check_baseline(name: str | None, systems: Sequence[str]) -> None:
    """Refuses a baseline before an hour is spent on the others.

    Raises:
        InvalidInput: It is not among the systems.
    """
    if name is not None and name not in systems:
        raise InvalidInput("--baseline", f"{name!r} is not measured; name one of {', '.join(systems)}")


def differences(marks: Mapping[str, Sequence[Marks]], metric: str, baseline: str | None) -> tuple[Difference, ...]:
    """How far each system is above a baseline.

    Args:
        marks: By system.
        metric: What is compared.
        baseline: The system that all are compared with; None: the best that is not Treering.
    """
    measured = {name: having(some, metric) for name, some in marks.items()}
    means = {name: mean(some, metric).mean for name, some in measured.items() if some}
    floor = baseline or max((name for name in means if not name.startswith(OURS)), key=means.__getitem__, default=None)
    if floor is None or floor not in means:
        return ()
    return tuple(
        found.model_copy(update={"system": name, "baseline": floor})
        for name in means
        if name != floor and (found := paired(measured[name], measured[floor], metric)) is not None
    )


def _odds(sums: NDArray[np.float64]) -> float:
    """The share of all ways to turn clusters round whose sum is as far from 0 as that of none; of many, a sample."""
    if len(sums) <= _ALL_SIGNS:
        signs = 1 - 2 * (np.arange(2 ** len(sums))[:, None] >> np.arange(len(sums)) & 1)
    else:
        drawn = np.random.default_rng(SEED).integers(0, 2, (RESAMPLES, len(sums)))
        signs = np.vstack([np.ones(len(sums)), 1 - 2 * drawn])
    return float(np.mean(np.abs(signs @ sums) >= abs(sums.sum()) - _DUST))


def _by_cluster(
    ours: Sequence[Marks], theirs: Sequence[Marks], metric: str
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The sum of the differences of each cluster, and how many questions it has."""
    other = {(one.conversation, one.question): one.values[metric] for one in theirs}
    found: dict[str, list[float]] = defaultdict(list)
    for one in ours:
        if (at := (one.conversation, one.question)) in other:
            found[one.together].append(one.values[metric] - other[at])
    some = [found[name] for name in sorted(found)]
    return np.array([sum(one) for one in some]), np.array([len(one) for one in some], np.int64)
