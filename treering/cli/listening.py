"""`treering bench listen` on the screen: its progress while it runs, its table, and what to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from treering.bench.listen import SUITES, fall, listen, read_talks
from treering.bench.listen import results as as_results
from treering.cli.options import screen
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from treering.bench.listen import Listened
    from treering.bench.results import Results

SHOWN = ("missed", "wrong")
"""What can be listed beside the table."""


def measure_perma(
    data: Path,
    listener: str,
    people: Sequence[str] | None,
    *,
    noisy: bool | None,
    show: tuple[str, int] | None,
) -> Results:
    """Measure a listener on PERMA, print the table, and what was missed or is wrong, if that is asked for.

    Args:
        data: The folder of the suite.
        listener: `local` or `model`.
        people: Names; None: all.
        noisy: Only the noisy dialogs, or only the clean ones; None: the clean ones, and how much is lost on the noisy.
        show: `missed` or `wrong`, and how many.

    Raises:
        InvalidInput: A file, a person, the listener or what is to be shown is not what it should be.
    """
    if show and show[0] not in SHOWN:
        raise InvalidInput("--show", f"{show[0]!r} is none; known are {', '.join(SHOWN)}")
    kinds = [False, True] if noisy is None else [noisy]
    talks = [read_talks(data, people, noisy=kind) for kind in kinds]
    runs: list[Listened] = []
    with _progress() as bars:
        for one in talks:
            bar = bars.add_task(f"{listener}, {'noisy' if one.is_noisy else 'clean'}", total=one.turns)
            runs.append(listen(one, listener, None, lambda done, bar=bar: bars.advance(bar, done)))  # type: ignore[misc]
    if show:
        _list(runs[0], *show)
    screen().print(perma_table(runs))
    return as_results(runs)


def suite_named(name: str) -> str:
    """The suite, if there is one.

    Raises:
        InvalidInput: There is none.
    """
    if name not in SUITES:
        raise InvalidInput("--suite", f"{name!r} is none; known are {', '.join(SUITES)}")
    return name


def perma_table(runs: Sequence[Listened]) -> Table:
    """One column a system; a second block for the noisy dialogs."""
    first = runs[0]
    score = first.score
    people = len(first.talks.conversations)
    table = Table(
        box=None,
        header_style="bold",
        pad_edge=False,
        title="listen, perma",
        caption=f"{score.dialogs} dialogs of {people} people, "
        f"{score.reachable:,} of {score.triples:,} triples can be reached",
        caption_justify="left",
    )
    table.add_column("metric")
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
    table.add_row("turns_per_s", f"{first.cost.turns_per_s:.1f}")
    if any(run.cost.parked for run in runs):
        table.add_row("put aside, or failed", str(sum(len(run.cost.parked) for run in runs)))
    return table


def _list(run: Listened, what: str, count: int) -> None:
    """Evenly spread over all of them, so that every person and topic has its share."""
    some = run.score.missed if what == "missed" else run.score.wrong
    step = max(1, len(some) // max(1, count))
    out = screen()
    out.print(f"[bold]{what}: {min(count, len(some))} of {len(some)}")
    for missed in run.score.missed[::step][:count] if what == "missed" else ():
        out.print(f"{missed.person} {missed.session}  {escape(missed.triple)}\n    [dim]{escape(missed.said)}")
    for wrong in run.score.wrong[::step][:count] if what == "wrong" else ():
        claim = wrong.claim
        out.print(f"{wrong.person} {claim.session}  {escape(claim.text)}  [cyan]{claim.path}")
        out.print(f"    [dim]{escape(wrong.why)}; said: {escape(' … '.join(claim.quotes))}")


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("turns"),
        TimeRemainingColumn(),
        console=screen(errors=True),
    )
