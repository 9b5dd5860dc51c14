"""`treering serve`: the HTTP server beside an assistant."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treering.cli.options import Home, check_log_level

if TYPE_CHECKING:
    from treering.settings import Settings

PORT = 8377
"""Where it is found if nobody says otherwise."""


def serve(
    *,
    host: Annotated[str, typer.Option(help="Where to listen; for others, set TREERING_AUTH=keys.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="The port.")] = PORT,
    log_level: Annotated[
        str | None, typer.Option(help="debug, info, warning or error; by default info, and warning with --demo.")
    ] = None,
    demo: Annotated[
        bool,
        typer.Option(
            "--demo",
            help="Serve the people of the demo from a folder of their own, which is thrown away without --home. "
            "A database, a chat model or a login of the environment has no part in it.",
        ),
    ] = False,
    home: Home = None,
) -> None:
    """Serve memories over HTTP, to applications in any language.

    / leads to the inspector, a page that shows memories; /v1/… remembers, recalls and shows them, as /openapi.json
    describes; /v1/chat/completions passes chats on to TREERING_UPSTREAM_URL with memory in them; /mcp serves MCP
    clients; /health/live, /health/ready and /metrics tell how things are. With TREERING_AUTH=keys, callers show a key
    of `treering keys create`; without, only this machine is served. Ctrl-C or SIGTERM lets requests end.

    \b
    treering serve --demo
    treering serve
    curl -H 'Content-Type: application/json' -d '{"messages": [{"content": "I moved to Lisbon."}]}' \\
        'http://127.0.0.1:8377/v1/messages?user=ana'
    curl 'http://127.0.0.1:8377/v1/tree?user=ana'
    """
    import os

    from treering.errors import MissingExtra
    from treering.settings import Settings
    from treering.telemetry.exporting import export_traces
    from treering.telemetry.logs import log_to_stderr

    level = log_level or ("warning" if demo else "info")
    check_log_level(level)
    try:
        import treering.sidecar.serving as server
    except ImportError as error:
        raise MissingExtra("treering serve", "server", because=error) from error
    settings = Settings.read(os.environ)
    check_port(host, port)
    with ExitStack() as stack:
        if demo:
            settings = _demo(settings, home, stack)
            _seed(settings)
            _invite(host, port)
        elif home is not None:  # a folder that is named outweighs a database of the environment
            settings = settings.model_copy(update={"home": home, "database_url": None})
        log_to_stderr(settings.log_format, level.upper(), key=settings.log_key)
        export_traces("server")
        server.serve(settings, host=host, port=port)


def check_port(host: str, port: int) -> None:
    """Find out whether a port can be listened on, before anything else is done.

    Raises:
        InvalidInput: Somebody else has it, or there is no such host.
    """
    import socket

    from treering.errors import InvalidInput

    try:
        [(family, kind, protocol, _, address), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was just left is free
            tried.bind(address)
    except OSError as error:
        why = f"{port} on {host} cannot be listened on ({error.strerror or error})"
        todo = f"end what runs there, or choose another, e.g. --port {port % 65_535 + 1}"
        raise InvalidInput("--port", f"{why}; {todo}") from error


def _demo(settings: Settings, home: Path | None, stack: ExitStack) -> Settings:
    """The settings of the demo's server: a database, a chat model or a login of the environment has no part in it."""
    import tempfile

    from treering.cli.seeding import CONSENT
    from treering.settings import Settings

    if home is None:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="treering-demo-")))
    return Settings(home=home, cache_dir=settings.cache_dir, embedder=settings.embedder, consent=CONSENT)


def _seed(settings: Settings) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from treering.cli.options import screen
    from treering.cli.seeding import is_seeded, seed, steps
    from treering.client.memory import Memory
    from treering.testing.clock import ManualClock

    clock = ManualClock()
    console = screen(errors=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with (
        Memory(settings=settings, clock=clock, background=False) as memory,
        Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar,
    ):
        if is_seeded(memory):
            return
        task = bar.add_task("Waking up: the sentence model is built once, then cached …", total=steps())
        memory.warm_up()
        bar.update(task, description="Three people say what they say in a year …")
        seed(memory, clock, lambda: bar.advance(task))


def _invite(host: str, port: int) -> None:
    from treering.cli.options import screen

    shown = f"[{host}]" if ":" in host else host
    console = screen()
    console.print(f"Open http://{shown}:{port}/ and look at Mara. Ctrl-C ends it.", markup=False, highlight=False)
