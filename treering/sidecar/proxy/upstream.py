"""The chat API behind the proxy: asked with its own key, and its failures told as it would tell its own."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from time import perf_counter
from typing import Literal

import httpx2
from fastapi.responses import JSONResponse
from pydantic import SecretStr
from starlette.datastructures import Headers

from treering.errors import TreeringError
from treering.telemetry.happenings import Happenings, UpstreamAsked

CONNECT_TIMEOUT_S = 10.0
"""Longest wait for a connection, in seconds: one that takes longer is down, however long its answers may take."""

MAX_CONNECTIONS = 1_000
"""Most requests at once; each stream holds one for as long as the model speaks."""

_ASKED_WITH = ("accept", "content-type", "idempotency-key", "openai-beta", "openai-organization", "openai-project")
"""Headers of a request that are passed on. The credential is not: it opens this server, and not that one."""

_ANSWERED_WITH = ("content-type", "retry-after", "retry-after-ms", "x-should-retry")
"""Headers of an answer that are passed on, beside those that begin with one of `_ANSWERED_PREFIXES`."""

_ANSWERED_PREFIXES = ("openai-", "x-ratelimit-")


class UpstreamFailed(TreeringError):
    """There is no answer of the upstream to pass on."""

    def __init__(self, status: int, kind: Literal["not_set", "unreachable", "timeout"], what: str) -> None:
        super().__init__(what)
        self.status = status
        self.kind = kind


class Upstream:
    """An API that speaks OpenAI's protocol.

    Args:
        url: Where it begins, with its version: `https://api.openai.com/v1`.
        key: What it wants to be shown, if anything.
        timeout_s: For how long it may send nothing, in seconds.
        happenings: Told when it began to answer; none: nobody is.
    """

    def __init__(
        self, url: str, *, key: SecretStr | None, timeout_s: float, happenings: Happenings | None = None
    ) -> None:
        self._happenings = happenings or Happenings()
        self._url = url.rstrip("/")
        self._headers = {"accept-encoding": "identity"}  # pieces are passed on as they come, and read on the way
        if key is not None:
            self._headers["authorization"] = f"Bearer {key.get_secret_value()}"
        logging.getLogger("httpx2").setLevel(logging.WARNING)  # it logs addresses, which may hold passwords
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s)),
            limits=httpx2.Limits(max_connections=MAX_CONNECTIONS),
            # A cookie of the answer to one person would be sent with the requests of all: none is taken.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )

    async def ask(
        self, method: str, path: str, *, query: str, headers: Headers, body: bytes | None = None
    ) -> httpx2.Response:
        """The beginning of an answer; whoever gets it reads the rest and closes it.

        Raises:
            UpstreamFailed: None came.
        """
        passed = {name: headers[name] for name in _ASKED_WITH if name in headers}
        url = f"{self._url}/{path}" + (f"?{query}" if query else "")
        request = self._client.build_request(method, url, headers={**passed, **self._headers}, content=body)
        began, outcome = perf_counter(), "unreachable"
        try:
            answer = await self._client.send(request, stream=True)
        except httpx2.RequestError as error:
            failed = failure(error)
            outcome = failed.kind
            raise failed from error
        else:
            outcome = "answered" if answer.is_success else "refused"
            return answer
        finally:
            self._happenings.tell(UpstreamAsked(outcome=outcome, seconds=perf_counter() - began))

    async def close(self) -> None:
        """Let its connections go."""
        await self._client.aclose()


def failure(error: httpx2.RequestError) -> UpstreamFailed:
    """What a client of the proxy is told; the words of the error may name places."""
    if isinstance(error, httpx2.TimeoutException) and not isinstance(error, httpx2.ConnectTimeout):
        return UpstreamFailed(504, "timeout", "The upstream did not answer in time.")
    return UpstreamFailed(502, "unreachable", "The upstream cannot be reached, or broke off.")


def told(error: UpstreamFailed) -> JSONResponse:
    """A failure as OpenAI's API tells one."""
    return JSONResponse(error_body(error), status_code=error.status)


def error_body(error: UpstreamFailed) -> dict[str, object]:
    """The body of an error, as OpenAI's clients read it."""
    kind = f"upstream_{error.kind}"
    return {"error": {"message": str(error), "type": kind, "param": None, "code": kind}}


def passed_back(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of an answer that a client sees."""
    return {
        name: value
        for name, value in headers.items()
        if name.lower() in _ANSWERED_WITH or name.lower().startswith(_ANSWERED_PREFIXES)
    }
