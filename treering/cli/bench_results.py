"""What becomes of the numbers of a measurement: a table, and a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.options import screen

if TYPE_CHECKING:
    from treering.bench.results import Results


JsonFile = Annotated[Path | None, typer.Option("--json", help="Also write the numbers to this file.")]


def show_results(results: Results, file: Path | None) -> None:
    """Print a row for each metric of each system, and write all to the file that is named."""
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False, title=f"{results.bench}, {results.suite}")
    table.add_column("what")
    table.add_column("metric")
    table.add_column("value", justify="right")
    for system, metrics in results.systems.items():
        for metric, value in metrics.items():
            table.add_row(system, metric, f"{value:g}")
    screen().print(table)
    write_results(results, file)


def write_results(results: Results, file: Path | None) -> None:
    """Write the numbers to the file that is named, if one is."""
    if file is not None:
        file.write_text(results.model_dump_json(indent=2), encoding="utf-8")
