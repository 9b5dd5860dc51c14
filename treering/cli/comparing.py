"""`treering bench compare` on the screen: what differs between the numbers of two runs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pydantic import ValidationError
from rich.table import Table

from treering.bench.results import Results
from treering.cli.options import screen
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_ERROR = "_se"
_Z = 1.96
"""Standard errors of a difference that chance reaches once in twenty times."""


def compare(before: Path, after: Path) -> None:
    """Print every number of two results files, and what differs.

    Raises:
        InvalidInput: A file holds no results, or the two are of different benchmarks.
    """
    first, second = _read(before), _read(after)
    if (first.bench, first.suite) != (second.bench, second.suite):
        raise InvalidInput(
            str(after), f"is of {second.bench} on {second.suite}, and {before} of {first.bench} on {first.suite}"
        )
    table = Table(
        box=None,
        header_style="bold",
        pad_edge=False,
        title=f"{first.bench}, {first.suite}",
        caption="* more than chance explains once in twenty, as if the two runs were independent; errors where known",
        caption_justify="left",
    )
    for name in ("system", "metric"):
        table.add_column(name)
    for name in ("before", "after", "change"):
        table.add_column(name, justify="right")
    for row in _rows(first.systems, second.systems):
        table.add_row(*row)
    screen().print(table)
    for system in sorted(set(first.systems) ^ set(second.systems)):
        screen().print(f"{system} is in {before if system in first.systems else after} alone.", markup=False)


def _read(file: Path) -> Results:
    try:
        return Results.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise InvalidInput(str(file), "holds no results; `treering bench … --json FILE` writes them") from error


def _rows(
    before: Mapping[str, Mapping[str, float]], after: Mapping[str, Mapping[str, float]]
) -> Iterator[tuple[str, str, str, str, str]]:
    for system, row in before.items():
        other = after.get(system, {})
        for metric, value in row.items():
            if metric.endswith(_ERROR) or metric not in other:
                continue
            errors = [one[f"{metric}{_ERROR}"] for one in (row, other) if f"{metric}{_ERROR}" in one]
            change = other[metric] - value
            is_more = len(errors) == len((row, other)) and abs(change) > _Z * math.hypot(*errors)
            yield system, metric, f"{value:g}", f"{other[metric]:g}", f"{change:+g}{' *' if is_more else ''}"
