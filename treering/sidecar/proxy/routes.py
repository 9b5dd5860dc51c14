"""`/v1/chat/completions` and `/v1/models`, passed to the upstream; the person's memory goes with the messages."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx2
from anyio import CancelScope
from fastapi import APIRouter, FastAPI, Request, Response
from pydantic import ValidationError
from starlette.background import BackgroundTask
from starlette.responses import StreamingResponse

from treering.client.intake import as_scope, as_session
from treering.schemas.dialogue import Scope
from treering.settings import Settings
from treering.sidecar.access import Writer
from treering.sidecar.auditing import PERSON
from treering.sidecar.headers import SESSION_HEADER, USER_HEADER, utf8_in
from treering.sidecar.proxy.answers import Answering, answer_in
from treering.sidecar.proxy.companion import Companion, Turn
from treering.sidecar.proxy.upstream import Upstream, UpstreamFailed, error_body, failure, passed_back, told

MEMORY_HEADER = "X-Treering-Memory"

_NAMED_IN_BODY = ("user", "safety_identifier")
"""Where OpenAI's own API has the person: the older field, and what takes its place."""

_EVENTS = "text/event-stream"


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.memory.settings
    app.state.companion = Companion(app.state.memory)
    app.state.upstream = None
    if settings.upstream_url is not None:
        app.state.upstream = Upstream(
            settings.upstream_url,
            key=settings.upstream_key,
            timeout_s=settings.upstream_timeout_s,
            happenings=app.state.memory.happenings,
        )
    try:
        yield
    finally:
        if app.state.upstream is not None:
            await app.state.upstream.close()


router = APIRouter(prefix="/v1", lifespan=_life, include_in_schema=False)  # OpenAI documents it


@router.get("/models")
async def models(request: Request, caller: Writer) -> Response:
    """The models that the upstream has."""
    del caller
    try:
        upstream = _upstream(request)
        answer = await upstream.ask("GET", "models", query=request.url.query, headers=request.headers)
        return _whole(answer, await _read(answer), {})
    except UpstreamFailed as error:
        return told(error)


@router.post("/chat/completions")
async def complete(request: Request, caller: Writer) -> Response:
    """The upstream's answer to a conversation, which is remembered; what is known of the person is added to it.

    Raises:
        InvalidInput: A header names a person or a session that can be none.
    """
    body = await request.body()
    asked = _asked(body)
    turn = _turn(request, asked, caller.tenant)
    headers: dict[str, str] = {MEMORY_HEADER: "off"}
    try:
        upstream = _upstream(request)
        if turn is not None:
            prompt = await _companion(request).prompt(turn)
            headers = {MEMORY_HEADER: prompt.found, "Server-Timing": f"recall;dur={prompt.recall_ms:.1f}"}
            if prompt.found == "recalled":
                body = json.dumps({**asked, "messages": prompt.messages}).encode()
        answer = await upstream.ask(
            "POST", "chat/completions", query=request.url.query, headers=request.headers, body=body
        )
        if answer.is_success and answer.headers.get("content-type", "").startswith(_EVENTS):
            return _streamed(answer, headers, _companion(request), turn)
        content = await _read(answer)
    except UpstreamFailed as error:
        response = told(error)
        response.headers.update(headers)
        return response
    whole = _whole(answer, content, headers)
    if turn is not None and answer.is_success:
        whole.background = BackgroundTask(_companion(request).remember, turn, answer_in(content))
    return whole


def _streamed(
    answer: httpx2.Response, headers: Mapping[str, str], companion: Companion, turn: Turn | None
) -> StreamingResponse:
    answering = Answering()

    async def pieces() -> AsyncIterator[bytes]:
        try:
            async for piece in answer.aiter_bytes():
                answering.read(piece)  # before it goes on: a client may hang up as soon as it has the last one
                yield piece
        except httpx2.RequestError as error:
            told = json.dumps(error_body(failure(error))).encode()
            yield b"\n\ndata: " + told + b"\n\n"  # it may have broken off in the middle of an event
        finally:
            with CancelScope(shield=True):  # or the connection would stay open when the client hangs up
                await answer.aclose()

    def remember(turn: Turn) -> None:
        companion.remember(turn, answering.text)

    return StreamingResponse(
        pieces(),
        status_code=answer.status_code,
        headers={**passed_back(answer.headers), **headers, "Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        background=None if turn is None else BackgroundTask(remember, turn),  # it runs when the client hung up, too
    )


async def _read(answer: httpx2.Response) -> bytes:
    try:
        return await answer.aread()
    except httpx2.RequestError as error:
        raise failure(error) from error
    finally:
        with CancelScope(shield=True):
            await answer.aclose()


def _whole(answer: httpx2.Response, content: bytes, headers: Mapping[str, str]) -> Response:
    return Response(content, status_code=answer.status_code, headers={**passed_back(answer.headers), **headers})


def _asked(body: bytes) -> dict[str, object]:
    """The body, as far as it is one; the upstream says what is wrong with it."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _turn(request: Request, asked: dict[str, object], tenant: str) -> Turn | None:
    scope = _scope(request, asked, tenant)
    messages = asked.get("messages")
    session = utf8_in(SESSION_HEADER, request.headers.get(SESSION_HEADER, ""))
    if scope is None or not isinstance(messages, list):
        return None
    request.scope[PERSON] = scope.user
    return Turn(scope=scope, session=as_session(session) if session else None, messages=messages)


def _scope(request: Request, asked: dict[str, object], tenant: str) -> Scope | None:
    """Whose memory it is. An application may have had other reasons to fill the field: what is no id there is none."""
    user = utf8_in(USER_HEADER, request.headers.get(USER_HEADER, ""))
    if user:
        return as_scope(user, tenant, USER_HEADER)
    for name in _NAMED_IN_BODY:
        try:
            return Scope(tenant=tenant, user=asked.get(name))
        except ValidationError:
            continue
    return None


def _upstream(request: Request) -> Upstream:
    found: Upstream | None = getattr(request.app.state, "upstream", None)
    if found is None:
        raise UpstreamFailed(404, "not_set", "No upstream is set; set TREERING_UPSTREAM_URL and start the server anew.")
    return found


def _companion(request: Request) -> Companion:
    found: Companion = request.app.state.companion
    return found
