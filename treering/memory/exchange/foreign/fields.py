"""Fields of foreign JSON: what is there, in our types, or a reason why it cannot be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic import ValidationError

from treering.schemas.dialogue import Message, Role
from treering.schemas.foreign import Fact, Foreign, LeftOut, Spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from treering.schemas.foreign import ForeignFormat

MILLISECONDS_FROM = 10**11
"""A larger number is a time in milliseconds: in seconds it would be after the year 5000."""

ROLES: Mapping[str, Role] = {
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "agent": "assistant",
    "system": "system",
    "tool": "tool",
    "function": "tool",
}
"""What others call the roles."""


class Unusable(ValueError):
    """A document cannot be used as a whole; the message quotes nothing of it."""


class Reading:
    """Collects what a file holds, and what of it has to be left out."""

    def __init__(self, name: ForeignFormat) -> None:
        self._name = name
        self._facts: list[Fact] = []
        self._spoken: list[Spoken] = []
        self._left_out: list[LeftOut] = []

    def fact(self, where: str, **fields: object) -> None:
        """Take in a statement."""
        try:
            self._facts.append(Fact.model_validate(fields))
        except ValidationError as error:
            self.leave_out(where, _first_fault(error))

    def say(self, where: str, session: str, **fields: object) -> None:
        """Take in a message."""
        try:
            self._spoken.append(Spoken(session=session, message=Message.model_validate(fields)))
        except ValidationError as error:
            self.leave_out(where, _first_fault(error))

    def leave_out(self, where: str, why: str) -> None:
        """Note what is not taken in."""
        self._left_out.append(LeftOut(where=where, why=why))

    def done(self) -> Foreign:
        """All of it."""
        return Foreign(
            format=self._name,
            facts=tuple(self._facts),
            spoken=tuple(self._spoken),
            left_out=tuple(self._left_out),
        )


def moment(value: JsonValue) -> datetime | None:
    """A time as others write it: ISO 8601, UTC where no zone is given, or a number of seconds or milliseconds.

    Raises:
        ValueError: It is neither.
    """
    try:
        match value:
            case None | "":
                return None
            case bool():
                pass
            case int() | float():
                return datetime.fromtimestamp(value / 1000 if value > MILLISECONDS_FROM else value, UTC)
            case str():
                found = datetime.fromisoformat(value)
                return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise ValueError(f"{str(value)[:40]!r} is no time")


def objects(value: JsonValue) -> Iterator[tuple[int, Mapping[str, JsonValue] | None]]:
    """The items of a list with their place; None for one that is no object. Nothing for what is no list."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        for place, item in enumerate(value):
            yield place, item if isinstance(item, Mapping) else None


def text_in(item: Mapping[str, JsonValue], *names: str) -> str | None:
    """The first of these fields that holds words."""
    for name in names:
        value = item.get(name)
        if isinstance(value, str) and value.strip():
            return value
    return None


def id_in(item: Mapping[str, JsonValue], *names: str) -> str | None:
    """The first of these fields that holds an id, as text."""
    for name in names:
        value = item.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value)
    return None


def texts(value: JsonValue) -> tuple[str, ...]:
    """A text, or the texts of a list."""
    if isinstance(value, str):
        return (value,)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _first_fault(error: ValidationError) -> str:
    """In one line, without the value: it may be long, or private."""
    details = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = ".".join(str(part) for part in details["loc"])
    return f"{field} {details['msg'].removeprefix('Value error, ')}".strip()
