"""Errors as RFC 9457 has them: `application/problem+json`, with nothing that a stranger should not read."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from treering.errors import (
    EmbedderUnavailable,
    ForgottenBefore,
    IndexUnavailable,
    InvalidInput,
    MessageConflict,
    ModelUnavailable,
    OperationError,
    QueueOverdue,
    ReleaseRefused,
    ScopeNotEmpty,
    StoreBusy,
    StoreUnavailable,
    TreeringError,
    TrunkMismatch,
    UnknownClaim,
    UnknownMessage,
    UnknownPath,
    UnknownTrunk,
    UnknownUser,
    UnknownVersion,
    VersionConflict,
)
from treering.schemas.value import Value
from treering.sidecar.access import Forbidden, Unauthenticated

MEDIA_TYPE = "application/problem+json"

_STATUS: dict[type[TreeringError], int] = {  # the first that fits
    Unauthenticated: 401,
    Forbidden: 403,
    UnknownUser: 404,
    UnknownMessage: 404,
    UnknownPath: 404,
    UnknownVersion: 404,
    UnknownClaim: 404,
    UnknownTrunk: 404,
    MessageConflict: 409,
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

_TOLD = (InvalidInput, OperationError, ScopeNotEmpty, VersionConflict)
"""Errors whose words are the caller's to know: they are about what was given, and not about where things are."""


class Problem(Value):
    """What went wrong."""

    type: str = "about:blank"
    """A URI that names the kind of problem."""
    title: str
    """The same in words."""
    status: int
    """The HTTP status."""
    detail: str | None = None
    """What to do about this one, where it is the caller's to know."""
    request_id: str | None = None
    """The request, as the server's log has it."""


RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem.",
        "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}},
    }
}
"""How routes document what else they may answer."""


def problem(status: int, *, detail: str | None = None, request_id: str | None = None) -> JSONResponse:
    """A problem as an answer."""
    told = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, request_id=request_id)
    return JSONResponse(told.model_dump(exclude_none=True), status_code=status, media_type=MEDIA_TYPE)


def handle_problems(app: FastAPI) -> None:
    """Have an application answer with problems."""

    async def of_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
        told = problem(error.status_code, request_id=_request_id(request))
        told.headers.update(error.headers or {})
        return told

    async def of_input(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        [first, *_] = error.errors()
        where = ".".join(str(part) for part in first["loc"])  # without the value: it may be long, or private
        return problem(422, detail=f"{where}: {first['msg']}", request_id=_request_id(request))

    async def of_ours(request: Request, error: Exception) -> JSONResponse:
        status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
        detail = str(error) if isinstance(error, _TOLD) else None
        told = problem(status, detail=detail, request_id=_request_id(request))
        if isinstance(error, Unauthenticated):
            told.headers["WWW-Authenticate"] = "Bearer"
        return told

    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, of_input)
    app.add_exception_handler(TreeringError, of_ours)


def _request_id(request: Request) -> str | None:
    found = request.scope.get("request_id")
    return found if isinstance(found, str) else None
