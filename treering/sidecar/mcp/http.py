"""Serves MCP by Streamable HTTP: every request stands alone, so that any of several servers can answer it."""

from __future__ import annotations

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request

from treering.sidecar.mcp.person import Person
from treering.sidecar.mcp.server import make_server

PERSON = "treering.person"
"""Where the route leaves in a request's scope whose memory it is about."""

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def make_manager(hosts: str | None) -> StreamableHTTPSessionManager:
    """What answers requests that were let in, while it runs.

    Args:
        hosts: Names with commas between, by which this server may be called besides those of loopback. A page of a
            browser that has another name resolve to this server (DNS rebinding) is refused.
    """
    names = [name.strip() for name in (hosts or "").split(",") if name.strip()]
    security = TransportSecuritySettings(
        allowed_hosts=[allowed for name in (*_LOOPBACK, *names) for allowed in (name, f"{name}:*")],
        allowed_origins=[
            allowed
            for scheme, of in (("http", _LOOPBACK), ("https", [*_LOOPBACK, *names]))
            for name in of
            for allowed in (f"{scheme}://{name}", f"{scheme}://{name}:*")
        ],
    )
    # Without sessions nobody can go on with what another credential began; whole answers, since none of ours is long.
    return StreamableHTTPSessionManager(
        make_server(_whose), stateless=True, json_response=True, security_settings=security
    )


def _whose(request: Request | None) -> Person:
    assert request is not None  # noqa: S101 - it came over HTTP
    found: Person = request.scope[PERSON]
    return found
