"""Writes the page of a run to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.bench.choice.hearing import CONTROL
from treering.cli.options import screen
from treering.errors import InvalidInput, MissingExtra

if TYPE_CHECKING:
    from pathlib import Path

    from treering.bench.results import Results


def write_page(results: Results, file: Path) -> None:
    """Write the page of a run.

    Raises:
        MissingExtra: What draws it is not installed.
        InvalidInput: The file cannot be written.
    """
    try:
        from treering.bench.report.page import page
    except ImportError as error:
        raise MissingExtra("a page with pictures", "report", because=error) from error
    try:
        file.write_text(page(results, CONTROL), encoding="utf-8")
    except OSError as error:
        raise InvalidInput(str(file), f"cannot be written ({type(error).__name__})") from error
    screen().print(f"page: {file}", markup=False)
