"""`treering keys create | list | rotate | revoke`: who may call `treering serve`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.help import flowing
from treering.cli.options import AsJson, Home, Tenant, open_memory

if TYPE_CHECKING:
    from datetime import datetime

    from treering.schemas.access import ApiKey, NewKey

app = typer.Typer(
    help=flowing("""Keys by which callers of `treering serve` show whose memories they may reach.

    \b
    treering keys create --tenant acme --right write --label backend
    treering keys list --tenant acme
    treering keys revoke 3f9a0c51b2d7 --tenant acme
    """),
    no_args_is_help=True,
    rich_markup_mode="rich",
)

KeyId = Annotated[str, typer.Argument(help="The id of the key, as `treering keys list` shows it.", metavar="KEY")]

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@app.command()
def create(
    *,
    right: Annotated[str, typer.Option(help="read, write or admin; each includes those before it.")] = "write",
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    expires_in: Annotated[
        str | None, typer.Option("--expires-in", help="For how long it is good, e.g. 90d, 12h; by default for ever.")
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Make a key, and print it. It is stored nowhere: keep it now.

    \b
    treering keys create --tenant acme --right read --label dashboard
    export TREERING_KEY="$(treering keys create --tenant acme --expires-in 90d)"
    """
    from treering.schemas.access import RIGHTS

    if right not in RIGHTS:
        raise typer.BadParameter(f"must be one of {', '.join(RIGHTS)}", param_hint="--right")
    life = None if expires_in is None else _life(expires_in, "--expires-in")
    with open_memory(home) as memory:
        made = memory.create_key(right, label=label, expires_in=life, tenant=tenant)
    _tell(made, as_json=as_json)


@app.command("list")
def list_(*, as_json: AsJson = False, home: Home = None, tenant: Tenant = "default") -> None:
    """The keys of a tenant, oldest first: id, right, until when, label. Their secrets are not known.

    \b
    treering keys list --tenant acme
    """
    from datetime import UTC, datetime

    with open_memory(home) as memory:
        found = memory.api_keys(tenant=tenant)
    if as_json:
        typer.echo("[" + ",\n".join(key.model_dump_json() for key in found) + "]")
        return
    now = datetime.now(UTC)
    for key in found:
        typer.echo(f"{key.id}  {key.right:5}  {_state(key, now)}  {key.label}".rstrip())
    if not found:
        typer.echo(f"No keys. Make one: treering keys create --tenant {tenant}")


@app.command()
def rotate(
    key: KeyId,
    *,
    grace: Annotated[str, typer.Option(help="For how long the old key goes on, e.g. 24h; 0s: not at all.")] = "24h",
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Make a key in place of another, and print it. The old one goes on for a while, until every caller has the new.

    \b
    treering keys rotate 3f9a0c51b2d7 --tenant acme --grace 2h
    """
    with open_memory(home) as memory:
        made = memory.rotate_key(key, grace=_life(grace, "--grace"), tenant=tenant)
    _tell(made, as_json=as_json)


@app.command()
def revoke(key: KeyId, *, home: Home = None, tenant: Tenant = "default") -> None:
    """Have a key open nothing any more; end with 1 if there is none to revoke.

    \b
    treering keys revoke 3f9a0c51b2d7 --tenant acme
    """
    with open_memory(home) as memory:
        is_revoked = memory.revoke_key(key, tenant=tenant)
    if not is_revoked:
        typer.echo("treering: no such key of this tenant, or it was revoked before: treering keys list", err=True)
        raise typer.Exit(1)
    typer.echo("Revoked. Servers that run notice within 5 seconds.")


def _tell(made: NewKey, *, as_json: bool) -> None:
    """The secret alone on stdout, so that a script can take it."""
    if as_json:
        typer.echo(made.model_dump_json(indent=2))
        return
    typer.echo(made.secret)
    key = made.key
    until = "" if key.expires_at is None else f", until {key.expires_at:%Y-%m-%d %H:%M} UTC"
    typer.echo(f"Key {key.id} may {key.right} in tenant {key.tenant!r}{until}. It is not shown again.", err=True)


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if key.expires_at is None:
        return "does not expire"
    return f"{'until' if now < key.expires_at else 'expired'} {key.expires_at:%Y-%m-%d %H:%M}"


def _life(given: str, option: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,6})([smhd])", given, re.ASCII)
    if match is None:
        raise typer.BadParameter("must be a number with s, m, h or d, e.g. 90d", param_hint=option)
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]])
