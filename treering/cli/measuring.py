"""`treering bench recall` on the screen: its progress while it runs, and its table."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from treering.bench.ablation import ablate
from treering.bench.paired import check_baseline
from treering.bench.precision import MODES, Verdict, bench_precision
from treering.bench.precision import numbers as precision_numbers
from treering.bench.precision import results as precision_results
from treering.bench.recall import MAIN, METRICS, Measured, Suite, measure, numbers, read_suite
from treering.bench.recall import results as as_results
from treering.bench.systems.catalogue import DEFAULT_SYSTEMS, check_systems
from treering.cli.bars import counting
from treering.cli.making import shipped
from treering.cli.options import screen
from treering.cli.parted import Parted
from treering.cli.run_tables import difference_table
from treering.errors import InvalidInput
from treering.memory.models.choose import make_embedder
from treering.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.bench.results import Results


def measure_recall(
    suite: str,
    data: Path | None,
    systems: Sequence[str] | None,
    *,
    limit: int | None,
    ablates: bool,
    baseline: str | None = None,
) -> Results:
    """Measure the systems, with a progress bar each, and print the tables.

    Raises:
        InvalidInput: The suite, a system or a file is not what it should be.
        MissingExtra: A system is not installed.
    """
    if data is None:
        if suite != QUARTET:
            raise InvalidInput("--data", f"is missing: name the file or folder of {suite}; only {QUARTET} needs none")
        with shipped() as made:
            return measure_recall(suite, made, systems, limit=limit, ablates=ablates, baseline=baseline)
    settings = Settings.read(os.environ)
    embedder = partial(make_embedder, settings.embedder, settings.cache_dir)
    if suite == PRECISION:
        with screen(errors=True).status("measuring …"):
            verdicts = bench_precision(data, systems or tuple(MODES), embedder)
        screen().print(precision_table(verdicts))
        return precision_results(verdicts, {"embedder": embedder().fingerprint})
    names = tuple(systems or DEFAULT_SYSTEMS)
    check_systems(names, ranks=True)
    check_baseline(baseline, names)
    found = read_suite(suite, data, limit)
    measured: list[Measured] = []
    with counting("turns and questions") as bars:
        for name in names:
            bar = bars.add_task(name, total=found.steps)
            measured.append(measure(found, name, embedder, partial(bars.advance, bar)))
        ablation = {}
        if ablates:
            bar = bars.add_task("ablation", total=found.steps)
            ablation = ablate(found, embedder, partial(bars.advance, bar)).numbers()
    screen().print(recall_table(found, measured))
    if ablation:
        screen().print(ablation_table(ablation))
    results = as_results(found, measured, {"limit": limit or 0}, ablation, baseline)
    if results.differences:
        screen().print(difference_table(results.differences))
    return results


PRECISION = "precision"
"""The suite that asks what stands in a context, and not for a ranking."""

QUARTET = "quartet"
"""The suite that is made where no data are named."""


def precision_table(verdicts: Mapping[str, Sequence[Verdict]]) -> Table:
    """The counts of each system, and what is wrong in every case that is not as it should be."""
    table = Table(box=None, header_style="bold", pad_edge=False, title="recall, precision")
    for name in ("system", "case", "result"):
        table.add_column(name, overflow="fold")
    for system, some in verdicts.items():
        for metric, value in precision_numbers(some).items():
            table.add_row(system, metric, f"{value:g}")
        for one in some:
            wrong = (f"not expressible: {one.not_expressible}",) if one.not_expressible else one.faults
            leaks = (f"leaks {', '.join(sorted(one.leaks))}",) if one.leaks else ()
            if wrong or leaks:
                table.add_row(system, one.question, "; ".join((*leaks, *wrong)))
    return table


def recall_table(suite: Suite, measured: Sequence[Measured]) -> Parted:
    """One column a system; errors are standard errors, clustered by conversation."""
    questions = sum(one.questions for one in suite.conversations)
    embedder = next((one.embedder for one in measured if one.embedder), "none")
    found = [numbers(one, measured) for one in measured]
    of_categories = [name for name in found[0] if name.startswith(f"{MAIN}:") and not name.endswith("_se")]
    rows = [("mode", *(one.mode for one in measured))]
    rows += [(metric, *(_with_error(one, metric) for one in found)) for metric in (*METRICS, *of_categories)]
    if len(found) > 1:
        above = (_with_error(found[0], f"{MAIN}_above:{one.system}") for one in measured[1:])
        rows.append((f"{measured[0].system} above", "", *above))
    rows += [
        (metric, *(f"{one[metric]:,.1f}" for one in found))
        for metric in ("ingest_s", "turns_per_s", "p50_ms", "p95_ms")
    ]
    return Parted(
        title=f"recall, {suite.name}: {questions} questions on {len(suite.conversations)} conversations",
        caption=f'± standard error, clustered by conversation. "above": in {MAIN}. Embedder: {embedder}',
        corner="metric",
        columns=[one.system for one in measured],
        rows=rows,
    )


def ablation_table(rows: Mapping[str, Mapping[str, float]]) -> Table:
    """One row a list that was taken out; what is lost with it, as a whole and by category."""
    table = Table(
        box=None,
        header_style="bold",
        pad_edge=False,
        collapse_padding=True,
        title=f"treering without one list: {MAIN} left, and lost",
        caption="± standard error of the difference, clustered by conversation",
        caption_justify="left",
    )
    [columns, *_] = [[name for name in row if not name.endswith("_se")] for row in rows.values()]
    table.add_column("without", no_wrap=True)
    for name in columns:
        table.add_column({MAIN: "left", f"{MAIN}_lost": "lost"}.get(name, name.partition(":")[2]), justify="right")
    for name, row in rows.items():
        left, lost, *of_category = columns
        cells = (f"{row[metric]:.3f}" for metric in of_category)
        table.add_row(name.removeprefix("without "), f"{row[left]:.3f}", _with_error(row, lost), *cells)
    return table


def _with_error(numbers: Mapping[str, float], metric: str) -> str:
    form = ",.0f" if numbers[metric] > 1 else ".3f"
    error = numbers.get(f"{metric}_se")
    return f"{numbers[metric]:{form}}" + ("" if error is None else f" ±{error:{form}}")
