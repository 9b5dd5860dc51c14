"""`treering forget`: what waits to be forgotten, and carrying it out."""

from __future__ import annotations

from typing import Annotated

import typer

from treering.cli.options import AsJson, Home, Tenant, User, open_memory, program


def forget(
    user: User,
    claims: Annotated[
        list[str] | None,
        typer.Argument(help="Ids of claims to erase, from treering tree USER --ids.", metavar="[CLAIM]"),
    ] = None,
    *,
    confirm: Annotated[str | None, typer.Option(help="Carry out what waits under this id.", metavar="ID")] = None,
    drop: Annotated[str | None, typer.Option(help="Do not carry out what waits under this id.", metavar="ID")] = None,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Erase claims of USER for good, or list, confirm or drop what waits in quarantine.

    Erased are the claims' words, the turns they rest on, and everything derived from these. It cannot be undone.

    \b
    treering forget ana
    treering forget ana --confirm 1f6d0c2b9a7e4c3d8b5a6f70
    treering forget ana b8abaa21e3f25adb09c4dd39
    """
    from treering.cli.drawing import one_line

    with open_memory(home) as memory:
        if drop is not None:
            memory.drop(user, drop, tenant=tenant)
            typer.echo("Dropped; nothing was erased.", err=as_json)
            return
        if confirm is None and not claims:
            waiting = memory.quarantine(user, tenant=tenant)
            if as_json:
                typer.echo(f"[{','.join(held.model_dump_json() for held in waiting)}]")
                return
            for held in waiting:
                typer.echo(f"{held.id}  {held.verdict.rule}: {one_line(held.verdict.draft.quote or '')}")
            if waiting:
                typer.echo(f"Carry one out: {program()} forget {user} --confirm ID   or not: --drop ID")
            else:
                typer.echo("Nothing waits. Give the ids of claims to erase, from `treering tree USER --ids`.")
            return
        erasure = memory.forget(user, claims=claims, tenant=tenant) if confirm is None else None
        if confirm is not None:
            erasure = memory.confirm(user, confirm, tenant=tenant)
        memory.flush(user, tenant=tenant)
    if erasure is None:
        typer.echo("Carried out.", err=as_json)
    elif as_json:
        typer.echo(erasure.model_dump_json(indent=2))
    else:
        typer.echo(
            f"Erased: {len(erasure.claims)} claim(s), the text of {len(erasure.messages)} turn(s), the words of "
            f"{erasure.entries} ledger entries, {erasure.passages} passage(s), {erasure.held} held proposal(s)."
        )
