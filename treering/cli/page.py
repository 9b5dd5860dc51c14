"""The page of `treering --help`: typer's own would import every command, and more of rich than the rest takes."""

from __future__ import annotations

import typer
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from treering.cli.commands import PANELS, name_of
from treering.cli.options import screen

_EXAMPLES = "\b\n"
"""Begins a paragraph whose lines stay as they are."""


def show_page(context: typer.Context) -> None:
    """Print what the program is for, its options, and every command under its heading."""
    console = screen()
    console.print(Padding(Text(context.get_usage(), style="bold"), 1))
    paragraphs = (context.command.help or "").split("\n\n")
    console.print(Padding(Text("\n\n".join(one.removeprefix(_EXAMPLES) for one in paragraphs)), (0, 1, 1, 1)))
    records = (option.get_help_record(context) for option in context.command.get_params(context))
    console.print(_panel("Options", dict(record for record in records if record)))
    for heading, places in PANELS.items():
        console.print(_panel(heading, {name_of(place): summary for place, summary in places.items()}))


def _panel(heading: str, rows: dict[str, str]) -> Panel:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(style="bold cyan", no_wrap=True, min_width=max(len(name) for name in _names()))
    table.add_column(ratio=1)
    for name, meaning in rows.items():
        table.add_row(Text(name), Text(meaning))
    return Panel(table, title=heading, title_align="left", border_style="dim")


def _names() -> list[str]:
    return [name_of(place) for places in PANELS.values() for place in places]
