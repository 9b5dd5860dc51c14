"""`treering bench compare` on the screen: what differs between the numbers of two runs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pydantic import ValidationError
from rich.table import Table

from treering.bench.paired import paired
from treering.bench.results import Results, as_marks
from treering.cli.options import screen
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from treering.bench.score import Marks

_ERROR = "_se"
_Z = 1.96
"""Standard errors of a difference that chance reaches once in twenty times."""

_ODDS = 0.05
"""The same as a probability."""


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
        caption="* more than chance explains once in twenty: question by question, with a 95 % interval, where both "
        "files have the marks of questions, else as if the two runs were independent",
        caption_justify="left",
    )
    for name in ("system", "metric"):
        table.add_column(name)
    for name in ("before", "after", "change"):
        table.add_column(name, justify="right")
    for row in _rows(first, second):
        table.add_row(*row)
    screen().print(table)
    for system in sorted(set(first.systems) ^ set(second.systems)):
        screen().print(f"{system} is in {before if system in first.systems else after} alone.", markup=False)


def _read(file: Path) -> Results:
    try:
        return Results.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise InvalidInput(str(file), "holds no results; `treering bench … --json FILE` writes them") from error


def _rows(before: Results, after: Results) -> Iterator[tuple[str, str, str, str, str]]:
    for system, row in before.systems.items():
        other = after.systems.get(system, {})
        marks = [as_marks(one.marks.get(system, ())) for one in (before, after)]
        for metric, value in row.items():
            if metric.endswith(_ERROR) or metric not in other:
                continue
            errors = [one[f"{metric}{_ERROR}"] for one in (row, other) if f"{metric}{_ERROR}" in one]
            change = _paired(metric, *marks) or _apart(other[metric] - value, errors)
            yield system, metric, f"{value:g}", f"{other[metric]:g}", change


def _paired(metric: str, before: Sequence[Marks], after: Sequence[Marks]) -> str:
    """The change question by question, where both runs have the marks of questions."""
    name, _, kind = metric.partition(":")
    first, second = (
        [one for one in some if name in one.values and (not kind or one.category == kind)] for some in (before, after)
    )
    found = paired(second, first, name)
    if found is None or found.low is None or found.high is None or found.p is None:
        return ""
    star = " *" if found.p < _ODDS else ""
    return f"{found.difference:+.4g} [{found.low:+.3f}, {found.high:+.3f}]{star}"


def _apart(change: float, errors: Sequence[float]) -> str:
    """The change as if the two runs had nothing in common."""
    is_more = len(errors) == len(("before", "after")) and abs(change) > _Z * math.hypot(*errors)
    return f"{change:+g}{' *' if is_more else ''}"
