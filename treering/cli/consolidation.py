"""`treering consolidate`: what the claims of many sessions say of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.options import AsJson, Home, Tenant, User, open_memory, screen, warn_of_failures

if TYPE_CHECKING:
    from rich.console import Console

    from treering.schemas.consolidation import Consolidation


def consolidate(
    user: User,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Compare the claims of USER from many sessions, and show what follows and why.

    Claims that say the same become one with the words of all; of a contradiction the later statement holds, unless
    both were said under conditions of their own; what was concluded on two independent occasions becomes a claim. The
    end of a session does this by itself. treering history shows it later, treering undo takes it back for good.

    \b
    treering consolidate ana --dry-run
    treering consolidate ana
    """
    with open_memory(home) as memory:
        known = memory.history(user, tenant=tenant)
        done = memory.consolidate(user, dry_run=dry_run, tenant=tenant)
        warn_of_failures(memory, user, tenant)
    if as_json:
        typer.echo(done.model_dump_json(indent=2))
        return
    from treering.schemas.operations import Add, Update

    claims = [entry.operation.claim for entry in known if isinstance(entry.operation, Add | Update)]
    _show(screen(), done, {claim.id: claim.text for claim in claims})


def _show(console: Console, done: Consolidation, texts: dict[str, str]) -> None:
    from rich.text import Text

    from treering.cli.drawing import draw_operation, draw_verdict, one_line
    from treering.schemas.operations import Add

    for step in done.steps:
        for operation in step.operations:
            console.print(draw_operation(operation, texts))
            if isinstance(operation, Add):
                texts[operation.claim.id] = operation.claim.text
        for verdict in step.held:
            console.print(draw_verdict(verdict, texts))
        console.print(Text(f"  why: {one_line(step.why)}", style="dim italic"))
    if not done.steps:
        console.print("Nothing to do: no two claims say the same or contradict each other.", style="dim")
    elif done.dry_run:
        console.print("Nothing was changed; without --dry-run it is.", style="dim")
    else:
        console.print(f"Version {done.version_before} became {done.version_after}.", style="dim")
