"""`treering quarantine list | release | drop`: what waits for a yes, carrying it out, or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.help import flowing
from treering.cli.options import AsJson, Home, Tenant, User, open_memory, program, screen

if TYPE_CHECKING:
    from rich.text import Text

    from treering.schemas.feedback import Released
    from treering.schemas.listening import Held

app = typer.Typer(
    help=flowing("""What waits for a person: requests to forget, and whatever admission did not dare to decide.

    \b
    treering quarantine list ana
    treering quarantine release ana 1f6d0c
    treering quarantine drop ana 1f6d0c
    """),
    no_args_is_help=True,
    rich_markup_mode="rich",
)

HeldId = Annotated[
    str | None,
    typer.Argument(help="The id of what waits, or its first six digits at least.", metavar="ID", show_default=False),
]
Rule = Annotated[str | None, typer.Option(help="All that this rule holds, e.g. mass-change.")]
Window = Annotated[str | None, typer.Option(help="All of this window; with --rule, all of the rule in it.")]


@app.command("list")
def list_(user: User, *, as_json: AsJson = False, home: Home = None, tenant: Tenant = "default") -> None:
    """What waits for USER, oldest first: its id, what would be done, the rule that held it, and why.

    \b
    treering quarantine list ana
    treering quarantine list ana --json
    """
    with open_memory(home) as memory:
        waiting = memory.quarantine(user, tenant=tenant)
        texts = {claim.id: claim.text for claim in memory.tree(user, tenant=tenant).claims} if waiting else {}
    if as_json:
        typer.echo(_listed(waiting))
        return
    console = screen()
    for held in waiting:
        for line in _lines(held, texts):
            console.print(line, soft_wrap=True)
    if waiting:
        typer.echo(f"Carry one out: {program()} quarantine release {user} ID   or not: {program()} quarantine drop …")
    else:
        typer.echo("Nothing waits.")


@app.command()
def release(
    user: User,
    held_id: HeldId = None,
    *,
    rule: Rule = None,
    window: Window = None,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Carry out what waits for USER: one proposal by its id, or all of a rule or a window at once, or nothing of it.

    A request to forget erases for good. Anything else is tied to the tree as it stands now, and is refused where its
    words do not stand in their message any more; treering undo takes it back.

    \b
    treering quarantine release ana 1f6d0c2b9a7e4c3d8b5a6f70
    treering quarantine release ana --rule mass-change
    treering quarantine release ana --window 120-127 --rule mass-change
    """
    with open_memory(home) as memory:
        done = memory.release(user, held_id, rule=rule, window=window, tenant=tenant)
        memory.flush(user, tenant=tenant)
    if as_json:
        typer.echo(done.model_dump_json(indent=2))
    else:
        _tell(done)


@app.command()
def drop(
    user: User,
    held_id: HeldId = None,
    *,
    rule: Rule = None,
    window: Window = None,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Take what waits for USER out without carrying it out. It is not asked again.

    \b
    treering quarantine drop ana 1f6d0c2b9a7e4c3d8b5a6f70
    treering quarantine drop ana --rule too-many
    """
    with open_memory(home) as memory:
        dropped = memory.drop(user, held_id, rule=rule, window=window, tenant=tenant)
    if as_json:
        typer.echo(_listed(dropped))
    else:
        typer.echo(f"Dropped {len(dropped)}; nothing was changed.")


def _listed(held: list[Held]) -> str:
    return f"[{','.join(one.model_dump_json() for one in held)}]"


def _lines(held: Held, texts: dict[str, str]) -> list[Text]:
    """The id with what would be done, then why it waits, then the words it rests on."""
    from rich.text import Text

    from treering.cli.drawing import draw_operation, one_line

    draft, operation = held.verdict.draft, held.verdict.operation
    first = Text(f"{held.id}  ", style="magenta")
    if operation is not None and not (operation.kind == "DELETE" and operation.target not in texts):
        first.append_text(draw_operation(operation, texts))
    else:
        first.append(f"{draft.kind} {draft.path}: {one_line(draft.text or '')}")
    lines = [
        first,
        Text(f"    {held.verdict.rule}: {one_line(held.verdict.why)}   window {held.window_id}", style="dim"),
    ]
    if draft.quote:
        lines.append(Text(f"    “{one_line(draft.quote)}”  {one_line(draft.message_id or '')}", style="dim"))
    return lines


def _tell(done: Released) -> None:
    from treering.cli.drawing import draw_operation
    from treering.cli.forgetting import tell

    console = screen()
    for operation in done.operations:
        console.print(draw_operation(operation, {}))
    if done.receipt is not None:
        tell(done.receipt, as_json=False)
    if not done.held:
        console.print("It was released before; nothing was left to do.")
    elif done.operations:
        console.print(f"Released {len(done.held)}: version {done.version_after}.", style="dim")
