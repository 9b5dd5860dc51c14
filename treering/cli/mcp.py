"""`treering mcp`: the memory of one person for a program that speaks the Model Context Protocol."""

from __future__ import annotations

from typing import Annotated

import typer

from treering.cli.options import Home, Tenant, check_log_level, open_memory


def mcp(
    *,
    user: Annotated[str, typer.Option(help="The person whose memory it is, and nobody else's.")],
    session: Annotated[
        str | None, typer.Option(help="The conversation at hand: recall leaves out what was said in it.")
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Neither remember nor forget anything.")] = False,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "warning",
    home: Home = None,
    tenant: Tenant = "default",
) -> None:
    """Serve the memory of one person to a program that starts this one, over standard input and output.

    The program is an assistant that speaks MCP. Its model can recall, read, remember and, in two steps, forget; it
    cannot choose whose memory that is. Over HTTP, for many people, treering serve answers the same at /mcp.

    \b
    treering mcp --user ana
    treering mcp --user ana --home ~/.treering --read-only
    """
    import os

    from treering.client.intake import as_scope, as_session
    from treering.errors import MissingExtra
    from treering.settings import Settings
    from treering.telemetry.logs import log_to_stderr

    check_log_level(log_level)
    try:
        from treering.sidecar.mcp.person import Person
        from treering.sidecar.mcp.stdio import serve_stdio
    except ImportError as error:
        raise MissingExtra("treering mcp", "mcp", because=error) from error
    settings = Settings.read(os.environ)
    log_to_stderr(settings.log_format, log_level.upper(), key=settings.log_key)
    scope = as_scope(user, tenant, "mcp")
    with open_memory(home, background=True) as memory:
        serve_stdio(
            Person(
                memory=memory,
                tenant=scope.tenant,
                user=scope.user,
                session=None if session is None else as_session(session),
                may_write=not read_only,
            )
        )
