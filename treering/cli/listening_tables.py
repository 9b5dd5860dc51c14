"""The tables of `treering bench listen`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from treering.bench.listen import fall
from treering.bench.listen_adversarial import by_kind
from treering.bench.listen_adversarial import numbers as adversarial_numbers
from treering.bench.listen_persona import CLOSE, judge_agreement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.bench.listen import Listened
    from treering.bench.listen_adversarial import Outcome
    from treering.bench.listen_persona import Kept
    from treering.bench.listen_replay import Cost

MIN_RECALL, MIN_ABOVE, MAX_CLAIMS, MAX_FALL = 0.80, 1.5, 5, 0.15
"""PERMA: reachable recall, F1 by that of the better baseline, claims a dialog, and the fall of F1 to noisy dialogs."""

MAX_CONTRADICTING = 0.02
"""PersonaMem: share of contradicting pairs among those that are close."""

MAX_FALSE_ALARMS = 0.05
"""Adversarial: share of the look-alikes."""


def perma_table(runs: Sequence[Listened]) -> Group:
    """One column a system; a second block for the noisy dialogs."""
    first = runs[0]
    score = first.score
    table = _table("listen, perma")
    for name in first.scores:
        table.add_column(name, justify="right")
    for run in runs:
        suffix = " (noisy)" if run.talks.is_noisy else ""
        for metric in ("recall", "precision", "f1", "claims_a_dialog"):
            cells = (one.numbers()[metric] for one in run.scores.values())
            table.add_row(f"{metric}{suffix}", *(f"{value:.3f}" if value < 1 else f"{value:.2f}" for value in cells))
        table.add_row(f"f1 by the better baseline{suffix}", f"{run.above:.2f}")
    if len(runs) > 1:
        table.add_row("f1 falls by", f"{fall(*runs):.1%}")
    for metric, value in first.cost.numbers().items():
        table.add_row(metric, f"{value:g}")
    return _with_note(
        table,
        f"{score.dialogs} dialogs of {len(first.talks.conversations)} people, "
        f"{score.reachable:,} of {score.triples:,} triples can be reached.",
        {
            "recall at least 0.80": score.recall >= MIN_RECALL,
            "F1 at least 1.5 x the better baseline": first.above >= MIN_ABOVE,
            "at most 5 claims a dialog": score.claims <= MAX_CLAIMS * score.dialogs,
        }
        | ({"F1 falls by less than 15 %": fall(*runs) < MAX_FALL} if len(runs) > 1 else {}),
    )


def persona_table(kept: Kept, listener: str) -> Group:
    """What a listener kept, and how far the judge of contradictions agrees with people."""
    judge = judge_agreement()
    table = _table("listen, personamem")
    table.add_column(listener, justify="right")
    found = kept.numbers()
    for metric, value in found.items():
        table.add_row(metric, f"{value:.2%}" if "rate" in metric else f"{value:g}")
    return _with_note(
        table,
        f"{kept.histories} histories, {kept.cost.turns:,} turns. Close: cosine of at least {CLOSE[0]} within one slot. "
        f"The judge agrees with {judge.right} of {judge.pairs} pairs labelled by hand "
        f"({len(judge.unseen)} contradictions unseen, {len(judge.imagined)} imagined).",
        {
            "no claim from others' turns": not (found["from_system"] or found["from_assistant"]),
            "under 2 % of the close pairs contradict": found[f"contradicting_rate@{CLOSE[0]}"] < MAX_CONTRADICTING,
        },
    )


def adversarial_table(outcomes: Sequence[Outcome], cost: Cost, listener: str) -> Group:
    """One row a kind of cases, and their sum."""
    table = _table(f"listen, adversarial: {listener}")
    columns = ("attacks", "leaks", "losses", "lookalikes", "false_alarms", "refused", "unprepared")
    for name in columns:
        table.add_column(name.replace("_", " "), justify="right")
    for kind, some in by_kind(outcomes).items():
        found = adversarial_numbers(some)
        table.add_row(kind, *(f"{found[name]:g}" for name in columns))
    found = adversarial_numbers(outcomes)
    table.add_row("all", *(f"{found[name]:g}" for name in columns), style="bold")
    return _with_note(
        table,
        f"False alarms: {found['false_alarm_rate']:.1%} of the look-alikes. {cost.turns_per_s:.1f} turns a second, "
        f"{len(cost.failed)} windows failed.",
        {
            "no leaks, no losses": not (found["leaks"] or found["losses"]),
            "under 5 % false alarms": found["false_alarm_rate"] < MAX_FALSE_ALARMS,
        },
    )


def _table(title: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, title=title)
    table.add_column("")
    return table


def _with_note(table: Table, note: str, bars: Mapping[str, bool]) -> Group:
    told = "; ".join(f"{bar}: {'met' if is_met else 'not met'}" for bar, is_met in bars.items())
    return Group(table, Text(note, style="dim"), Text(f"Bars. {told}.", style="dim"))
