"""`treering forget`, `receipts` and `allow`: what waits, carrying it out, the proofs, and a change of mind."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.options import AsJson, Home, Tenant, User, open_memory, program

if TYPE_CHECKING:
    from treering.client.memory import Memory
    from treering.schemas.forgetting import ErasureReceipt, Preview

_WHAT = "What to forget"
_WAITING = "What waits"


def forget(
    user: User,
    claims: Annotated[
        list[str] | None,
        typer.Argument(help="Ids of claims to erase, from treering tree USER --ids.", metavar="CLAIM"),
    ] = None,
    *,
    path: Annotated[
        str | None, typer.Option(help="A slot, or a branch with all below it.", rich_help_panel=_WHAT)
    ] = None,
    about: Annotated[
        str | None, typer.Option(help="Whatever says this, in any claim or turn.", rich_help_panel=_WHAT)
    ] = None,
    message: Annotated[
        list[str] | None,
        typer.Option(help="A message by its id, from treering turns USER; may be repeated.", rich_help_panel=_WHAT),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--everything", help="All that is known of USER.", rich_help_panel=_WHAT)
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Erase nothing; show what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    confirm: Annotated[
        str | None, typer.Option(help="Carry out what waits under this id.", metavar="ID", rich_help_panel=_WAITING)
    ] = None,
    drop: Annotated[
        str | None,
        typer.Option(help="Do not carry out what waits under this id.", metavar="ID", rich_help_panel=_WAITING),
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Erase something of USER for good, and print the receipt; or list, confirm or drop what waits in quarantine.

    With a claim go the turns it rests on, whatever repeats their words, and everything derived from these. It cannot
    be undone, so on a terminal it shows what would go, and asks.

    \b
    treering forget ana                              # what waits for a yes
    treering forget ana --confirm 1f6d0c2b9a7e4c3d8b5a6f70
    treering forget ana --about "my sister" --dry-run
    treering forget ana --path health
    treering forget ana b8abaa21e3f25adb09c4dd39     # a claim
    treering forget ana --everything --yes
    """
    is_named = bool(claims or message) or path is not None or about is not None
    if everything and is_named:
        raise typer.BadParameter("--everything leaves nothing to be named; give one or the other")
    if (confirm is not None) + (drop is not None) + (is_named or everything) > 1:
        raise typer.BadParameter("--confirm and --drop stand alone: each is about what waits under its id")
    with open_memory(home) as memory:
        if drop is not None:
            memory.drop(user, drop, tenant=tenant)
            typer.echo("Dropped; nothing was erased.", err=as_json)
        elif confirm is not None:
            receipt = memory.release(user, confirm, tenant=tenant).receipt
            memory.flush(user, tenant=tenant)
            tell(receipt, as_json=as_json)
        elif not is_named and not everything:
            _list_waiting(memory, user, tenant, as_json=as_json)
        else:
            forget_it = partial(
                memory.forget,
                user,
                path,
                claims=claims or None,
                messages=message or None,
                about=about,
                tenant=tenant,
            )
            if dry_run or _must_ask(yes=yes, everything=everything):
                seen = forget_it(dry_run=True)
                _show(seen, as_json=as_json)
                if dry_run or seen.is_empty:
                    return
                typer.confirm("Erase this for good?", abort=True, err=as_json)
            receipt = forget_it()
            memory.flush(user, tenant=tenant)
            tell(receipt, as_json=as_json)


def receipts(user: User, *, as_json: AsJson = False, home: Home = None, tenant: Tenant = "default") -> None:
    """The proofs of what was forgotten of USER: when, how it was named, and what was searched and erased. No words.

    \b
    treering receipts ana
    treering receipts ana --json
    """
    with open_memory(home) as memory:
        found = memory.receipts(user, tenant=tenant)
    if as_json:
        typer.echo(f"[{','.join(receipt.model_dump_json() for receipt in found)}]")
        return
    for receipt in found:
        typer.echo(f"{receipt.id}  {receipt.at:%Y-%m-%d %H:%M}  {', '.join(receipt.selected_by)}: {_counts(receipt)}")
    if not found:
        typer.echo(f"Nothing was forgotten of {user}.")


def allow(
    user: User,
    text: Annotated[
        str | None, typer.Argument(help="The message or the statement, as it was worded.", metavar="TEXT")
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--everything", help="Whatever was forgotten of USER.")] = False,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Let something that USER had forgotten be remembered again, when it is said anew.

    What was erased does not come back by itself. Until it is allowed, the same words are not taken in again.

    \b
    treering allow ana "I'm allergic to peanuts."
    treering allow ana --everything
    """
    if (text is None) != everything:
        raise typer.BadParameter("give the TEXT, or --everything")
    with open_memory(home) as memory:
        lifted = memory.allow_again(user, text, tenant=tenant)
    if as_json:
        typer.echo(f'{{"lifted": {lifted}}}')
    elif lifted:
        typer.echo(f"{lifted} mark(s) lifted.")
    else:
        typer.echo("Nothing was forgotten that reads like this; give the words of a whole message or of a statement.")


def _must_ask(*, yes: bool, everything: bool) -> bool:
    if yes:
        return False
    if sys.stdin.isatty():
        return True
    if everything:
        raise typer.BadParameter("--everything erases a whole person; without a terminal to ask at, it needs --yes")
    return False


def _list_waiting(memory: Memory, user: str, tenant: str, *, as_json: bool) -> None:
    from treering.cli.drawing import one_line

    waiting = memory.quarantine(user, tenant=tenant)
    if as_json:
        typer.echo(f"[{','.join(held.model_dump_json() for held in waiting)}]")
        return
    for held in waiting:
        typer.echo(
            f"{held.id}  {held.verdict.rule}: {one_line(held.verdict.draft.quote or held.verdict.draft.text or '')}"
        )
    if waiting:
        typer.echo(f"Carry one out: {program()} forget {user} --confirm ID   or not: --drop ID")
    else:
        typer.echo("Nothing waits. Name what to erase: --path, --about, --message, --everything, or ids of claims.")


def _show(seen: ErasureReceipt, *, as_json: bool) -> None:
    if as_json:
        typer.echo(seen.model_dump_json(indent=2))
    elif seen.preview is None or seen.is_empty:
        typer.echo("Nothing says this; nothing would go.")
    else:
        lines = _lines(seen.preview)
        if seen.held:
            lines.append(f"Proposals, model replies and failed jobs that say it: {seen.held}")
        typer.echo("\n".join(lines))


def _lines(preview: Preview) -> list[str]:
    from treering.cli.drawing import one_line

    lines: list[str] = []
    for title, texts in (
        ("Statements that go", preview.claims),
        ("Messages that are emptied", preview.turns),
        ("Statements that stay, without their quotations", preview.blanked),
        ("Names that go", preview.names),
    ):
        if texts:
            lines += [f"{title}:", *(f"  - {one_line(text)}" for text in texts)]
    return lines


def tell(receipt: ErasureReceipt | None, *, as_json: bool) -> None:
    """Say what was erased."""
    if receipt is None:
        typer.echo("Carried out.", err=as_json)
    elif as_json:
        typer.echo(receipt.model_dump_json(indent=2))
    elif receipt.is_empty:
        typer.echo("Nothing says this; nothing was erased.")
    else:
        typer.echo(f"Erased: {_counts(receipt)}. Searched again for it: {len(receipt.stores)} stores, nothing found.")


def _counts(receipt: ErasureReceipt) -> str:
    return (
        f"{len(receipt.claims)} claim(s), the text of {len(receipt.messages)} turn(s), the words of {receipt.entries} "
        f"ledger entries, {receipt.passages} passage(s), {receipt.held} held proposal(s), {receipt.names} name(s)"
    )
