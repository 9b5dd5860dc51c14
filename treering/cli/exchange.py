"""`treering export | import`: a person's memory as a document, out and in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.bars import passing, progress
from treering.cli.options import AsJson, Home, Tenant, open_memory, program, screen

if TYPE_CHECKING:
    from treering.client.memory import Memory
    from treering.schemas.export import ExportSummary
    from treering.schemas.foreign import ForeignFormat, ImportReport

_OWN = "treering"
_PERSONA_TREE = "persona-tree"


def export(
    user: Annotated[
        str | None, typer.Argument(help="The person, as your application names them.", metavar="USER")
    ] = None,
    *,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The file; standard output without it.", metavar="FILE")
    ] = None,
    kind: Annotated[
        str, typer.Option("--format", help="treering: everything. persona-tree: what is known now, as in the paper.")
    ] = _OWN,
    subject: Annotated[str, typer.Option(help="With persona-tree: self, agent:NAME or person:NAME.")] = "self",
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
    treering export ana --format persona-tree
    treering export --schema
    """
    import json

    if schema:
        from treering.schemas.export import Export

        _put(json.dumps(Export.model_json_schema(), indent=2), out)
        return
    if user is None:
        raise typer.BadParameter("name the person to export", param_hint="USER")
    if kind not in (_OWN, _PERSONA_TREE):
        raise typer.BadParameter(f"{kind!r} cannot be written; choose {_OWN} or {_PERSONA_TREE}")
    with open_memory(home) as memory:
        if kind == _PERSONA_TREE:
            tree = memory.persona_tree(user, subject=subject, tenant=tenant)
            _put(json.dumps(tree, indent=2, ensure_ascii=False), out)
            return
        summary = _export(memory, user, out, tenant, is_silent=as_json)
    if summary is None:
        return
    if as_json:
        typer.echo(summary.model_dump_json(indent=2))
    else:
        screen().print(f"Exported {_in_words(summary)} to {out}.", markup=False, soft_wrap=True)


def _put(text: str, out: Path | None) -> None:
    from treering.errors import InvalidInput

    if out is None:
        typer.echo(text)
        return
    try:
        out.write_text(f"{text}\n", "utf-8")
    except OSError as error:
        raise InvalidInput("export", f"{out} cannot be written ({error.strerror})") from error


def _export(memory: Memory, user: str, out: Path | None, tenant: str, *, is_silent: bool) -> ExportSummary | None:
    if out is None:
        import sys

        memory.export_to(user, sys.stdout, tenant=tenant)
        return None
    with progress("exporting", is_hidden=is_silent) as tell:
        return memory.export_to(user, out, progress=tell, tenant=tenant)


def import_(
    file: Annotated[Path, typer.Argument(help="The file; - reads it from standard input.", metavar="FILE")],
    *,
    user: Annotated[
        str | None,
        typer.Option("--as", help="Whose memory it becomes; by default whose an export says it is.", metavar="USER"),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="treering, mem0, langmem, zep, letta, chatgpt or persona-tree; found out without it.",
        ),
    ] = None,
    map_file: Annotated[
        Path | None,
        typer.Option("--map", help="YAML: slots by the category, label or namespace of the other memory."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be placed where, and store nothing.")] = (
        False
    ),
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Restore an export of Treering, or take in what another memory left behind.

    An export becomes the memory of somebody about whom nothing is stored, with the same digests and history, or
    nothing is stored. Files of mem0, LangMem (a LangGraph store), Zep or Graphiti, Letta, ChatGPT and of the
    persona-tree paper may be added to a memory: conversations are listened to, statements go into the slot that
    they are nearest to, and wait in quarantine where none is near. Importing twice changes nothing.

    \b
    treering import ana.json
    treering import ana.json --as ana-restored
    gunzip -c ana.json.gz | treering import -
    treering import mem0.json --as ana --dry-run
    treering import conversations.json --as ana --format chatgpt
    """
    import sys

    from treering.memory.exchange.foreign.formats import FORMATS

    source = sys.stdin.buffer.read() if str(file) == "-" else file
    if kind is None and _person_in(source) is not None:
        kind = _OWN
    if kind not in (None, _OWN, *FORMATS):
        raise typer.BadParameter(f"{kind!r} is no format; choose {', '.join((_OWN, *FORMATS))}")
    if kind == _OWN:
        if dry_run or map_file is not None:
            raise typer.BadParameter("--dry-run and --map are for files of other memories")
        _restore(source, user, tenant, home, as_json=as_json)
        return
    if user is None:
        raise typer.BadParameter("a file of another memory does not say whose it is; name the person with --as USER")
    with open_memory(home) as memory:
        report = memory.import_from(
            user, source, format=_foreign(kind), paths=_paths(map_file), dry_run=dry_run, tenant=tenant
        )
        if not dry_run:
            memory.flush(user, tenant=tenant)
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        _show(report)


def _restore(source: Path | bytes, user: str | None, tenant: str, home: Path | None, *, as_json: bool) -> None:
    from treering.errors import InvalidExport

    person = user or _person_in(source)
    if person is None:
        raise InvalidExport(
            "a document" if isinstance(source, bytes) else str(source),
            "it is no Treering export, or does not say whose memory it is",
        )
    with open_memory(home) as memory:
        with passing(is_hidden=as_json) as bar:
            task = bar.add_task("importing", total=None)
            summary = memory.restore(person, source, progress=lambda more: bar.advance(task, more), tenant=tenant)
        memory.flush(person, tenant=tenant)
    if as_json:
        typer.echo(summary.model_dump_json(indent=2))
        return
    screen().print(f"Imported {_in_words(summary)}.", markup=False, soft_wrap=True)
    screen().print(f"Look at it with: {program()} tree {person}", style="dim", markup=False)


def _person_in(source: Path | bytes) -> str | None:
    """Whose memory a document is, if it is an export of ours."""
    from treering.client.exchange import chunks
    from treering.memory.exchange.scanning import items

    opening: dict[str, object] = {}
    try:
        for name, value in items(iter([source]) if isinstance(source, bytes) else chunks(source)):
            opening[name] = value
            if opening.get("format") != "treering-export":
                return None
            if name == "user":
                return str(value)
    except ValueError:  # no object, or cut off: whoever reads all of it says so
        return None
    return None


def _foreign(kind: str | None) -> ForeignFormat | None:
    from treering.memory.exchange.foreign.formats import FORMATS

    return next((name for name in FORMATS if name == kind), None)


def _paths(file: Path | None) -> dict[str, str]:
    """The slots that a person gives, from YAML."""
    import yaml

    from treering.errors import InvalidInput

    if file is None:
        return {}
    try:
        found = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidInput(f"map {file}", f"cannot be read ({type(error).__name__})") from error
    if not isinstance(found, dict) or not all(isinstance(part, str) for pair in found.items() for part in pair):
        raise InvalidInput(f"map {file}", "must be lines like `category: path.of.a.slot`")
    return found


def _in_words(summary: ExportSummary) -> str:
    counts = summary.counts
    return (
        f"{summary.user}: {counts['turns']:,} turn(s) of {counts['sessions']:,} session(s), "
        f"{counts['operations']:,} operation(s) in {counts['batches']:,} version(s), digest {summary.digest[:12]}"
    )


_MARKS = {"placed": "+", "known": "·", "held": "?", "forgotten": "x"}


def _show(report: ImportReport) -> None:
    from collections import Counter

    from treering.cli.drawing import one_line

    console = screen()
    for one in report.placements:
        near = "" if one.score is None else f" {one.score:.2f}"
        line = f"{_MARKS[one.outcome]} {one.path}: {one_line(one.text)} ({one.rule}{near})"
        console.print(line, markup=False, soft_wrap=True)
    for why, number in Counter(one.why for one in report.left_out).most_common():
        console.print(f"- left out, {number}: {why}", style="dim", markup=False, soft_wrap=True)
    outcomes = Counter(one.outcome for one in report.placements)
    would = "Would import" if report.is_dry_run else "Imported"
    console.print(
        f"{would} from {report.format}: {outcomes['placed']} claim(s) placed, {outcomes['held']} to be decided, "
        f"{outcomes['known']} known; {report.stored} turn(s), {report.known} known.",
        markup=False,
        soft_wrap=True,
    )
    if outcomes["held"] and not report.is_dry_run:
        console.print(f"What waits: {program()} forget {report.user}", style="dim", markup=False)
    if not (report.placements or report.stored or report.known or report.left_out):
        console.print(f"Nothing in it is of the format {report.format}.", style="dim", markup=False)
    elif not report.is_dry_run:
        console.print(f"Look at it with: {program()} tree {report.user}", style="dim", markup=False)
