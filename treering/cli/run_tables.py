"""The tables of `treering bench run`: what each system came to, all of it read from the results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.bench.choice.metrics.contexts import CONTEXT_NDCG, CONTEXT_PRECISION, CONTEXT_RECALL
from treering.bench.choice.metrics.options import ACCURACY
from treering.bench.choice.metrics.texts import ANSWERABLE, F1
from treering.bench.results import shown
from treering.cli.options import screen
from treering.cli.parted import Parted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.bench.results import Difference, Results

_SCORES = {
    ACCURACY: "accuracy",
    "uplift": "above none",
    "accuracy_where_control_fails": "where none fails",
    ANSWERABLE: "where there is an answer",
    F1: "F1 of words",
    CONTEXT_RECALL: "gold in context",
    CONTEXT_PRECISION: "gold of context",
    CONTEXT_NDCG: "in front",
    "context_tokens": "tokens",
    "p50_ms": "ms",
    "turns_per_s": "turns/s",
}
"""Columns of the first table."""

_RATES = {
    "stale": "stale",
    "forget_compliance": "forgot what it should",
    "abstained_rightly": "abstained rightly",
    "abstained_wrongly": "wrongly",
    "unreadable": "unreadable",
    "verdict_unreadable": "unreadable verdicts",
    "unscored": "not scored",
}
"""Columns of the second one: shares of the questions that they are about."""


_HELD = {
    "context_stale": "over, in contexts",
    "context_forgotten": "forgotten, in contexts",
    "held_stale": "over, held",
    "held_forgotten": "forgotten, held",
    "contradicting": "contradicting",
    "operations_precision": "operations: precision",
    "operations_recall": "recall",
    "operations_f1": "F1",
    "operations_lenient_f1": "F1, by branch",
}
"""Columns of the third one: what a system did and holds, and what stands there and should not."""

_COSTS = {
    "ingest_s": "ingest, s",
    "ingest_p50_ms": "a session, ms",
    "flush_p50_ms": "until found, ms",
    "p50_ms": "context, ms",
    "p95_ms": "p95",
    "listening_calls": "model calls",
    "listening_input_tokens": "tokens in",
    "listening_output_tokens": "tokens out",
    "disk_bytes": "on disk, MB",
    "memory_bytes": "in memory, MB",
}
"""Columns of the fourth one."""


def print_run(results: Results, title: str, caption: str) -> None:
    """Print the tables of a run."""
    rows = results.systems
    screen().print(_table(rows, _SCORES, title, caption))
    if any(ACCURACY in row for row in rows.values()):
        screen().print(_table(rows, _RATES, "of what kind the mistakes are", ""))
        screen().print(_by_type(rows))
    if unscored := max((row.get("unscored", 0.0) for row in rows.values()), default=0.0):
        screen().print(
            f"{unscored:.0%} of the free answers are not scored: they take the verdict of a judge (--judge)."
        )
    if any(metric in row for row in rows.values() for metric in _HELD):
        screen().print(_table(rows, _HELD, "what stands that should not, and what was done", ""))
    screen().print(_table(rows, _COSTS, "what it takes", "times are medians; p95 is of the context"))
    if results.differences:
        screen().print(difference_table(results.differences))


def difference_table(differences: Sequence[Difference]) -> Parted:
    """One row a system: how far it is above the baseline."""
    first = differences[0]
    told = [
        (
            one.system,
            f"{one.difference:+.3f}",
            "" if one.low is None or one.high is None else f"{one.low:+.3f} … {one.high:+.3f}",
            "" if one.p is None else f"{one.p:.4f}",
        )
        for one in differences
    ]
    return Parted(
        title=f"{first.metric}, above {first.baseline}",
        caption=f"paired bootstrap over {first.clusters} clusters of {first.questions} questions; "
        "p is of no difference",
        columns=["difference", "95 % interval", "p"],
        rows=told,
    )


def _table(rows: Mapping[str, Mapping[str, float]], columns: Mapping[str, str], title: str, caption: str) -> Parted:
    """One row a system, one column a metric that any of them has."""
    listed = {metric: name for metric, name in columns.items() if any(metric in row for row in rows.values())}
    told = [
        (system, *(shown(row, metric) for metric in listed))
        for system, row in rows.items()
        if any(metric in row for metric in listed)
    ]
    return Parted(title=title, caption=caption, columns=list(listed.values()), rows=told)


def _by_type(rows: Mapping[str, Mapping[str, float]]) -> Parted:
    """One row a type of question, one column a system; the errors are in the JSON."""
    metrics = sorted({name for row in rows.values() for name in row if name.startswith(f"{ACCURACY}:")})
    told = [
        (name.partition(":")[2], *(f"{row[name]:.2f}" if name in row else "" for row in rows.values()))
        for name in metrics
        if not name.endswith("_se")
    ]
    return Parted(title="accuracy by type of question", columns=list(rows), rows=told)
