"""Keeps a server without a login for programs of its own machine: no page that a browser shows there reaches it."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from treering.sidecar.auth import is_loopback
from treering.sidecar.problems import problem

REFUSED = 403


class LocalOnly:
    """Refuses what comes under another name, or from a page of another origin.

    A page can have a name of its own point to 127.0.0.1 (DNS rebinding), so `Host` must be a loopback name. And a page
    can send requests that it cannot read the answers of, so an `Origin`, which browsers add, must be this server.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        if scope["type"] in ("http", "websocket") and not _is_local(Headers(scope=scope)):
            told = problem(REFUSED, detail="Without TREERING_AUTH=keys, only programs of this machine are served.")
            await told(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_local(headers: Headers) -> bool:
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    if len(hosts) != 1 or len(origins) > 1:
        return False
    host = hosts[0]
    name = _name(f"http://{host}")
    if name is None or not is_loopback(name):
        return False
    return all(origin.lower() in {f"http://{host}".lower(), f"https://{host}".lower()} for origin in origins)


def _name(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
