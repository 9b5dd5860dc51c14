"""What a request may be at most: bytes, seconds, depth. Wrong bytes are refused before anything reads them."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import unquote_to_bytes

import numpy as np
from anyio import to_thread
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from treering.errors import InvalidInput
from treering.sidecar.problems import problem

BODY_S = 30.0
"""For how long a body may take to arrive, in seconds: who sends a byte now and then must not hold a connection."""

MAX_DEPTH = 64
"""Deepest nesting of a JSON document; exports have less than 20."""

ASIDE_BYTES = 64 * 1024
"""Bodies from this size on are looked at in a thread, in bytes: 8 MiB take 50 ms."""

_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""The strings of a document. One that has no end goes to the end: so that no quote is looked at twice."""

_NO_NUMBERS = re.compile(rb"NaN|Infinity")
_OPENING, _CLOSING = b"[{", b"]}"
_OTHERS = bytes(set(range(256)) - set(_OPENING + _CLOSING))


class _Refused(Exception):
    """A request that goes no further."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class Limits:
    """Wraps an application: it gets a body when all of it is there, and is fit to be read.

    Args:
        app: The application.
        max_body_bytes: Largest body, counted as it comes.
        body_s: For how long a body may take to arrive, in seconds.
    """

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, body_s: float = BODY_S) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._body_s = body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            _check_address(scope)
            _check_framing(scope)
            body = await self._read(scope, receive)
            if body is None:  # the client has gone
                return
            if body and "json" in Headers(scope=scope).get("content-type", "json").lower():
                await _check(body)
        except (_Refused, InvalidInput) as error:
            status = error.status if isinstance(error, _Refused) else 400
            answer = problem(status, detail=str(error), request_id=scope.get("request_id"))
            answer.headers["Connection"] = "close"  # what is on its way still is not read
            await answer(scope, receive, send)
            return
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return waiting.pop() if waiting else await receive()

        await self._app(scope, again, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        """The body; none where the client goes away meanwhile."""
        too_large = _Refused(413, f"the body has more than {self._max_body_bytes:,} bytes; send less at once")
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > self._max_body_bytes:
            raise too_large
        body = bytearray()
        try:
            async with asyncio.timeout(self._body_s):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    body += message.get("body", b"")
                    if len(body) > self._max_body_bytes:
                        raise too_large
                    if not message.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            raise _Refused(408, f"the body took longer than {self._body_s:g} seconds") from None


def check_json(body: bytes) -> None:
    """Refuse a document that a reader would stumble over, or understand otherwise than others do.

    Raises:
        InvalidInput: It is no UTF-8, is nested too deeply, or has numbers that JSON does not know.

    Example:
        >>> check_json(b'{"text": "[[[[ NaN"}')
        >>> check_json(b"[" * 65)
        Traceback (most recent call last):
        treering.errors.input.InvalidInput: the body: is nested more than 64 deep
    """
    try:
        body.decode()
    except UnicodeDecodeError:
        raise InvalidInput("the body", "is no UTF-8") from None
    if b"\x00" in body:  # it may be UTF-16, which a reader would find out, and this would not
        raise InvalidInput("the body", "contains NUL bytes; send UTF-8")
    bare = _STRINGS.sub(b"", body)
    if _NO_NUMBERS.search(bare):
        raise InvalidInput("the body", "contains NaN or Infinity, which JSON does not know")
    if bare.count(b"[") + bare.count(b"{") <= MAX_DEPTH:  # as with nearly all; what follows takes longer to begin
        return
    brackets = np.frombuffer(bare.translate(None, _OTHERS), dtype=np.uint8)
    steps = np.where(np.isin(brackets, np.frombuffer(_OPENING, dtype=np.uint8)), 1, -1)
    if np.cumsum(steps).max(initial=0) > MAX_DEPTH:
        raise InvalidInput("the body", f"is nested more than {MAX_DEPTH} deep")


async def _check(body: bytes) -> None:
    if len(body) < ASIDE_BYTES:
        check_json(body)
    else:
        await to_thread.run_sync(check_json, body)


def _check_address(scope: Scope) -> None:
    """Refuse a path or query that is no UTF-8: read with replacements, two people would become one."""
    for part in (scope.get("raw_path") or b"", scope.get("query_string") or b""):
        try:
            unquote_to_bytes(part).decode()
        except UnicodeDecodeError:
            raise InvalidInput("the address", "is no UTF-8; quote it as %C3%A4 for ä") from None


def _check_framing(scope: Scope) -> None:
    """Refuse a body with two lengths: a proxy that goes by the other one would take its end for another request."""
    headers = Headers(scope=scope)
    if "transfer-encoding" in headers and "content-length" in headers:
        raise InvalidInput("the request", "has both Content-Length and Transfer-Encoding; send one of them")
