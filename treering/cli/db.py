"""`treering db`: the tables of the store, and bringing them up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from treering.cli import encryption
from treering.cli.options import AsJson, Home

if TYPE_CHECKING:
    from pathlib import Path

    from treering.schemas.store import StoreStanding

app = typer.Typer(
    help="The tables of the store: TREERING_DATABASE_URL, or the file in --home. A file is upgraded by itself when it "
    "is opened; on a server, that is for you to do.",
    no_args_is_help=True,
)


@app.command()
def upgrade(*, as_json: AsJson = False, home: Home = None) -> None:
    """Make the store's tables, or bring them up to date, step by step, in one transaction.

    Stop what runs on the store before, and make a backup.

    \b
    treering db upgrade
    TREERING_DATABASE_URL=postgresql://treering@localhost/treering treering db upgrade
    """
    from treering.memory.stores.upgrading import upgrade_store

    found = upgrade_store(_url(home), report=None if as_json else typer.echo)
    _tell(found, as_json=as_json, otherwise="" if found.steps else "nothing to do; ")


@app.command()
def current(*, as_json: AsJson = False, home: Home = None) -> None:
    """Say which store format the tables have. Nothing is made or changed.

    \b
    treering db current
    treering db current --json
    """
    from treering.memory.stores.upgrading import standing_of

    _tell(standing_of(_url(home)), as_json=as_json)


@app.command()
def check(*, as_json: AsJson = False, home: Home = None) -> None:
    """Compare the tables with those that this Treering needs; end with 1 if they differ or an upgrade is due.

    \b
    treering db check || treering db upgrade
    """
    from treering.memory.stores.upgrading import check_store

    found = check_store(_url(home))
    _tell(found, as_json=as_json)
    for difference in () if as_json else found.differences:
        typer.echo(f"  {difference}")
    if not found.is_current:
        raise typer.Exit(1)


def _url(home: Path | None) -> str:
    """The store that the option or the environment names, as for every other command."""
    import os

    from treering.settings import Settings

    settings = Settings.read(os.environ)
    named = {} if home is None else {"home": home, "database_url": None}
    return settings.model_copy(update=named).store_url


def _tell(found: StoreStanding, *, as_json: bool, otherwise: str = "") -> None:
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    elif found.format is None:
        typer.echo(f"{found.where}: no tables yet; needed is store format {found.needed}")
    elif found.format < found.needed:
        typer.echo(f"{found.where}: store format {found.format}; run `treering db upgrade` to get to {found.needed}")
    else:
        state = "the tables differ" if found.differences else "up to date"
        typer.echo(f"{found.where}: {otherwise}store format {found.format}, {state}")


encryption.add_to(app)
