"""`treering recall | search | tree | history`: looking without changing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.options import (
    AsJson,
    AsOf,
    Home,
    KnownAt,
    Tenant,
    User,
    Where,
    condition,
    embedder_for,
    moment,
    open_memory,
    screen,
)

if TYPE_CHECKING:
    from treering.schemas.recall import Mode, Recall

_ID_CHARS = 12
"""Of a request's id: enough to release or drop it by."""


def recall(
    user: User,
    query: Annotated[str, typer.Argument(help="The question, or the message to be answered.", metavar="QUESTION")],
    *,
    mode: Annotated[
        str,
        typer.Option(
            help="tree: claims only; hybrid: claims and turns; agentic: several searches; auto: decided by rule."
        ),
    ] = "auto",
    budget: Annotated[int, typer.Option(help="Tokens that the context may cost.")] = 1_500,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    where: Where = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say how each line was found, and what it costs.")] = False,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """What matters now of all that is known about USER, within a token budget.

    \b
    treering recall ana "Where should I take Ana for dinner?"
    treering recall ana "When did Ana move?" --explain
    treering recall ana "What is the plan?" --where project=boat
    """
    with open_memory(home, embedder=embedder_for(query)) as memory:
        found = memory.recall(
            user,
            query,
            mode=_mode(mode),
            budget_tokens=budget,
            as_of=moment(as_of),
            known_at=moment(known_at),
            where=condition(where),
            explain=explain,
            tenant=tenant,
        )
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        _show(found, explain=explain)


def search(
    user: User,
    query: Annotated[str, typer.Argument(help="What is looked for, in words.", metavar="QUESTION")],
    *,
    limit: Annotated[int, typer.Option(help="Most turns.", min=1)] = 10,
    since: Annotated[str | None, typer.Option(help="Only turns said on or after this day or moment.")] = None,
    until: Annotated[str | None, typer.Option(help="Only turns said before this day or moment.")] = None,
    where: Where = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say how each turn was found.")] = False,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Turns in which USER or the assistant said something, best first: word for word, whether or not it is still so.

    \b
    treering search ana "the boat in Lisbon"
    treering search ana "running" --since 2024-03-01 --limit 3
    """
    with open_memory(home, embedder=embedder_for(query)) as memory:
        hits = memory.search(
            user,
            query,
            limit=limit,
            since=moment(since),
            until=moment(until),
            where=condition(where),
            explain=explain,
            tenant=tenant,
        )
    if as_json:
        import json

        typer.echo(json.dumps([hit.model_dump(mode="json") for hit in hits], indent=2, ensure_ascii=False))
    elif hits:
        from treering.cli.drawing import draw_hits

        screen().print(draw_hits(hits, explain=explain))
    else:
        typer.echo("Nothing was said.")


def _mode(text: str) -> Mode:
    match text:
        case "auto" | "tree" | "hybrid" | "agentic":
            return text
    raise typer.BadParameter(f"{text!r} is no mode; choose auto, tree, hybrid or agentic")


def _show(found: Recall, *, explain: bool) -> None:
    if not explain:
        typer.echo(found.context or "Nothing that is known concerns this question.")
        return
    from treering.cli.drawing import draw_reasons, one_line

    console = screen()
    console.print(found.context or "Nothing that is known concerns this question.", markup=False, highlight=False)
    console.print(
        f"\nmode {found.decision.mode} ({found.decision.rule}), {found.tokens} of {found.budget_tokens} tokens"
    )
    if found.steps:
        searched = "".join(f"\n  {one_line(text)}" for text in found.steps.rewrites)
        stop = f"{found.steps.rounds} rounds of rewrites, then {found.steps.stopped}; {found.steps.model_tokens} tokens"
        console.print(f"{stop} of a chat model{searched}", markup=False)
    console.print(", ".join(f"{stage} {spent:.1f} ms" for stage, spent in found.timings_ms.items()), style="dim")
    console.print(draw_reasons(found))
    if found.held_back:
        requests = sorted({one[:_ID_CHARS] for line in found.held_back for one in line.requests})
        told = f"held back: {len(found.held_back)} line(s), asked to be forgotten; in quarantine: {', '.join(requests)}"
        console.print(told, style="magenta", markup=False, highlight=False)
    for lack in found.degraded:
        console.print(f"degraded: {lack}", style="yellow", markup=False)


def tree(
    user: User,
    *,
    subject: Annotated[str, typer.Option(help="Whose tree: self, agent:NAME or person:NAME.")] = "self",
    as_of: AsOf = None,
    known_at: KnownAt = None,
    version: Annotated[
        int | None, typer.Option("--version", help="The tree as it was at this version; treering versions lists them.")
    ] = None,
    ids: Annotated[bool, typer.Option("--ids", help="Show the id of each claim, e.g. for treering forget.")] = False,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """The persona tree of USER: what is current, slot by slot.

    \b
    treering tree ana
    treering tree ana --as-of 2024-03-01
    treering tree ana --known-at 2024-03-01
    treering tree ana --version 12
    """
    with open_memory(home) as memory:
        view = memory.tree(
            user, subject=subject, as_of=moment(as_of), known_at=moment(known_at), version=version, tenant=tenant
        )
    if as_json:
        typer.echo(view.model_dump_json(indent=2))
        return
    from treering.cli.tree_drawing import draw_tree

    screen().print(draw_tree(view, ids=ids))


def history(
    user: User,
    path: Annotated[
        str | None, typer.Argument(help="A slot or branch, e.g. preferences.food; all without it.", metavar="PATH")
    ] = None,
    *,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """How the tree of USER came about: every operation, with who committed it and the words it rests on.

    \b
    treering history ana
    treering history ana home.city
    """
    with open_memory(home) as memory:
        entries = memory.history(user, path, tenant=tenant)
    if as_json:
        typer.echo(f"[{','.join(entry.model_dump_json() for entry in entries)}]")
        return
    from treering.cli.drawing import draw_history

    nothing = f"No operations at {path} yet." if path else "No operations yet."
    screen().print(draw_history(entries) if entries else nothing, markup=False)
