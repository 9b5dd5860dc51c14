"""`treering confirm | correct | reject | add`: what a person says of claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.options import AsJson, Home, Tenant, User, moment, open_memory, program, screen, warn_of_failures

if TYPE_CHECKING:
    from treering.client.memory import Memory
    from treering.schemas.feedback import Feedback

ClaimId = Annotated[
    str,
    typer.Argument(
        help="The id of the claim, or its first six digits at least, from treering tree USER --ids.",
        metavar="CLAIM",
        show_default=False,
    ),
]
Statement = Annotated[
    str,
    typer.Argument(
        help='What it is to say, worded as claims are: "lives in Braga".', metavar="TEXT", show_default=False
    ),
]
Why = Annotated[str | None, typer.Option(help="The reason, shown in treering history.")]


def confirm(
    user: User,
    claim_id: ClaimId,
    *,
    why: Why = None,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Vouch for a claim of USER: nothing that was only inferred replaces or ends it, and it does not fade.

    \b
    treering tree ana --ids
    treering confirm ana b8abaa --why "on the address form"
    """
    with open_memory(home) as memory:
        _show(memory, user, tenant, memory.confirm(user, claim_id, why=why, tenant=tenant), as_json=as_json)


def correct(
    user: User,
    claim_id: ClaimId,
    text: Statement,
    *,
    why: Why = None,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Let a claim of USER say something else, as if it had from the start: what it said never was so.

    For what was so and is no longer, treering remember what USER says of it: then the claim ends, with its history.

    \b
    treering tree ana --ids
    treering correct ana b8abaa "lives in Braga"
    """
    with open_memory(home) as memory:
        _show(memory, user, tenant, memory.correct(user, claim_id, text, why=why, tenant=tenant), as_json=as_json)


def reject(
    user: User,
    claim_id: ClaimId,
    *,
    why: Why = None,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Withdraw a claim of USER that never was so. The same statement is not learned again; other words are a new one.

    The words stay in the turns and in history; treering forget erases them. treering undo takes the rejection back,
    treering allow lets the statement be learned again.

    \b
    treering tree ana --ids
    treering reject ana b8abaa --why "that was a joke"
    """
    with open_memory(home) as memory:
        _show(memory, user, tenant, memory.reject(user, claim_id, why=why, tenant=tenant), as_json=as_json)


def add(
    user: User,
    path: Annotated[str, typer.Argument(help="The slot; treering trunk show lists them.", metavar="SLOT")],
    text: Statement,
    *,
    subject: Annotated[str, typer.Option(help="Whom it is about: self, agent:NAME or person:NAME.")] = "self",
    since: Annotated[str | None, typer.Option(help="Since when it is so, e.g. 2024-03-01; now by default.")] = None,
    condition: Annotated[str | None, typer.Option(help='When it is so, where not always: "on weekdays".')] = None,
    why: Why = None,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Add a claim to the tree of USER by hand. In a slot for one claim it replaces what is there.

    What USER said in a conversation is for treering remember: that listens, and keeps the words as evidence.

    \b
    treering add ana home.city "lives in Braga" --since 2024-03-01
    treering add ana preferences.drinks "drinks tea" --condition "on weekdays"
    """
    with open_memory(home) as memory:
        done = memory.add_claim(
            user,
            path,
            text,
            subject=subject,
            valid_from=moment(since),
            condition=condition,
            why=why,
            tenant=tenant,
        )
        _show(memory, user, tenant, done, as_json=as_json)


def _show(memory: Memory, user: str, tenant: str, done: Feedback, *, as_json: bool) -> None:
    """What came of it, once the vectors follow."""
    memory.flush(user, tenant=tenant)
    warn_of_failures(memory, user, tenant)
    if as_json:
        typer.echo(done.model_dump_json(indent=2))
        return
    from rich.text import Text

    from treering.cli.drawing import draw_standing, one_line

    console = screen()
    if not done.changed:
        console.print("Nothing to do: it stands so already.", style="dim")
        return
    for sign, style, claim in (("-", "red", done.before), ("+", "green", done.after)):
        if claim is not None:
            line = Text(f"{sign} ", style=style)
            line.append(f"{claim.path}: ", style="cyan")
            line.append(one_line(claim.text))
            line.append_text(draw_standing(claim))
            console.print(line, soft_wrap=True)
    undo = f"Take it back: {program()} undo {user} --version {done.version_after}"
    console.print(f"Version {done.version_after}. {undo}", style="dim", markup=False)
