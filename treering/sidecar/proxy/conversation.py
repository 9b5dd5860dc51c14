"""From the messages of a chat request to what was said in it, where, and what of it is new. Pure.

Clients send the whole conversation with each request, without ids. So ids are derived: each from the session, the
message, and the id of the one before. The same history has the same ids however often it comes, and from an edited
message on all of them are new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from treering.memory.digest import MESSAGE_ID_CHARS, canonical
from treering.schemas.dialogue import Message

SESSION = "chat-"
"""Begins the names of sessions that no application named."""

_OPENING_CHARS = 16
"""Hex digits of an opening's hash: enough to tell the conversations of one person apart."""

_SPEAKERS = ("user", "assistant")
"""Whose messages are remembered. Instructions are the application's own, and nobody said what a tool gave."""


def said_in(messages: object) -> list[Message]:
    """What the person and the model said in words, in order, without ids.

    Of a message with several parts the texts are taken. What no store can keep (nothing but blanks or images, more
    than 256 KiB, NUL bytes) is left out, as is whatever has not the form of a message.
    """
    found = (said(message) for message in messages) if isinstance(messages, list) else ()
    return [message for message in found if message is not None]


def said(message: object) -> Message | None:
    """What one message says, if it is one of the person or the model.

    Example:
        >>> said({"role": "user", "content": [{"type": "text", "text": "Look! "}, {"type": "image_url"}]}).content
        'Look!'
    """
    if not isinstance(message, Mapping) or message.get("role") not in _SPEAKERS:
        return None
    name = message.get("name")
    try:
        return Message(
            role=message["role"],
            content=text_of(message.get("content"), joint="\n" if message["role"] == "user" else "").strip(),
            speaker=name if isinstance(name, str) and name.strip() else None,
        )
    except ValidationError:
        return None


def text_of(content: object, *, joint: str) -> str:
    """The words of a message's content: of a text, or of parts of which some are texts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else ()
    texts = (part.get("text") for part in parts if isinstance(part, Mapping) and part.get("type") == "text")
    return joint.join(text for text in texts if isinstance(text, str) and text)


def ids_in(session: str, messages: Sequence[Message]) -> list[str]:
    """The id of each message of a conversation.

    Example:
        >>> hello, bye = Message(content="Hello"), Message(content="Bye")
        >>> ids_in("s", [hello, bye])[:1] == ids_in("s", [hello])
        True
    """
    found: list[str] = []
    before = session
    for message in messages:
        words = canonical([before, len(found), message.role, message.speaker, message.content])
        before = hashlib.sha256(words.encode()).hexdigest()[:MESSAGE_ID_CHARS]
        found.append(before)
    return found


def opening_of(messages: Sequence[Message]) -> str:
    """What begins the names of all sessions that the person opened with the words with which they open this one."""
    first = next(message for message in messages if message.role == "user")
    digest = hashlib.sha256(canonical([first.speaker, first.content]).encode()).hexdigest()
    return f"{SESSION}{digest[:_OPENING_CHARS]}-"


def session_on(opening: str, day: datetime) -> str:
    """The session that begins with an opening on a day.

    The same words on the same day are the same conversation, sent again; on another day they open a new one.
    """
    return f"{opening}{day:%Y%m%d}"


def has_answer(messages: object) -> bool:
    """Whether the model spoke already: then the conversation is going on, and may have begun on an earlier day."""
    return isinstance(messages, list) and any(
        isinstance(message, Mapping) and message.get("role") == "assistant" for message in messages
    )


def known_through(ids: Sequence[str], known: AbstractSet[str]) -> int:
    """How many messages the longest beginning has whose last message is known; 0 where none is."""
    return max((place for place, one in enumerate(ids, 1) if one in known), default=0)


def nearest(messages: Sequence[Message], known: Mapping[str, AbstractSet[str]]) -> str | None:
    """The session that knows the longest beginning of a conversation; of equals the last, and none that knows nothing.

    Args:
        messages: The conversation.
        known: The ids that each session knows, in order of time.
    """
    lengths = {session: known_through(ids_in(session, messages), ids) for session, ids in known.items()}
    return max((name for name in reversed(lengths) if lengths[name]), key=lengths.__getitem__, default=None)


def new_in(messages: Sequence[Message], ids: Sequence[str], known: AbstractSet[str]) -> list[Message]:
    """What is to be remembered of a conversation, with its ids.

    That is all that follows the longest known beginning: the turn at hand, and what an earlier one failed to store.
    Where nothing is known it is the turn alone, which is what the person said since the model's last words. The rest
    may be examples that an application wrote, and nobody said.
    """
    start = known_through(ids, known)
    if not start:
        start = len(messages)
        while start and messages[start - 1].role == "user":
            start -= 1
    return [with_id(message, one) for message, one in zip(messages[start:], ids[start:], strict=True)]


def with_id(message: Message, message_id: str) -> Message:
    """The message under an id."""
    return message.model_copy(update={"id": message_id})


def with_memory(messages: Sequence[Any], fenced: str) -> list[Any]:
    """The messages with recalled text in them, last in the instructions at their head; nothing else is changed.

    Args:
        messages: Those of a request.
        fenced: What was recalled, behind its fence.
    """
    head = 0
    while head < len(messages) and _instructs(messages[head]):
        head += 1
    if not head:
        return [{"role": "system", "content": fenced}, *messages]
    last = messages[head - 1]
    content = last["content"]
    longer = f"{content}\n\n{fenced}" if isinstance(content, str) else [*content, {"type": "text", "text": fenced}]
    return [*messages[: head - 1], {**last, "content": longer}, *messages[head:]]


def _instructs(message: object) -> bool:
    return (
        isinstance(message, Mapping)
        and message.get("role") in {"system", "developer"}
        and isinstance(message.get("content"), str | list)
    )
