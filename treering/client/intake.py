"""Turns what an application passes into values, or into an error that says what to change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import cast, get_args

from pydantic import TypeAdapter, ValidationError

from treering.errors import InvalidInput, InvalidTurn, MissingScope
from treering.schemas.claims import Subject
from treering.schemas.dialogue import Message, Scalar, Scope
from treering.schemas.recall import Mode
from treering.schemas.trunk import Path
from treering.schemas.value import WHEN_USED, Identifier

Said = str | Message | Mapping[str, object]
"""One message: plain text of the user, a `Message`, or a mapping with `role` and `content`."""

Condition = Scalar | Sequence[Scalar]
"""One value that a turn's metadata may have under a name, or several."""

MAX_JOB_ID = 2**63 - 1
"""Largest number of a job: what every database can count to."""

_IDENTIFIER: TypeAdapter[str] = TypeAdapter(Identifier, config=WHEN_USED)
_PATH: TypeAdapter[str] = TypeAdapter(Path, config=WHEN_USED)
_SUBJECT: TypeAdapter[str] = TypeAdapter(Subject, config=WHEN_USED)


def as_scope(user: str, tenant: str, where: str) -> Scope:
    """The scope of a call.

    Raises:
        MissingScope: No user is named.
        InvalidInput: The user or tenant is no identifier.
    """
    if not user:
        raise MissingScope(where)
    try:
        return Scope(tenant=tenant, user=user)
    except ValidationError as error:
        raise InvalidInput("user or tenant", explain(error)) from error


def as_tenant(tenant: str) -> str:
    """The name of a tenant.

    Raises:
        InvalidInput: It is no identifier.
    """
    return as_identifier("tenant", tenant)


def as_session(session: str) -> str:
    """The session id.

    Raises:
        InvalidInput: It is no identifier.
    """
    return as_identifier("session", session)


def as_identifier(what: str, given: object) -> str:
    """A name or an id.

    Raises:
        InvalidInput: It can be none.
    """
    try:
        return _IDENTIFIER.validate_python(given)
    except ValidationError as error:
        raise InvalidInput(what, explain(error)) from error


def as_subject(subject: str) -> str:
    """Whom a tree is about.

    Raises:
        InvalidInput: It is no subject.
    """
    try:
        return _SUBJECT.validate_python(subject)
    except ValidationError as error:
        raise InvalidInput("subject", "is none; give 'self', 'agent:<name>' or 'person:<name>'") from error


def as_path(path: str) -> str:
    """The path of a slot or a branch; whether the trunk has it is for others to say.

    Raises:
        InvalidInput: It is no path.
    """
    try:
        return _PATH.validate_python(path)
    except ValidationError as error:
        raise InvalidInput("path", explain(error)) from error


def as_words(what: str, text: object) -> str:
    """A text with something in it.

    Raises:
        InvalidInput: It is no text, or empty.
    """
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput(what, "is no text; say it in words")
    return text


def as_moment(moment: object, what: str = "as_of") -> datetime | None:
    """A moment in UTC, or none.

    Raises:
        InvalidInput: It is no moment, or has no time zone.
    """
    if moment is None:
        return None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise InvalidInput(what, "has no time zone; give e.g. datetime(2024, 3, 1, tzinfo=UTC)")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise InvalidInput(what, "is outside the years 1 to 9999") from error


def as_ids(what: str, ids: object) -> list[str]:
    """Ids in order.

    Raises:
        InvalidInput: It is a single text, or holds something else than texts.
    """
    if isinstance(ids, str | bytes) or not isinstance(ids, Iterable):
        raise InvalidInput(what, "must be a list of ids, e.g. ['…']")
    found = list(ids)
    if not all(isinstance(one, str) for one in found):
        raise InvalidInput(what, "must be a list of ids, each a text")
    return found


def as_condition(where: object) -> Mapping[str, frozenset[Scalar]]:
    """What turns must have in their metadata.

    Raises:
        InvalidInput: It is no mapping of names to values.
    """
    if where is None:
        return {}
    if not isinstance(where, Mapping) or not all(isinstance(name, str) for name in where):
        raise InvalidInput("where", "must be a mapping of names to values, e.g. {'channel': 'mail'}")
    return {name: _as_values(name, given) for name, given in where.items()}


def _as_values(name: str, given: object) -> frozenset[Scalar]:
    found: list[Scalar] = []
    for value in given if isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping) else [given]:
        if not (value is None or isinstance(value, str | int | float | bool)):
            raise InvalidInput("where", f"{name!r} must be a text, a number, true, false or none, or several of these")
        found.append(value)
    return frozenset(found)


def check_question(query: object, mode: object, budget_tokens: object) -> None:
    """Refuses what only a caller without a type checker can pass.

    Raises:
        InvalidInput: The question is no text, the mode unknown, or the budget no whole number.
    """
    if not isinstance(query, str):
        raise InvalidInput("query", f"is a {type(query).__name__}; ask in words")
    if mode not in get_args(Mode):
        raise InvalidInput("mode", f"is {mode!r}; known are {', '.join(get_args(Mode))}")
    if not isinstance(budget_tokens, int):
        raise InvalidInput("budget_tokens", f"is a {type(budget_tokens).__name__}; give a whole number")


def as_job_id(job_id: object) -> int:
    """The number of a job.

    Raises:
        InvalidInput: It is none.
    """
    if not isinstance(job_id, int) or not 1 <= job_id <= MAX_JOB_ID:
        raise InvalidInput("job", "is no number of a job; `memory.jobs()` lists them")
    return job_id


def as_number(what: str, number: object, *, least: int = 1) -> int:
    """A whole number.

    Raises:
        InvalidInput: It is none, or less than what makes sense.
    """
    if not isinstance(number, int) or isinstance(number, bool) or number < least:
        raise InvalidInput(what, f"is {number!r}; give a whole number from {least}")
    return number


def as_version(version: object) -> int | None:
    """The number of a version; None stays None.

    Raises:
        InvalidInput: It is no number, or less than 0.
    """
    return None if version is None else as_number("version", version, least=0)


def as_messages(said: Said | Sequence[Said]) -> list[Message]:
    """Messages in order.

    Raises:
        InvalidTurn: One of them cannot be stored; it says which and why.
    """
    return [_as_message(one, place) for place, one in enumerate(_in_order(said))]


def _in_order(said: object) -> Iterable[Said]:
    if isinstance(said, str | Message | Mapping):
        return [said]
    if isinstance(said, bytes) or not isinstance(said, Iterable):
        raise InvalidTurn("messages", f"are a {type(said).__name__}; give text, a Message, a mapping, or several")
    return cast("Iterable[Said]", said)


def _as_message(said: Said, place: int) -> Message:
    if isinstance(said, Message):
        return said
    try:
        return Message(content=said) if isinstance(said, str) else Message.model_validate(said)
    except ValidationError as error:
        raise InvalidTurn(f"message {place}", explain(error)) from error


def explain(error: ValidationError) -> str:
    """The first fault in one line, without the value: it may be long, or private."""
    details = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = ".".join(str(part) for part in details["loc"])
    return f"{field} {details['msg'].removeprefix('Value error, ')}".strip()
