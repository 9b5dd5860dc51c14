"""Serves the files of the inspector as they lie here, under a policy that lets them load nothing else."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

WHERE = "/inspector"
"""The path under which it is found."""

STATIC = Path(__file__).with_name("static")
"""The files, as browsers read them: there is no build step."""

_SOURCES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",  # no text becomes markup: not even by a mistake of ours
    "trusted-types 'none'",
)

POLICY = "; ".join(_SOURCES)
"""The content security policy: nothing inline, nothing from elsewhere, and no text that is parsed as markup."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",  # asked again each time, and not sent again: there are ETags
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What each file is sent with."""


class Guarded:
    """Adds `HEADERS` to every answer.

    Args:
        app: What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except HTTPException as error:  # told as a problem further out, where this answer is not seen
            headers = {**(error.headers or {}), **HEADERS}
            raise HTTPException(error.status_code, error.detail, headers) from error


def show_inspector(app: FastAPI) -> None:
    """Have an application serve the inspector, and lead there from its root."""

    @app.get("/", include_in_schema=False)
    async def root() -> RedirectResponse:
        return RedirectResponse(f"{WHERE}/")

    app.mount(WHERE, Guarded(StaticFiles(directory=STATIC, html=True)), name="inspector")
