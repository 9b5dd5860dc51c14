"""Requests to a server: sent again where that does no harm, and answered with values or our errors."""

from __future__ import annotations

import json
import logging
import os
import time
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

import httpx2
from pydantic import BaseModel

from treering import __version__
from treering.client.intake import as_number
from treering.client.remote.addresses import as_address, as_key
from treering.client.remote.answers import REQUEST_ID, check, value_of
from treering.client.remote.patience import Patience
from treering.errors import InvalidInput, ServerUnavailable
from treering.schemas.pages import MAX_PAGE
from treering.telemetry.tracing import traceparent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from ssl import SSLContext

    from treering.schemas.pages import Page

    Param = str | int | list[str] | None
    """A value in the query; none: it is left out."""

V = TypeVar("V", bound=BaseModel)

CONNECT_TIMEOUT_S = 5.0
"""Longest wait for a connection, in seconds: a server that takes longer is down, however long its answers may take."""

KEPT_S = 4.0
"""How long an idle connection is kept, in seconds: the server closes it after 5."""

MAX_CONNECTIONS = 100
"""Most requests at once; further ones wait for these."""


class Connection:
    """A pool of connections to one server. Threads may share it; a process that was forked needs its own.

    Args:
        url: Where the server is: `http://127.0.0.1:8377`.
        api_key: A key or a token; none where the server asks for none.
        timeout_s: For how long the server may send nothing, in seconds.
        retries: How often a request is sent again that may be.
        transport: What carries requests, for tests.
        sleep: Waits between two attempts, for tests.

    Raises:
        InvalidInput: The address, the key or a number cannot be used.
    """

    def __init__(
        self,
        url: str,
        api_key: str | None = None,
        *,
        timeout_s: float,
        retries: int,
        transport: httpx2.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url: str = as_address(url)
        headers = {"User-Agent": f"treering/{__version__}"}
        if api_key is not None:
            headers["Authorization"] = f"Bearer {as_key(api_key)}"
        if not timeout_s > 0:
            raise InvalidInput("timeout_s", f"is {timeout_s!r}; give seconds, more than 0")
        self._patience = Patience(as_number("retries", retries, least=0), sleep)
        logging.getLogger("httpx2").setLevel(logging.WARNING)  # it logs addresses, and people are named in these
        self.timeout_s = timeout_s
        self._client = httpx2.Client(
            base_url=self.url,
            headers=headers,
            timeout=_timeout(timeout_s),
            limits=httpx2.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=KEPT_S),
            transport=transport,
            verify=_trusted(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")),
        )

    def get(self, kind: type[V], path: str, /, **params: Param) -> V:
        """What a route answers, as a value."""
        return value_of(kind, self._ask("GET", path, params, is_repeatable=True), self.url)

    def raw(self, path: str, /, **params: Param) -> bytes:
        """What a route answers, as it is."""
        answer = self._ask("GET", path, params, is_repeatable=True)
        check(answer, self.url)
        return answer.content

    def pages(
        self, page: type[Page[V]], path: str, /, *, after: str | None = None, most: int = MAX_PAGE, **params: Param
    ) -> Iterator[V]:
        """The items of a list, page by page, for as long as somebody takes them.

        Args:
            page: The type of a page.
            path: The route.
            after: The cursor at which it begins; the first page without.
            most: How many will be taken, if that is known.
            params: Further parameters.
        """
        while True:
            found = self.get(page, path, cursor=after, limit=min(most, MAX_PAGE), **params)
            yield from found.items
            after = found.next
            if after is None:
                return

    def post(
        self,
        kind: type[V],
        path: str,
        body: object = None,
        /,
        *,
        headers: Mapping[str, str] | None = None,
        is_repeatable: bool = False,
        timeout_s: float | None = None,
        **params: Param,
    ) -> V:
        """What a route answers to a body, as a value.

        Args:
            kind: The type of the answer.
            path: The route.
            body: What is sent: bytes as they are, anything else as JSON.
            headers: Further headers.
            is_repeatable: Whether it does no harm if it is done twice.
            timeout_s: For how long the server may send nothing; by default as for all requests.
            params: The query.
        """
        content = body if isinstance(body, bytes) or body is None else _json(body)
        answer = self._ask("POST", path, params, content, headers, is_repeatable=is_repeatable, timeout_s=timeout_s)
        return value_of(kind, answer, self.url)

    @contextmanager
    def stream(self, path: str, /, **params: Param) -> Iterator[Iterator[bytes]]:
        """A long answer in pieces; it is asked for once."""
        request = self._request("GET", path, params, timeout_s=self.timeout_s)
        try:
            answer = self._client.send(request, stream=True)
            try:
                if not answer.is_success:
                    answer.read()
                check(answer, self.url)
                yield answer.iter_bytes()
            finally:
                answer.close()
        except httpx2.TransportError as error:
            raise self._unavailable(error, request) from None

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def _ask(
        self,
        method: str,
        path: str,
        params: Mapping[str, Param],
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        is_repeatable: bool,
        timeout_s: float | None = None,
    ) -> httpx2.Response:
        request = self._request(method, path, params, content, headers, timeout_s=timeout_s or self.timeout_s)
        try:
            return self._patience.ask(lambda: self._client.send(request), is_repeatable=is_repeatable)
        except httpx2.TransportError as error:
            raise self._unavailable(error, request) from None

    def _request(
        self,
        method: str,
        path: str,
        params: Mapping[str, Param],
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        timeout_s: float,
    ) -> httpx2.Request:
        named = {REQUEST_ID: uuid4().hex, **(headers or {})}  # one id for all attempts, to be found in a log
        if content is not None:
            named["Content-Type"] = "application/json"
        if (parent := traceparent()) is not None:
            named["traceparent"] = parent
        given = {name: value for name, value in params.items() if value is not None}
        try:
            return self._client.build_request(
                method, path, params=given, content=content, headers=named, timeout=_timeout(timeout_s)
            )
        except UnicodeEncodeError:
            raise _no_text() from None

    def _unavailable(self, error: httpx2.TransportError, request: httpx2.Request) -> ServerUnavailable:
        """What is told of a request that was not answered. The error's own request has the key in it, and is left."""
        late = isinstance(error, httpx2.TimeoutException)
        why = "did not answer in time" if late else "cannot be reached, or broke off"
        return ServerUnavailable(self.url, f"{why} ({type(error).__name__})", request_id=request.headers[REQUEST_ID])


def _timeout(timeout_s: float) -> httpx2.Timeout:
    return httpx2.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s))


@lru_cache(maxsize=1)
def _trusted(_file: str | None, _folder: str | None) -> SSLContext:
    """The certificates of this machine, or those that the environment names.

    Reading them takes 20 ms, so that clients share them; where the environment names others, these are read.
    """
    return httpx2.create_ssl_context()


def _json(body: object) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        raise _no_text() from None
    except (TypeError, ValueError) as error:
        raise InvalidInput("the call", f"holds what is no JSON ({error})") from None


def _no_text() -> InvalidInput:
    return InvalidInput("the call", "holds a lone surrogate, which is no text")
