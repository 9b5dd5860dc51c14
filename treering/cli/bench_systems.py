"""`treering bench systems`: what can be measured, and what each of them needs."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from treering.bench import plugins
from treering.bench.systems.catalogue import BUILT_IN, entry_of
from treering.cli.options import screen
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from treering.bench.systems.entry import Entry


def show_systems() -> None:
    """Print a row for each system, and for each plugin that is broken what is wrong with it."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("name", "what it is", "embedder", "needs", "tested"):
        table.add_column(column, overflow="fold")
    broken = []
    for name, package in _listed():
        try:
            entry = entry_of(name)
        except InvalidInput as error:
            broken.append(str(error))
            continue
        table.add_row(name, escape(entry.about), entry.embedder, escape(_needs(entry)), _tested(entry, package))
    screen().print(table)
    for line in broken:
        screen(errors=True).print(line, markup=False, style="red")


def _listed() -> Iterator[tuple[str, str]]:
    """Each name once, with the package that adds it; empty for those that are built in."""
    yield from (dict.fromkeys(BUILT_IN, "") | dict(plugins.packages(plugins.SYSTEMS))).items()


def _needs(entry: Entry) -> str:
    is_missing = bool(entry.package) and find_spec(entry.package) is None
    extra = (f"treering[{entry.extra}]" if entry.extra else entry.package,) if is_missing else ()
    return ", ".join((*extra, *entry.variables))


def _tested(entry: Entry, package: str) -> str:
    by = f", by {package}" if package else ""
    return f"{'live' if entry.is_tested_live else 'untested live'}{by}"
