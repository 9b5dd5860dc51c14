"""`treering serve`: the HTTP server beside an assistant."""

from __future__ import annotations

from typing import Annotated

import typer

from treering.cli.options import Home

PORT = 8377
"""Where it is found if nobody says otherwise."""


def serve(
    *,
    host: Annotated[str, typer.Option(help="Where to listen; for others, set TREERING_AUTH=keys.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="The port.")] = PORT,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
    home: Home = None,
) -> None:
    """Serve memories over HTTP, to applications in any language.

    /v1/… remembers, recalls and shows memories, as /openapi.json describes; /v1/chat/completions passes chats on to
    TREERING_UPSTREAM_URL with memory in them; /mcp serves MCP clients; /health/live, /health/ready and /metrics tell
    how things are. With TREERING_AUTH=keys, callers show a key of `treering keys create`; without, only this machine
    is served. SIGTERM lets requests end.

    \b
    treering serve
    curl -H 'Content-Type: application/json' -d '{"messages": ["I moved to Lisbon."]}' \\
        'http://127.0.0.1:8377/v1/messages?user=ana'
    curl 'http://127.0.0.1:8377/v1/tree?user=ana'
    """
    import os

    from treering.errors import InvalidInput, MissingExtra
    from treering.settings import Settings
    from treering.telemetry.exporting import export_traces
    from treering.telemetry.logs import log_to_stderr

    if log_level not in ("debug", "info", "warning", "error"):
        raise InvalidInput("--log-level", "must be debug, info, warning or error")
    try:
        import treering.sidecar.serving as server
    except ImportError as error:
        raise MissingExtra("treering serve", "server") from error
    settings = Settings.read(os.environ)
    if home is not None:  # a folder that is named outweighs a database of the environment
        settings = settings.model_copy(update={"home": home, "database_url": None})
    log_to_stderr(settings.log_format, log_level.upper(), key=settings.log_key)
    export_traces("server")
    server.serve(settings, host=host, port=port)
