"""The command table, and the one place where errors become lines on stderr."""

from __future__ import annotations

import gc
import sys

import typer

from treering.cli import bench, chat, demo, forgetting, jobs, reading, replay, writing

app = typer.Typer(
    name="treering",
    help="""Long-term, personalised memory for any chat model.

    Start with [bold]treering demo[/]. Then [bold]treering remember ana "I moved to Lisbon last week."[/] and
    [bold]treering recall ana "Where does Ana live?"[/]: no server and no API key are needed.
    Settings are TREERING_HOME, TREERING_MODEL, TREERING_EMBEDDER, TREERING_DATABASE_URL, TREERING_QDRANT_URL.
    """,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command()(demo.demo)
app.command()(chat.chat)
app.command()(replay.replay)
app.command()(writing.remember)
app.command()(reading.recall)
app.command()(reading.tree)
app.command()(reading.history)
app.command()(forgetting.forget)
app.command()(jobs.jobs)
app.add_typer(bench.app, name="bench")


@app.callback(invoke_without_command=True)
def _version(*, version: bool = typer.Option(default=False, help="Print the version and end.", is_eager=True)) -> None:
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
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        # The interpreter looks for garbage three times as it ends, through every object of every library: 90 ms of a
        # short command, for memory that goes back to the system anyway. Frozen objects are not looked at.
        gc.freeze()
