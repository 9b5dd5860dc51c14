"""`treering replay`: a PersonaMem history goes through the whole write path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.bars import progress
from treering.cli.options import AsJson, Home, Tenant, open_memory, program, screen

if TYPE_CHECKING:
    from treering.bench.replaying import Summary


def replay(
    file: Annotated[Path, typer.Argument(help="A PersonaMem shared_contexts_*.jsonl file.", metavar="FILE")],
    *,
    context: Annotated[int, typer.Option(help="Which history of the file, from 0.")] = 0,
    user: Annotated[
        str | None, typer.Option(help="Whose memory it becomes; by default named after the history.")
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Replay a recorded history: remember every turn, listen to it, and sum up what became of it.

    The file has no dates: sessions are laid a week apart from 2024-01-01. Message ids are `HISTORY:PLACE`, so a second
    run over the same store changes nothing, and a run that was killed goes on where it stopped.

    \b
    treering replay shared_contexts_32k.jsonl --context 0
    """
    from treering.bench.replaying import read_history, run_replay

    history = read_history(file, context)
    person = user or f"personamem-{history.id[:8]}"
    with progress("listening", "turns", is_hidden=as_json) as tell:
        summary = run_replay(
            lambda observe: open_memory(home, observe=observe),
            history,
            user=person,
            tenant=tenant,
            progress=lambda turns: tell(turns, len(history.turns)),
        )
    if as_json:
        typer.echo(summary.model_dump_json(indent=2))
    else:
        _show(summary)


def _show(summary: Summary) -> None:
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False)
    rows: list[tuple[str, object]] = [
        ("person", summary.user),
        ("turns", f"{summary.turns} ({summary.stored} new)"),
        *((kind, number) for kind, number in summary.operations.items()),
        ("claims now", summary.claims),
        ("quarantined", summary.quarantined),
        ("rejected in this run", summary.rejected),
        ("parked windows", summary.parked),
        *(("failed", error) for error in summary.failed),
        ("seconds", f"{summary.seconds:.1f}"),
    ]
    for name, value in rows:
        table.add_row(name, str(value))
    console = screen()
    console.print(table)
    console.print(f"Look at it with: {program()} tree {summary.user}", style="dim", markup=False)
