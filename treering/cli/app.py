"""The command table, and the one place where errors become lines on stderr."""

from __future__ import annotations

import gc
import sys
from functools import cache
from importlib import import_module
from typing import Annotated

import typer

from treering.cli.help import flowing

_INTERRUPTED = 130
"""What the shell expects after Ctrl-C, and typer ends with."""

_PANELS = {
    "Talk": ("demo.demo", "chat.chat", "writing.remember", "replay.replay"),
    "Look": (
        "reading.recall",
        "reading.search",
        "reading.tree",
        "subjects.subjects",
        "reading.history",
        "timeline.versions",
        "timeline.diff",
        "retraction.turns",
    ),
    "Put right": ("feedback.confirm", "feedback.correct", "feedback.reject", "feedback.add", "quarantine.app"),
    "Take back": ("timeline.undo", "timeline.redo", "timeline.rewind", "retraction.retract", "retraction.amend"),
    "Forget": ("forgetting.forget", "forgetting.receipts", "forgetting.allow"),
    "Move": ("exchange.export", "exchange.import_"),
    "Look after": (
        "serve.serve",
        "mcp.mcp",
        "keys.app",
        "worker.worker",
        "jobs.app",
        "consolidation.consolidate",
        "doctor.doctor",
        "reindex.reindex",
        "trunk.app",
        "db.app",
        "bench.app",
        "train.app",
    ),
}
"""Every command, as `module.function`, or a group as `module.app`, under its heading in the help."""


def _name(place: str) -> str:
    """By what it is called."""
    module, _, function = place.partition(".")
    return module if function == "app" else function.rstrip("_")


@cache
def command_table(only: str | None = None) -> typer.Typer:
    """All commands, or one of them.

    To import and lay out all thirty costs some 50 ms of processor time, which each call of one would pay.
    """
    table = typer.Typer(
        name="treering",
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
    for panel, places in _PANELS.items():
        for place in places:
            if only not in (None, _name(place)):
                continue
            module, _, function = place.partition(".")
            found = getattr(import_module(f"treering.cli.{module}"), function)
            if isinstance(found, typer.Typer):
                table.add_typer(found, name=_name(place), rich_help_panel=panel)
            else:
                table.command(_name(place), help=flowing(found.__doc__ or ""), rich_help_panel=panel)(found)
    return table


def _version(
    *, version: Annotated[bool, typer.Option("--version", help="Print the version and end.", is_eager=True)] = False
) -> None:
    if version:
        from treering import __version__

        typer.echo(f"treering {__version__}")
        raise typer.Exit


def _called() -> str | None:
    """The command that is called, if there is such a one."""
    first = sys.argv[1] if len(sys.argv) > 1 else ""
    return first if any(first == _name(place) for places in _PANELS.values() for place in places) else None


def main() -> None:
    """Run the command line; an error of ours is one line on stderr and exit code 1, bad input 2."""
    from treering.errors import InvalidInput, NothingToUndo, TreeringError, TrunkError, UnknownClaim

    bad_input = (InvalidInput, NothingToUndo, TrunkError, UnknownClaim)

    try:
        command_table(_called())()
    except TreeringError as error:
        typer.echo(f"treering: {error}", err=True)
        sys.exit(2 if isinstance(error, bad_input) else 1)
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
