"""Serves one person's memory to the program that started this process, over its standard streams."""

from __future__ import annotations

import signal
from typing import Any

import anyio
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from treering.sidecar.mcp.person import Person
from treering.sidecar.mcp.server import make_server


def serve_stdio(person: Person) -> None:
    """Serve until standard input ends. Whatever else is printed meanwhile goes to standard error.

    Ctrl-C ends the process at once, as SIGTERM does: what was remembered is stored, and is listened to by the next one.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a thread waits for input, and nothing milder would end it
    anyio.run(_serve, make_server(lambda _: person))


async def _serve(server: Server[Any]) -> None:
    async with stdio_server() as (received, sent):
        await server.run(received, sent, server.create_initialization_options())
