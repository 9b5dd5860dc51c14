"""Turns what an application passes into values, or into an error that says what to change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from treering.errors import InvalidInput, InvalidTurn, MissingScope
from treering.schemas.dialogue import Message, Scope
from treering.schemas.value import Identifier

if TYPE_CHECKING:
    from datetime import datetime

Said = str | Message | Mapping[str, Any]
"""One message: plain text of the user, a `Message`, or a mapping with `role` and `content`."""

_IDENTIFIER: TypeAdapter[str] = TypeAdapter(Identifier)


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


def as_session(session: str) -> str:
    """The session id.

    Raises:
        InvalidInput: It is no identifier.
    """
    try:
        return _IDENTIFIER.validate_python(session)
    except ValidationError as error:
        raise InvalidInput("session", explain(error)) from error


def as_moment(moment: datetime | None) -> datetime | None:
    """A moment with a time zone, or none.

    Raises:
        InvalidInput: It has no time zone.
    """
    if moment is not None and moment.tzinfo is None:
        raise InvalidInput("as_of", "has no time zone; give e.g. datetime(2024, 3, 1, tzinfo=UTC)")
    return moment


def as_messages(said: Said | Sequence[Said]) -> list[Message]:
    """Messages in order.

    Raises:
        InvalidTurn: One of them cannot be stored; it says which and why.
    """
    several = [said] if isinstance(said, str | Message | Mapping) else said
    return [_as_message(one, place) for place, one in enumerate(several)]


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
