"""Errors as RFC 9457 has them: `application/problem+json`, with nothing that a stranger should not read."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from treering.errors import (
    EmbedderUnavailable,
    ErasureIncomplete,
    Forbidden,
    ForgottenBefore,
    IndexUnavailable,
    InvalidInput,
    KeyReused,
    MessageConflict,
    MissingExtra,
    ModelUnavailable,
    OperationError,
    QueueOverdue,
    ReleaseRefused,
    ScopeNotEmpty,
    StoreBusy,
    StoreUnavailable,
    TooManyRequests,
    TreeringError,
    TrunkMismatch,
    Unauthenticated,
    UnknownClaim,
    UnknownJob,
    UnknownMessage,
    UnknownPath,
    UnknownProposal,
    UnknownTrunk,
    UnknownUser,
    UnknownVersion,
    VersionConflict,
)
from treering.schemas.problems import Problem, data_of, type_of
from treering.sidecar.access import IssuerUnavailable
from treering.sidecar.conditions import PreconditionFailed

MEDIA_TYPE = "application/problem+json"

_STATUS: dict[type[TreeringError], int] = {  # the first that fits
    Unauthenticated: 401,
    Forbidden: 403,
    PreconditionFailed: 412,
    TooManyRequests: 429,
    IssuerUnavailable: 503,
    UnknownUser: 404,
    UnknownMessage: 404,
    UnknownPath: 404,
    UnknownVersion: 404,
    UnknownClaim: 404,
    UnknownTrunk: 404,
    UnknownProposal: 404,
    UnknownJob: 404,
    KeyReused: 422,
    MessageConflict: 409,
    MissingExtra: 501,
    ForgottenBefore: 409,
    ReleaseRefused: 409,
    InvalidInput: 400,
    OperationError: 409,
    VersionConflict: 409,
    ScopeNotEmpty: 409,
    TrunkMismatch: 409,
    QueueOverdue: 503,
    StoreBusy: 503,
    StoreUnavailable: 503,
    ModelUnavailable: 503,
    EmbedderUnavailable: 503,
    IndexUnavailable: 503,
}

_UNPROCESSABLE = {"status": 422, "title": HTTPStatus(422).phrase}
"""What a request is that has not the form which is described."""

_MAX_PLACE_CHARS = 120
"""Longest place of a fault that is told."""

_TOLD = (
    ErasureIncomplete,
    InvalidInput,
    OperationError,
    QueueOverdue,
    ScopeNotEmpty,
    TooManyRequests,
    TrunkMismatch,
    UnknownTrunk,
    VersionConflict,
)
"""Errors whose words are the caller's to know: they are about what was given, and not about where things are."""


RESPONSES: dict[int | str, dict[str, object]] = {
    "default": {
        "description": "A problem.",
        "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}},
    }
}
"""How routes document what else they may answer."""

_MEANINGS: dict[int, str] = {
    304: "It is as you have it.",
    400: "What was given cannot be used; nothing was changed.",
    401: "There is no credential, or it is good for nothing.",
    403: "The credential does not go so far.",
    404: "There is no such thing, or it is another tenant's.",
    408: "The request took too long to arrive.",
    409: "It does not go with what is stored; nothing was changed.",
    412: "Somebody else wrote since; nothing was changed.",
    413: "The request is too large.",
    422: "The request has not the form that is described here.",
    429: "Too many requests; see `Retry-After`.",
    503: "Something that is needed does not answer; try again later.",
}

_LATER = (429, 503)
"""What goes well a little later, and says when."""

RETRY_AFTER_S = 5
"""When to try again where something does not answer, in seconds. Nobody knows; most of what fails is back by then."""

_ANYWHERE = (400, 401, 403, 408, 413, 422, 429, 503)
"""What every route of a memory may answer."""


def described(*statuses: int) -> dict[int | str, dict[str, object]]:
    """How a group of routes, or one route, documents its problems: those of every route, and these.

    Example:
        >>> 404 in described(404), 503 in described()
        (True, True)
    """
    content: dict[str, object] = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    later: dict[str, object] = {
        "headers": {"Retry-After": {"description": "In how many seconds.", "schema": {"type": "integer"}}}
    }
    return {
        status: {"description": _MEANINGS[status]}
        | ({} if status == 304 else content)  # noqa: PLR2004
        | (later if status in _LATER else {})
        for status in sorted({*_ANYWHERE, *statuses})
    }


def problem(status: int, *, detail: str | None = None, request_id: str | None = None) -> JSONResponse:
    """A problem as an answer."""
    told = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return _answer(told, request_id)


def told_of(error: Exception) -> Problem:
    """What is told of an error of Treering, and nothing more."""
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
    is_told = isinstance(error, _TOLD)
    # A condition that failed is the conflict of versions that it was made of.
    ours = VersionConflict(error.expected, error.actual) if isinstance(error, PreconditionFailed) else error
    return Problem(
        type=type_of(type(ours)),
        title=HTTPStatus(status).phrase,
        status=status,
        detail=str(error) if is_told else None,
        data=data_of(ours, is_told=is_told),
    )


def handle_problems(app: FastAPI) -> None:
    """Have an application answer with problems, and its OpenAPI document say what they look like."""
    write = app.openapi

    def document() -> dict[str, Any]:
        written = write()
        written.setdefault("components", {}).setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        return written

    app.openapi = document  # type: ignore[method-assign] # as its documentation says

    async def of_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
        told = problem(error.status_code, request_id=_request_id(request))
        told.headers.update(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            told.headers["Allow"] = ", ".join(_allowed(request)) or told.headers["Allow"]
        return told

    async def of_input(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        [first, *_] = error.errors()
        where = _place(first["loc"])  # without the value: it may be long, or private
        told = told_of(InvalidInput(where, first["msg"])).model_copy(update=_UNPROCESSABLE)
        return _answer(told, _request_id(request))

    async def of_ours(request: Request, error: Exception) -> JSONResponse:
        told = _answer(told_of(error), _request_id(request))
        if isinstance(error, Unauthenticated):
            told.headers["WWW-Authenticate"] = "Bearer"
        if told.status_code in _LATER:
            told.headers["Retry-After"] = str(getattr(error, "retry_after_s", RETRY_AFTER_S))
        return told

    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, of_input)
    app.add_exception_handler(TreeringError, of_ours)


def _answer(told: Problem, request_id: str | None) -> JSONResponse:
    body = told.model_copy(update={"request_id": request_id}).model_dump(exclude_none=True)
    if not body["data"]:
        del body["data"]
    return JSONResponse(body, status_code=told.status, media_type=MEDIA_TYPE)


def _allowed(request: Request) -> list[str]:
    """The methods that a path knows: those of all its routes, and not of the first alone. None of what is mounted."""
    routes = [route for route in request.app.router.routes if not isinstance(route, Mount)]
    known = (
        method
        for method in ("GET", "POST")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    )
    return [one for method in known for one in ((method, "HEAD") if method == "GET" else (method,))]


def _place(parts: Sequence[object]) -> str:
    """Where a fault is. Names that callers make up may be no text that can be sent, or have no end."""
    return ".".join(str(part) for part in parts).encode("ascii", "backslashreplace").decode()[:_MAX_PLACE_CHARS]


def _request_id(request: Request) -> str | None:
    found = request.scope.get("request_id")
    return found if isinstance(found, str) else None
