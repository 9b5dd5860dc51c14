"""Who talks, and what was said: scopes, messages, turns, sessions, receipts."""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from treering.schemas.value import Identifier, Instant, Text, Value

MAX_CONTENT_BYTES = 262_144
"""Largest message, in UTF-8 bytes (256 KiB). A longer text is a document, not a turn."""

MAX_INDEX = 2**31 - 1
"""Largest place in a session: what every database counts to in an integer."""

MAX_INTEGER = 2**63 - 1
"""Largest whole number in a message's metadata, either way."""

DEFAULT_TENANT = "default"
DEFAULT_SESSION = "default"

Role = Literal["user", "assistant", "system", "tool"]
Scalar = str | int | float | bool | None


def _within_limit(content: str) -> str:
    size = len(content.encode())
    if size > MAX_CONTENT_BYTES:
        raise ValueError(f"has {size:,} bytes, at most {MAX_CONTENT_BYTES:,} are taken; split it")
    return content


def _plain(metadata: dict[str, Scalar]) -> dict[str, Scalar]:
    for name, value in metadata.items():
        if not (_is_encodable(name) and (not isinstance(value, str) or _is_encodable(value))):
            raise ValueError("holds a lone surrogate, which no database stores")
        if isinstance(value, float) and not isfinite(value):
            raise ValueError(f"{name!r} is no finite number")
        if isinstance(value, int) and abs(value) > MAX_INTEGER:
            raise ValueError(f"{name!r} has more than 64 bits")
    return metadata


def _is_encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


Content = Annotated[Text, AfterValidator(_within_limit)]


class Scope(Value):
    """Whose memory this is: every call, lease, version and commit is for one scope."""

    tenant: Identifier = DEFAULT_TENANT
    """The customer or application; tenants never see each other."""
    user: Identifier
    """The person, as the application names them."""


class Message(Value):
    """One message as an application hands it over."""

    role: Role = "user"
    """Who speaks. Only what a user says becomes a claim about that user."""
    content: Content
    """The text: at most 256 KiB, no NUL bytes, no lone surrogates."""
    id: Identifier | None = None
    """The application's own id. Without one, it is a hash of session, index, role and content."""
    index: Annotated[int, Field(ge=0, le=MAX_INDEX)] | None = None
    """Place in the session, from 0. Without one, the next free place."""
    at: Instant | None = None
    """When it was said, with a time zone. Without one, now."""
    speaker: Identifier | None = None
    """The name of the speaker where several people share a role."""
    metadata: Annotated[dict[str, Scalar], AfterValidator(_plain)] = {}
    """Flat facts about the message (channel, language, …), to filter recall by."""


class Turn(Value):
    """One stored message, at its place in the scope."""

    message_id: Identifier
    """Unique in the scope; storing it again changes nothing."""
    session: Identifier
    """The conversation it belongs to."""
    index: int
    """Place in the session, from 0."""
    seq: int
    """Place among all turns of the scope, from 1; the order in which they are listened to."""
    role: Role
    """Who speaks."""
    content: str
    """The text; empty once it was forgotten."""
    at: Instant
    """When it was said."""
    speaker: Identifier | None = None
    """The name of the speaker, where given."""
    metadata: dict[str, Scalar] = {}
    """What the application noted about it."""


class Session(Value):
    """A conversation: the turns that share a session id."""

    id: Identifier
    """The session id."""
    started_at: Instant
    """When its first turn was said."""
    last_at: Instant
    """When its latest turn was said."""
    turns: int
    """How many turns it has."""
    ended: bool = False
    """No more turns are expected, so its last window may be listened to."""


class Receipt(Value):
    """What `remember` stored. When you hold it, the turns survive any crash."""

    session: Identifier
    """The session of the turns."""
    stored: tuple[str, ...]
    """Message ids that are new."""
    known: tuple[str, ...]
    """Message ids that were stored before, and are left as they are."""
    forgotten: tuple[str, ...] = ()
    """Message ids whose words were forgotten on request, and are not taken in again; the turns are stored empty."""
    has_moved_on: Annotated[bool, Field(exclude=True, repr=False)] = False
    """Whether these turns ended other sessions, or went on with one that had ended: summaries are to be made anew."""
