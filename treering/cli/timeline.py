"""`treering versions | diff | undo | redo | rewind`: how the tree changed, and taking changes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.options import AsJson, Home, Tenant, User, open_memory, screen

if TYPE_CHECKING:
    from treering.schemas.timeline import Reversal

_Number = Annotated[int, typer.Argument(help="How many.", metavar="N", min=1)]


def versions(
    user: User,
    *,
    limit: Annotated[int, typer.Option(help="How many, the last ones.", min=1)] = 20,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """The versions of the tree of USER, newest first: when each was made, by whom, and what it takes back.

    treering history shows what each changed.

    \b
    treering versions ana
    treering versions ana --limit 100
    """
    with open_memory(home) as memory:
        found = memory.versions(user, limit, tenant=tenant)
    if as_json:
        typer.echo(f"[{','.join(commit.model_dump_json() for commit in found)}]")
        return
    from treering.cli.drawing import draw_versions

    screen().print(draw_versions(found) if found else "No versions yet.")


def diff(
    user: User,
    v1: Annotated[int, typer.Argument(help="The version to compare with; 0 is the empty tree.", metavar="V1", min=0)],
    v2: Annotated[
        int | None, typer.Argument(help="The version to look at; now without it.", metavar="V2", min=0)
    ] = None,
    *,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """What differs between two versions of the tree of USER: + became current, - ceased to be.

    \b
    treering diff ana 0
    treering diff ana 12 15
    """
    with open_memory(home) as memory:
        change = memory.diff(user, v1, v2, tenant=tenant)
    if as_json:
        typer.echo(change.model_dump_json(indent=2))
        return
    from treering.cli.drawing import draw_change

    console = screen()
    for line in draw_change(change):
        console.print(line)
    if not change.subjects:
        console.print(f"Versions {change.from_version} and {change.to_version} do not differ.", style="dim")


def undo(
    user: User,
    number: Annotated[int | None, typer.Argument(help="How many; 1 without it.", metavar="N", min=1)] = None,
    *,
    version: Annotated[
        int | None, typer.Option("--version", help="Take back this version, and nothing else.", min=1)
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Take back the last N changes of the tree of USER (default 1), or the one that made a version.

    Nothing is erased: history keeps the change, and that it was taken back. treering redo brings it back again.

    \b
    treering undo ana
    treering undo ana 3
    treering undo ana --version 12
    """
    if number is not None and version is not None:
        raise typer.BadParameter("give N, or --version, and not both")
    with open_memory(home) as memory:
        done = memory.undo(user, number or 1, version=version, tenant=tenant)
        memory.flush(user, tenant=tenant)
    _show(done, as_json=as_json)


def redo(
    user: User, number: _Number = 1, *, as_json: AsJson = False, home: Home = None, tenant: Tenant = "default"
) -> None:
    """Bring back what the last N undos of USER took (default 1), as long as nothing else was changed since.

    \b
    treering redo ana
    treering redo ana 3
    """
    with open_memory(home) as memory:
        done = memory.redo(user, number, tenant=tenant)
        memory.flush(user, tenant=tenant)
    _show(done, as_json=as_json)


def rewind(
    user: User,
    version: Annotated[
        int, typer.Argument(help="The version to go to; 0 is the empty tree.", metavar="VERSION", min=0)
    ],
    *,
    as_json: AsJson = False,
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Make the tree of USER what it was at a version, by one change that treering undo takes back.

    \b
    treering versions ana
    treering tree ana --version 12
    treering rewind ana 12
    """
    with open_memory(home) as memory:
        done = memory.rewind(user, version, tenant=tenant)
        memory.flush(user, tenant=tenant)
    _show(done, as_json=as_json)


def _show(done: Reversal, *, as_json: bool) -> None:
    if as_json:
        typer.echo(done.model_dump_json(indent=2))
        return
    from treering.cli.drawing import draw_change

    console = screen()
    for line in draw_change(done.change):
        console.print(line)
    before, after = done.change.from_version, done.change.to_version
    if before == after:
        console.print(f"Nothing to do: the tree is as it was at version {done.target}.", style="dim")
        return
    what = f"to version {done.target}" if done.target is not None else f"of version {_list(done.reverted)}"
    console.print(f"{done.action} {what}: version {before} became {after}.", style="dim")


def _list(versions: tuple[int, ...]) -> str:
    return ", ".join(map(str, versions))
