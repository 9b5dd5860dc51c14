"""Progress bars of measurements."""

from __future__ import annotations

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from treering.cli.options import screen


def counting(what: str) -> Progress:
    """Bars on standard error, each with a count.

    Args:
        what: What is counted, or a template of what stands behind the count, e.g. `{task.fields[spent]}`.
    """
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(what),
        TimeRemainingColumn(),
        console=screen(errors=True),
    )
