"""The command table, and the one place where errors become lines on stderr."""

from __future__ import annotations

import gc
import sys
from typing import Annotated

import typer

from treering.cli import (
    bench,
    chat,
    db,
    demo,
    doctor,
    encryption,
    exchange,
    forgetting,
    jobs,
    reading,
    replay,
    retraction,
    timeline,
    trunk,
    writing,
)
from treering.cli.help import flowing

_INTERRUPTED = 130
"""What the shell expects after Ctrl-C, and typer ends with."""

app = typer.Typer(
    name="treering",
    help=flowing("""Long-term, personalised memory for any chat model. No server and no API key are needed.

    \b
    treering demo
    treering remember ana "I moved to Lisbon last week."
    treering recall ana "Where does Ana live?"
    treering tree ana

    The store is the folder ./.treering; --home or TREERING_HOME names another. TREERING_MODEL=provider:model lets a
    chat model listen and answer. All settings are in docs/sdk.md, all commands in docs/cli.md.
    """),
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for command in (
    demo.demo,
    chat.chat,
    replay.replay,
    writing.remember,
    reading.recall,
    reading.tree,
    reading.history,
    timeline.versions,
    timeline.diff,
    timeline.undo,
    timeline.redo,
    timeline.rewind,
    retraction.turns,
    retraction.retract,
    retraction.amend,
    forgetting.forget,
    forgetting.receipts,
    forgetting.allow,
    jobs.jobs,
    doctor.doctor,
    exchange.export,
):
    app.command(help=flowing(command.__doc__ or ""))(command)
app.command("import", help=flowing(exchange.import_.__doc__ or ""))(exchange.import_)
app.add_typer(trunk.app, name="trunk")
app.add_typer(bench.app, name="bench")
encryption.add_to(db.app)
app.add_typer(db.app, name="db")


@app.callback(invoke_without_command=True)
def _version(
    *, version: Annotated[bool, typer.Option("--version", help="Print the version and end.", is_eager=True)] = False
) -> None:
    if version:
        from treering import __version__

        typer.echo(f"treering {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; an error of ours is one line on stderr and exit code 1, bad input 2."""
    from treering.errors import InvalidInput, TreeringError

    try:
        app()
    except TreeringError as error:
        typer.echo(f"treering: {error}", err=True)
        sys.exit(2 if isinstance(error, InvalidInput) else 1)
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            typer.echo("Stopped. What was acknowledged is stored; nothing was half written.", err=True)
        raise
    finally:
        # The interpreter looks for garbage three times as it ends, through every object of every library: 90 ms of a
        # short command, for memory that goes back to the system anyway. Frozen objects are not looked at.
        gc.freeze()
