"""`treering subjects`: whom the memory of a person knows."""

from __future__ import annotations

import typer

from treering.cli.options import AsJson, Home, Tenant, User, open_memory, screen
from treering.schemas.claims import SELF


def subjects(user: User, *, as_json: AsJson = False, home: Home = None, tenant: Tenant = "default") -> None:
    """Whom the memory of USER knows: the person, people in their life or conversation, and the assistant.

    Each has a tree of their own; treering tree USER --subject NAME shows it.

    \b
    treering subjects ana
    treering tree ana --subject person:Ines
    """
    with open_memory(home) as memory:
        found = memory.subjects(user, tenant=tenant)
    if as_json:
        typer.echo(f"[{','.join(one.model_dump_json() for one in found)}]")
        return
    lines = [f"{one.subject}{f' ({user})' if one.subject == SELF else ''}: {_counted(one.claims)}" for one in found]
    screen().print("\n".join(lines) if lines else "Nobody yet.", markup=False)


def _counted(claims: int) -> str:
    return "1 claim" if claims == 1 else f"{claims} claims"
