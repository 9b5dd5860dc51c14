"""`treering db new-key`, `keys`, `encrypt`, `decrypt` and `rewrap`: encryption at rest."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.bars import progress
from treering.cli.help import flowing
from treering.cli.options import AsJson, Home

if TYPE_CHECKING:
    from collections.abc import Iterator

    from treering.memory.stores import SqlStore
    from treering.memory.stores.encryption.keys import Keys


def new_key() -> None:
    """Print a new master key: 32 random bytes in base64. It is stored nowhere; whoever loses it loses all words.

    \b
    treering db new-key > master.key
    export TREERING_MASTER_KEY="$(treering db new-key)"
    """
    import base64
    import secrets

    typer.echo(base64.b64encode(secrets.token_bytes(32)).decode())


def keys(*, as_json: AsJson = False, home: Home = None) -> None:
    """Say whose words are sealed, and whether every key is in the keyring; end with 1 if something cannot be read.

    \b
    treering db keys
    treering db keys --json
    """
    from treering.memory.stores.encryption.whole_store import keys_standing

    with _opened(home) as (store, found):
        standing = keys_standing(store, found)
    if as_json:
        typer.echo(standing.model_dump_json(indent=2))
    else:
        typer.echo(f"{standing.keyring}: {standing.sealed} sealed, {standing.plain} plain")
        if standing.plain:
            typer.echo("  treering db encrypt seals the rest; each is sealed when something is written about them")
        if standing.missing:
            typer.echo(f"  {standing.missing} without their key: another keyring, or a store from before an erasure")
        if standing.other_master:
            typer.echo(f"  {standing.other_master} under another master key")
        if standing.left_over:
            typer.echo(f"  {standing.left_over} keys left over; they go with the next erasure of their person")
    if not standing.is_sound:
        raise typer.Exit(1)


def encrypt(*, as_json: AsJson = False, home: Home = None) -> None:
    """Seal what was stored before there was a master key, one person after the other.

    TREERING_MASTER_KEY, or TREERING_MASTER_KEY_FILE, must be set. Stopped in the middle, it goes on where it was.
    Backups from before hold the words as they were: remove them.

    \b
    treering db encrypt
    """
    from treering.memory.stores.encryption.whole_store import encrypt_all

    with _opened(home) as (store, _), progress("sealing", "people", is_hidden=as_json) as tell:
        changed = encrypt_all(store, tell)
    _tell(changed, "sealed", as_json=as_json)


def decrypt(*, as_json: AsJson = False, home: Home = None) -> None:
    """Let all words be plain again, and destroy the keys. Then unset the master key, or the next write seals again.

    Stop every program that uses the store before. Stopped in the middle, it goes on where it was.

    \b
    treering db decrypt
    """
    from treering.memory.stores.encryption.whole_store import decrypt_all

    with _opened(home) as (store, _), progress("unsealing", "people", is_hidden=as_json) as tell:
        changed = decrypt_all(store, tell)
    _tell(changed, "unsealed", as_json=as_json)


def rewrap(
    new_key_file: Annotated[Path, typer.Argument(help="A file with the new master key.", metavar="FILE")],
    *,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Wrap all keys with a new master key; TREERING_MASTER_KEY is still the old one. The words stay as they are.

    Stop every program that uses the store before, and start them with the new key. Stopped in the middle, it goes on
    where it was.

    \b
    treering db new-key > new.key
    treering db rewrap new.key
    """
    from treering.composition import read_master_key
    from treering.memory.stores.encryption.whole_store import rewrap_all

    new = read_master_key(new_key_file, where="FILE")
    with _opened(home) as (store, found):
        done = rewrap_all(store, found, new)
    if as_json:
        typer.echo(done.model_dump_json(indent=2))
    else:
        typer.echo(
            f"Wrapped anew: {done.rewrapped} key(s); {done.already} had been. Set TREERING_MASTER_KEY to the new key."
        )


def add_to(app: typer.Typer) -> None:
    """Put these commands into a group."""
    for command in (new_key, keys, encrypt, decrypt, rewrap):
        app.command(help=flowing(command.__doc__ or ""))(command)


@contextmanager
def _opened(home: Path | None) -> Iterator[tuple[SqlStore, Keys]]:
    """The store that the option or the environment names, and its keys."""
    import os

    from treering.composition import compose_keys
    from treering.errors import InvalidInput
    from treering.memory.stores import SqlStore
    from treering.schemas.trunks import load_trunk
    from treering.settings import Settings

    settings = Settings.read(os.environ)
    if home is not None:
        settings = settings.model_copy(update={"home": home, "database_url": None})
    found = compose_keys(settings)
    if found is None:
        raise InvalidInput("TREERING_MASTER_KEY", "is not set; `treering db new-key` prints a new one")
    store = SqlStore(settings.store_url, load_trunk(settings.trunk, cache_dir=settings.cache_dir), keys=found)
    try:
        yield store, found
    finally:
        store.close()


def _tell(people: int, what: str, *, as_json: bool) -> None:
    typer.echo(f'{{"{what}": {people}}}' if as_json else f"Words were {what}, of people: {people}.")
