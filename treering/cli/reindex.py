"""`treering reindex`: vectors of another embedder, made while the old ones are in use."""

from __future__ import annotations

from typing import Annotated

import typer

from treering.cli.bars import progress
from treering.cli.options import AsJson, Home, open_memory, program


def reindex(
    *,
    embedder: Annotated[
        str | None, typer.Option(help="The new one, as in TREERING_EMBEDDER; by default that of the settings.")
    ] = None,
    drop_others: Annotated[
        bool, typer.Option("--drop-others", help="Then remove the vectors of all other embedders.")
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Annotated[
        str | None, typer.Option(help="Only this customer or application; all without it.", rich_help_panel="Store")
    ] = None,
) -> None:
    """Embed everything with another model, beside the vectors that are in use.

    Applications go on with the old one meanwhile. A run that was cut off goes on where it was. When it is done, start
    the applications with TREERING_EMBEDDER set to the new one, and run it once more with --drop-others.

    \b
    treering reindex --embedder sentence-transformers:BAAI/bge-small-en-v1.5
    treering reindex --embedder sentence-transformers:BAAI/bge-small-en-v1.5 --drop-others
    """
    bar = progress("embedding", "turns and changes", is_hidden=as_json)
    with open_memory(home, embedder=embedder) as memory, bar as tell:
        done = memory.reindex(drop_others=drop_others, tenant=tenant, progress=tell)
    if as_json:
        typer.echo(done.model_dump_json(indent=2))
        return
    people = "1 person" if done.scopes == 1 else f"{done.scopes} people"
    typer.echo(f"The vectors of {people} by {done.embedder} are complete.")
    for name, count in done.dropped.items():
        typer.echo(f"Dropped: {count} by {name}.")
    for name, count in done.others.items():
        typer.echo(f"Beside them: {count} by {name}.")
    if done.others:
        again = " ".join([program(), "reindex", *(["--embedder", embedder] if embedder else []), "--drop-others"])
        typer.echo(f"When no application uses others any more, drop theirs: {again}")
