"""`treering bench suites`: what each suite measures, where its files are, and whether they were tried."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from treering.bench import plugins
from treering.bench.choice.catalogue import choice_suites, suite_files
from treering.bench.suites.adversarial import ADVERSARIAL
from treering.bench.suites.precision import PRECISION
from treering.cli.options import screen
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from treering.bench.suites.source import Source

ELSEWHERE = {"precision": (PRECISION, "bench recall"), "adversarial": (ADVERSARIAL, "bench listen")}
"""Suites that only another command than `bench run` takes."""


def show_suites() -> None:
    """Print a row for suites that differ in their files alone, and for each plugin that is broken what is wrong."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("suite", "what it measures, and its files"):
        table.add_column(column, overflow="fold")
    listed, broken = _listed()
    for _, some in groupby(listed, key=lambda one: (one[1].url, one[1].measures, one[1].tried, one[2])):
        alike = list(some)
        sources = [source for _, source, _ in alike]
        table.add_row(
            "\n".join(escape(name) for name, _, _ in alike), "\n".join((*_told(sources), alike[0][2])).strip()
        )
    screen().print(table)
    for line in broken:
        screen(errors=True).print(line, markup=False, style="red")


def _listed() -> tuple[list[tuple[str, Source, str]], list[str]]:
    """Each suite with its source and what else is to be said of it; and what is wrong with plugins."""
    found, broken = [], []
    packages = dict(plugins.packages(plugins.SUITES))
    for name in choice_suites():
        note = f"[dim]added by:[/] {escape(packages[name])}" if name in packages else ""
        try:
            found.append((name, suite_files(name).source, note))
        except InvalidInput as error:
            broken.append(str(error))
    found += [(name, source, f"[dim]for:[/] {command}") for name, (source, command) in ELSEWHERE.items()]
    return found, broken


def _told(sources: Sequence[Source]) -> Iterator[str]:
    """Lines on suites that differ in their files alone."""
    one = sources[0]
    files = dict.fromkeys(file for source in sources for file in source.files)
    yield escape(one.measures or one.name)
    yield f"[dim]from:[/] {escape(one.url)}, {escape(one.licence) or 'no licence is named'}"
    if files:
        yield f"[dim]files:[/] {escape(', '.join(files))}{_checksums(sources)}"
    yield f"[dim]tried on:[/] {escape(one.tried) or 'nothing; it is read after the description of its files'}"


def _checksums(sources: Sequence[Source]) -> str:
    known = {name for source in sources for name in source.sha256}
    return f"\n[dim]checksums known of:[/] {escape(', '.join(sorted(known)))}" if known else ""
