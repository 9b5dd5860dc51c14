"""`treering turns | retract | amend`: what was said, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.options import AsJson, Home, Tenant, User, open_memory, screen, warn_of_failures

if TYPE_CHECKING:
    from rich.console import Console

    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Turn
    from treering.schemas.retraction import Retraction

Message = Annotated[
    str, typer.Argument(help="The id of the message, from treering turns USER.", metavar="MESSAGE", show_default=False)
]


def turns(
    user: User,
    *,
    session: Annotated[str | None, typer.Option(help="Only of this conversation.")] = None,
    last: Annotated[int, typer.Option(help="How many, the latest ones.")] = 20,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """What was said with USER, each turn with the id of its message.

    \b
    treering turns ana
    treering turns ana --session monday --last 5
    """
    with open_memory(home) as memory:
        said = memory.turns(user, session=session, last=last, tenant=tenant)
    if as_json:
        typer.echo(f"[{','.join(turn.model_dump_json() for turn in said)}]")
        return
    console = screen()
    for turn in said:
        _show_turn(console, turn)
    if not said:
        console.print("Nothing was said yet.")


def retract(
    user: User,
    message_id: Message,
    *,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Take a message of USER back, as if it had never been said.

    Claims that rest on it alone go, others stay with what else they rest on, and what it had ended or replaced holds
    again. History keeps what was learned; treering forget erases words there too.

    \b
    treering turns ana
    treering retract ana m17
    """
    with open_memory(home) as memory:
        done = memory.retract(user, message_id, tenant=tenant)
        memory.flush(user, tenant=tenant)
        warn_of_failures(memory, user, tenant)
    if as_json:
        typer.echo(done.model_dump_json(indent=2))
    else:
        _show(screen(), done)


def amend(
    user: User,
    message_id: Message,
    text: Annotated[str, typer.Argument(help="What it is to say; - reads it from standard input.", metavar="TEXT")],
    *,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Let a message of USER say something else, listen to that, and show what changed.

    \b
    treering amend ana m17 "I moved to Braga last week."
    """
    import sys

    from treering.cli.drawing import draw_heard, texts_of
    from treering.cli.options import held_hint
    from treering.schemas.listening import Heard

    heard: list[Heard] = []
    with open_memory(home, observe=lambda _, one: heard.append(one)) as memory:
        content = sys.stdin.read() if text == "-" else text
        done = memory.amend(user, message_id, content, tenant=tenant)
        before = texts_of(memory.tree(user, tenant=tenant).claims)
        memory.flush(user, tenant=tenant)
        warn_of_failures(memory, user, tenant)
    if as_json:
        typer.echo(
            f'{{"retraction":{done.model_dump_json()},"heard":[{",".join(one.model_dump_json() for one in heard)}]}}'
        )
        return
    console = screen()
    _show(console, done)
    for line in (line for one in heard for line in draw_heard(one, before)):
        console.print(line)
    if hint := held_hint(user, heard):
        console.print(hint, style="dim", markup=False)


def _show_turn(console: Console, turn: Turn) -> None:
    from rich.text import Text

    from treering.cli.drawing import one_line

    line = Text()
    line.append(f"{turn.message_id}  ", style="cyan")
    line.append(f"{turn.at:%Y-%m-%d %H:%M} {one_line(turn.speaker or turn.role)}: ", style="dim")
    line.append(one_line(turn.content) if turn.content else "(nothing: taken back, or forgotten)")
    console.print(line, soft_wrap=True)


def _show(console: Console, done: Retraction) -> None:
    if not done.changed:
        console.print(
            "It was taken back before; nothing was left to do." if done.text is None else "It says so already."
        )
        return
    _show_claims(console, "- gone", "red", done.retracted)
    _show_claims(console, "= kept", "dim", done.kept)
    _show_claims(console, "+ back", "green", done.restored)
    console.print(
        "Taken back." if done.text is None else "Amended.",
        "No claim rested on it." if done.version_after == done.version_before else f"Version {done.version_after}.",
    )


def _show_claims(console: Console, sign: str, style: str, claims: tuple[Claim, ...]) -> None:
    from rich.text import Text

    from treering.cli.drawing import one_line

    for claim in claims:
        line = Text()
        line.append(f"{sign} ", style=style)
        line.append(f"{claim.path}: ", style="cyan")
        line.append(one_line(claim.text))
        console.print(line)
