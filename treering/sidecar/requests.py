"""What every request gets: an id, a line in the log, and an answer whatever happens."""

from __future__ import annotations

import logging
import re
import time
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from treering.sidecar.hardening import harden
from treering.sidecar.problems import problem

HEADER = "X-Request-ID"

_TAKEN = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
"""Ids of callers that go into a log as they are."""

_access = logging.getLogger("treering.access")
_log = logging.getLogger("treering.sidecar")


class Requests:
    """Wraps an application.

    The line in the log names the route and not the path, which may name a person, and has no query.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = scope["request_id"] = given if _TAKEN.fullmatch(given) else uuid4().hex
        began_at, status = time.monotonic(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[HEADER] = request_id
                harden(headers)
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception as error:  # the rim: nobody else answers
            _log.error("request %s failed: %s", request_id, type(error).__name__)  # words may be in a trace
            if status:
                raise
            await problem(500, request_id=request_id)(scope, receive, answer)
        finally:
            route = getattr(scope.get("route"), "path", "(no route)")
            took_ms = 1000 * (time.monotonic() - began_at)
            _access.info("%s %s %d %.1f ms %s", scope["method"], route, status, took_ms, request_id)
