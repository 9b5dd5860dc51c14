"""`treering export | import`: a person's memory as a document, out and in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.options import AsJson, Home, Tenant, open_memory, program, screen

if TYPE_CHECKING:
    from rich.progress import Progress

    from treering.schemas.export import ExportSummary


def export(
    user: Annotated[
        str | None, typer.Argument(help="The person, as your application names them.", metavar="USER")
    ] = None,
    *,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The file; standard output without it.", metavar="FILE")
    ] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of an export, and end.")] = False,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Everything that is USER's as one JSON: turns, ledger with its history, quarantine, tombstones, receipts.

    `treering import` restores it to the same digests. Vectors are left out, because they are made anew. The words in
    the file are plain: keep it as you would keep the conversations.

    \b
    treering export ana -o ana.json
    treering export ana | gzip > ana.json.gz
    treering export --schema
    """
    if schema:
        import json

        from treering.schemas.export import Export

        typer.echo(json.dumps(Export.model_json_schema(), indent=2))
        return
    if user is None:
        raise typer.BadParameter("name the person to export", param_hint="USER")
    with open_memory(home) as memory:
        if out is None:
            import sys

            memory.export_to(user, sys.stdout, tenant=tenant)
            return
        with _bar("exporting", is_silent=as_json) as bar:
            task = bar.add_task("exporting", total=None)
            summary = memory.export_to(
                user,
                out,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
                tenant=tenant,
            )
    if as_json:
        typer.echo(summary.model_dump_json(indent=2))
    else:
        screen().print(f"Exported {_in_words(summary)} to {out}.", markup=False)


def import_(
    file: Annotated[Path, typer.Argument(help="The file.", metavar="FILE")],
    *,
    user: Annotated[str | None, typer.Option("--as", help="Whom it becomes.", metavar="USER")] = None,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Restore an export: to the same digests and the same history, or not at all.

    \b
    treering import ana.json
    treering import ana.json --as ana-restored
    """
    with open_memory(home) as memory:
        person = user or _person_in(file)
        with _bar("importing", is_silent=as_json) as bar:
            task = bar.add_task("importing", total=None)
            summary = memory.restore(person, file, progress=lambda more: bar.advance(task, more), tenant=tenant)
        memory.flush(person, tenant=tenant)
    if as_json:
        typer.echo(summary.model_dump_json(indent=2))
        return
    screen().print(f"Imported {_in_words(summary)}.", markup=False)
    screen().print(f"Look at it with: {program()} tree {person}", style="dim", markup=False)


def _person_in(file: Path) -> str:
    """Whose memory a file says it is."""
    from treering.client.exchange import chunks
    from treering.errors import InvalidExport
    from treering.memory.exchange.scanning import items

    try:
        for name, value in items(chunks(file)):
            if name == "user" and isinstance(value, str):
                return value
    except ValueError as error:
        raise InvalidExport(str(file), str(error)) from None
    raise InvalidExport(str(file), "it does not say whose memory it is; name the person with --as USER")


def _bar(what: str, *, is_silent: bool) -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = screen(errors=True)
    return Progress(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=is_silent or not console.is_terminal,
    )


def _in_words(summary: ExportSummary) -> str:
    counts = summary.counts
    return (
        f"{summary.user}: {counts['turns']:,} turn(s) of {counts['sessions']:,} session(s), "
        f"{counts['operations']:,} operation(s) in {counts['batches']:,} version(s), digest {summary.digest[:12]}"
    )
