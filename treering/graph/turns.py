"""From LangChain's messages to what is remembered of them. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import dropwhile, islice

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from pydantic import TypeAdapter, ValidationError

from treering.errors import InvalidTurn
from treering.schemas.dialogue import Message
from treering.schemas.value import Identifier

_IDENTIFIER: TypeAdapter[str] = TypeAdapter(Identifier)


def unanswered(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """What came after the model's last message: the turn to answer, or the results of the tools it called."""
    for place in range(len(messages), 0, -1):
        if isinstance(messages[place - 1], AIMessage):
            return list(messages[place:])
    return list(messages)


def question(messages: Sequence[BaseMessage]) -> str:
    """The text of the person's latest message; empty if it has none."""
    return next((_text(message) for message in reversed(messages) if isinstance(message, HumanMessage)), "")


def answer_to(messages: Sequence[BaseMessage], name: str) -> AIMessage | None:
    """The last thing the model said to the message with this id, which need not be the conversation's last."""
    answer: AIMessage | None = None
    for message in islice(dropwhile(lambda message: message.id != name, messages), 1, None):
        if isinstance(message, HumanMessage):
            break
        answer = message if isinstance(message, AIMessage) else answer
    return answer


def to_remember(messages: Sequence[BaseMessage]) -> list[Message]:
    """What the person and the model said in `messages`, in words.

    Results of tools are left out: neither of the two said them, they may be pages of somebody else's text, and
    what is remembered comes back into later prompts, where planted orders would live on. System messages are the
    application's own. Of content blocks the text is kept; a message of images alone leaves nothing to remember.

    Raises:
        InvalidTurn: A message is empty, too long, or holds what no store can keep.
    """
    return [_message(message) for message in messages if _is_said(message)]


def message_id(message: BaseMessage) -> str:
    """The id by which a message is remembered: LangChain's own, or its hash where that is no identifier."""
    own = message.id or ""
    try:
        return _IDENTIFIER.validate_python(own)
    except ValidationError:
        return f"lc-{hashlib.sha256(own.encode(errors='surrogatepass')).hexdigest()}"


def _is_said(message: BaseMessage) -> bool:
    if isinstance(message, AIMessage):
        return bool(_text(message).strip())
    # A person's message with neither words nor anything else in it is let through, to be refused as empty.
    return isinstance(message, HumanMessage) and (bool(_text(message).strip()) or not _shows_something(message))


def _shows_something(message: BaseMessage) -> bool:
    blocks = [] if isinstance(message.content, str) else message.content
    return any(isinstance(block, dict) and block.get("type") != "text" for block in blocks)


def _text(message: BaseMessage) -> str:
    if isinstance(message.content, str):
        return message.content
    # A model's text blocks are pieces of one text; a person's are texts of their own.
    joint = "" if isinstance(message, AIMessage) else "\n"
    blocks = (block if isinstance(block, str) else _block_text(block) for block in message.content)
    return joint.join(text for text in blocks if text)


def _block_text(block: dict[str, object]) -> str:
    text = block.get("text") if block.get("type") == "text" else None
    return text if isinstance(text, str) else ""


def _message(message: BaseMessage) -> Message:
    name = message_id(message)
    try:
        return Message(
            role="assistant" if isinstance(message, AIMessage) else "user",
            content=_text(message),
            id=name,
            speaker=message.name or None,
        )
    except ValidationError as error:
        fault = error.errors()[0]
        raise InvalidTurn(f"message {name!r}, {'.'.join(map(str, fault['loc']))}", fault["msg"]) from error
