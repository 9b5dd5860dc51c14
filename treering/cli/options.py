"""Options that several commands share, and how a command opens the memory."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from treering.client.memory import Memory
    from treering.memory.hearing import Observer
    from treering.memory.ports.models import Embedder
    from treering.schemas.dialogue import Scalar
    from treering.schemas.listening import Heard

_STORE = "Store"

User = Annotated[str, typer.Argument(help="The person, as your application names them.", metavar="USER")]
Home = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the embedded store; by default TREERING_HOME, or ./.treering.", rich_help_panel=_STORE
    ),
]
Tenant = Annotated[str, typer.Option(help="The customer or application.", rich_help_panel=_STORE)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON (docs/json.md) instead of text.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="A day or moment, e.g. 2024-03-01 or 2024-03-01T12:00+01:00 (UTC without a zone)."),
]

KnownAt = Annotated[
    str | None,
    typer.Option("--known-at", help="Only what was said and committed by this day or moment counts."),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        help="Only what rests on turns with this in their metadata; repeat it for more names, or more values of one.",
        metavar="NAME=VALUE",
    ),
]


def open_memory(
    home: Path | None,
    *,
    observe: Observer | None = None,
    background: bool = False,
    embedder: Embedder | str | None = None,
) -> Memory:
    """The memory that the options name; commands work in the foreground, so they drain before they end."""
    import logging

    from treering.client.memory import Memory

    # What fails is told by `warn_of_failures`, once and with what to do; the log would say it again.
    logging.getLogger("treering.workers").addHandler(logging.NullHandler())
    return Memory(home, observe=observe, background=background, embedder=embedder)


def embedder_for(question: str) -> Embedder:
    """The embedder of the settings, that begins to embed a question while the rest of the program is still imported.

    Loading the model takes as long as importing half of the rest, and does so outside of Python.
    """
    import os
    import threading
    from contextlib import suppress

    from treering.errors import TreeringError
    from treering.memory.models.choose import make_embedder
    from treering.settings import Settings

    settings = Settings.read(os.environ)
    embedder = make_embedder(settings.embedder, settings.cache_dir, is_brief=True)

    def begin() -> None:
        with suppress(TreeringError):  # it is raised again, and told, where the vector is needed
            embedder.embed([question])

    threading.Thread(target=begin, name="treering-embedder").start()
    return embedder


def moment(text: str | None) -> datetime | None:
    """A date or time from the command line; UTC without a zone."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no date; write it as 2024-03-01 or 2024-03-01T12:00+01:00") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def condition(where: list[str] | None) -> dict[str, list[Scalar]] | None:
    """`name=value` options as a condition: a value stands for the text and, where it is one, for the number or word."""
    if where is None:
        return None
    import json
    from contextlib import suppress

    found: dict[str, list[Scalar]] = {}
    for given in where:
        name, equals, value = given.partition("=")
        if not name or not equals:
            raise typer.BadParameter(f"{given!r} is no condition; write it as NAME=VALUE")
        values = found.setdefault(name, [])
        values.append(value)
        with suppress(ValueError):
            meant = json.loads(value)
            if meant is None or isinstance(meant, int | float | bool):
                values.append(meant)
    return found


def check_log_level(level: str) -> None:
    """Refuse a level that there is not.

    Raises:
        InvalidInput: There is no such level.
    """
    from treering.errors import InvalidInput

    if level not in ("debug", "info", "warning", "error"):
        raise InvalidInput("--log-level", "must be debug, info, warning or error")


def program() -> str:
    """How this program can be called from here: after `make demo` it is in `.venv/bin`, not on the path."""
    import shutil
    import sys

    called = sys.argv[0]
    return called if Path(called).name == "treering" and shutil.which("treering") is None else "treering"


def screen(*, errors: bool = False) -> Console:
    """Where commands print: as it is written, without emoji for `:words:` and without colours for numbers in it."""
    from rich.console import Console

    return Console(stderr=errors, emoji=False, highlight=False)


def held_hint(user: str, heard: Iterable[Heard]) -> str:
    """What to type when something waits for a yes, or was refused because it was forgotten; nothing otherwise."""
    verdicts = [verdict for one in heard for verdict in one.verdicts]
    hints: list[str] = []
    if any(verdict.ruling == "quarantine" for verdict in verdicts):
        hints.append(f"Nothing of it is done before you release it: {program()} quarantine list {user}")
    refused = (verdict.draft.text for verdict in verdicts if verdict.rule == "forgotten-before")
    hints += [f'Forgotten before. To let it be said again: {program()} allow {user} "{text}"' for text in refused]
    return "\n".join(hints)


def warn_of_failures(memory: Memory, user: str, tenant: str) -> bool:
    """Say on stderr which work of a person failed; nothing of it is lost. True where some did."""
    from treering.cli.drawing import one_line

    failed = [job for job in memory.jobs(user, tenant=tenant) if job.error]
    for job in failed:
        again = "it is tried again later" if job.state == "queued" else f"try it again: treering jobs retry {job.id}"
        typer.echo(f"treering: {job.kind} failed: {one_line(job.error or '')}; {again}", err=True)
    return bool(failed)
