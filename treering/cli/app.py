"""The command table, and the one place where errors become lines on stderr."""

from __future__ import annotations

import gc
import os
import sys
from functools import cache
from importlib import import_module
from typing import Annotated, cast

import typer
from typer.core import TyperGroup

from treering.cli.commands import PANELS, name_of
from treering.cli.help import flowing

_OBJECTS = 20_000
"""After how many new objects it is looked for garbage; 700 by default."""

_INTERRUPTED = 130
"""What the shell expects after Ctrl-C, and typer ends with."""


class _Commands(TyperGroup):
    def format_help(self, ctx: object, formatter: object) -> None:  # noqa: ARG002 - typer's signature
        from treering.cli.page import show_page

        show_page(cast("typer.Context", ctx))


@cache
def command_table(only: str | None = None) -> typer.Typer:
    """All commands, or one of them, or with an empty name none.

    To import and lay out all thirty costs some 50 ms of processor time, which each call of one would pay.
    """
    table = typer.Typer(
        name="treering",
        cls=_Commands,
        help=flowing("""Long-term, personalised memory for any chat model. No server and no API key are needed.

        \b
        treering demo
        treering remember ana "I moved to Lisbon last week."
        treering recall ana "Where does Ana live?"
        treering tree ana

        The store is the folder ./.treering; --home or TREERING_HOME names another. TREERING_MODEL=provider:model lets
        a chat model listen and answer. All settings are in docs/sdk.md, all commands in docs/cli.md.
        """),
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    table.callback(invoke_without_command=True)(_version)
    for panel, places in PANELS.items():
        for place in places:
            if only not in (None, name_of(place)):
                continue
            module, _, function = place.partition(".")
            found = getattr(import_module(f"treering.cli.{module}"), function)
            if isinstance(found, typer.Typer):
                table.add_typer(found, name=name_of(place), rich_help_panel=panel)
            else:
                table.command(name_of(place), help=flowing(found.__doc__ or ""), rich_help_panel=panel)(found)
    return table


def _version(
    *, version: Annotated[bool, typer.Option("--version", help="Print the version and end.", is_eager=True)] = False
) -> None:
    if version:
        from treering import __version__

        typer.echo(f"treering {__version__}")
        raise typer.Exit


def _called() -> str | None:
    """The command that is called, an empty name where none of them is needed, None where all are."""
    if len(sys.argv) == 1:
        return None if "_TREERING_COMPLETE" in os.environ else ""  # the shell asks for words to complete with
    first = sys.argv[1]
    if first.startswith("-"):
        return ""
    return first if any(first == name_of(place) for places in PANELS.values() for place in places) else None


def main() -> None:
    """Run the command line; an error of ours is one line on stderr and exit code 1, bad input 2."""
    # What is imported stays; by default the interpreter looks for garbage in all of it again and again as it grows,
    # which takes 40 ms of a short command.
    gc.set_threshold(_OBJECTS)
    # For plugins of its own pydantic reads the metadata of every package that is installed: 10 to 20 ms.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        command_table(_called())()
    except Exception as error:
        # Imported only now: errors speak of claims, and pydantic alone takes as long as the whole page of the help.
        from treering.errors import InvalidInput, NothingToUndo, TreeringError, TrunkError, UnknownClaim

        if not isinstance(error, TreeringError):
            raise
        typer.echo(f"treering: {error}", err=True)
        sys.exit(2 if isinstance(error, (InvalidInput, NothingToUndo, TrunkError, UnknownClaim)) else 1)
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            typer.echo("Stopped. What was acknowledged is stored; nothing was half written.", err=True)
        raise
    finally:
        # The interpreter looks for garbage three times as it ends, through every object of every library: 90 ms of a
        # short command, for memory that goes back to the system anyway. Frozen objects are not looked at.
        gc.freeze()


def __getattr__(name: str) -> typer.Typer:
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return command_table()
