"""What each kind of job needs besides whose it is, and what is wrong with a payload that does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from treering.schemas.dialogue import MAX_INTEGER
from treering.schemas.jobs import Job, JobKind
from treering.schemas.value import WHEN_USED, Value

Payload = dict[str, str | int]
"""As it is stored: an object of texts and whole numbers."""

Place = Annotated[int, Field(ge=1, le=MAX_INTEGER)]
Count = Annotated[int, Field(ge=0, le=MAX_INTEGER)]

_PAYLOAD: TypeAdapter[Payload] = TypeAdapter(Payload, config=WHEN_USED)


class _Empty(Value):
    """Of what is done for the person as a whole."""


class _Window(Value):
    """Of a window that is heard again."""

    first: Place
    """Its first turn."""
    last: Place
    """Its last one."""
    revision: Count = 0
    """The change that gave the turn its text."""


class _Index(Value):
    """Of the vectors."""

    embedder: str | None = None
    """Beside those of another embedder: whose they are."""
    message: str | None = None
    """The one message that says something else by now."""
    erased: Count | None = None
    """The receipt of the erasure after which it is looked again."""


class _Consolidate(Value):
    """Of the comparison of claims."""

    only: Literal["support"] | None = None
    """Only what is concluded from others is looked at."""


_OF: Mapping[JobKind, type[Value]] = {
    "listen": _Empty,
    "window": _Window,
    "index": _Index,
    "summarise": _Empty,
    "consolidate": _Consolidate,
}


def read_payload(stored: str) -> Payload | str:
    """The payload that a row holds, or why it cannot be read.

    Example:
        >>> read_payload('{"first": 1, "last": 2}')
        {'first': 1, 'last': 2}
        >>> read_payload("{")
        'is no JSON object of texts and whole numbers'
    """
    try:
        return _PAYLOAD.validate_json(stored, strict=True)
    except ValidationError:
        return "is no JSON object of texts and whole numbers"


def fault_of(job: Job) -> str | None:
    """Why this version cannot use the payload of a job; None if it can.

    What is not known is refused: a newer version means something by it, which to pass over could do harm.

    Example:
        >>> from datetime import UTC, datetime
        >>> now = datetime(2024, 3, 1, tzinfo=UTC)
        >>> job = Job(id=1, scope={"user": "ana"}, kind="window", payload={"first": 1}, run_after=now, queued_at=now)
        >>> fault_of(job)
        "has no 'last'"
    """
    if job.unreadable is not None:
        return job.unreadable
    try:
        _OF[job.kind].model_validate(job.payload, strict=True)
    except ValidationError as error:
        return _told(error)
    return None


def _told(error: ValidationError) -> str:
    """The first fault, without the value."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    match first["type"]:
        case "missing":
            return f"has no {name!r}"
        case "extra_forbidden":
            return f"has {name!r}, which is not known here"
    return f"has another {name!r} than is known here ({first['msg']})"
