"""`treering remember`: telling it something."""

from __future__ import annotations

from typing import Annotated

import typer

from treering.cli.options import AsJson, Home, Tenant, User, open_memory, program, warn_of_failures


def remember(
    user: User,
    text: Annotated[str, typer.Argument(help="What was said; - reads it from standard input.", metavar="TEXT")],
    *,
    role: Annotated[str, typer.Option(help="Who said it: user, assistant, system or tool.")] = "user",
    session: Annotated[str, typer.Option(help="The conversation.")] = "default",
    message_id: Annotated[
        str | None, typer.Option("--id", help="Your own id: the same message sent twice is stored once.")
    ] = None,
    at: Annotated[str | None, typer.Option(help="When it was said, e.g. 2024-03-01T12:00; now by default.")] = None,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Remember what USER said, listen to it, and show what changed.

    \b
    treering remember ana "I moved to Lisbon last week and I'm allergic to peanuts."
    """
    import sys

    from treering.cli.drawing import draw_heard, texts_of
    from treering.cli.options import moment
    from treering.schemas.listening import Heard

    heard: list[Heard] = []
    with open_memory(home, observe=lambda _, one: heard.append(one)) as memory:
        before = texts_of(memory.tree(user, tenant=tenant).claims)
        content = sys.stdin.read() if text == "-" else text
        message = {"role": role, "content": content, "id": message_id, "at": moment(at)}
        receipt = memory.remember(user, message, session=session, tenant=tenant)
        memory.flush(user, tenant=tenant)
        failed = warn_of_failures(memory, user, tenant)
    if as_json:
        typer.echo(
            f'{{"receipt":{receipt.model_dump_json()},"heard":[{",".join(one.model_dump_json() for one in heard)}]}}'
        )
        return
    from treering.cli.options import held_hint, screen

    console = screen()
    lines = [line for one in heard for line in draw_heard(one, before)]
    for line in lines:
        console.print(line)
    if hint := held_hint(user, heard):
        console.print(hint, style="dim", markup=False)
    if not lines and not failed:
        said = "Known already." if receipt.known else "Stored; nothing in it became a claim."
        if receipt.forgotten:
            said = f"Forgotten before, so its words are not kept: {program()} allow {user} TEXT"
        console.print(said, style="dim", markup=False)
