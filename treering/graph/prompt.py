"""The prompt of a turn: instructions, memory behind a fence, the conversation. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from langchain_core.messages import BaseMessage, SystemMessage

from treering.memory.prompts.fence import fenced


def prompt(messages: Sequence[BaseMessage], *, instructions: str | None, memory: str) -> list[BaseMessage]:
    """The messages for the model: one system message if there is anything to put in it, then the rest as it came.

    System messages at the head of the conversation are joined into it, since many models take only one. Memory
    comes last in it, so that what stays the same from turn to turn is a prefix that providers can cache.
    """
    head = list(takewhile(lambda message: isinstance(message, SystemMessage), messages))
    parts: list[str | dict[str, object]] = [instructions] if instructions else []
    for message in head:
        parts += [message.content] if isinstance(message.content, str) else message.content
    if memory:
        parts.append(fenced(memory))
    return [*_system(parts), *messages[len(head) :]]


def _system(parts: list[str | dict[str, object]]) -> list[SystemMessage]:
    if not parts:
        return []
    texts = [part for part in parts if isinstance(part, str)]
    if len(texts) == len(parts):
        return [SystemMessage("\n\n".join(texts))]
    return [SystemMessage([{"type": "text", "text": part} if isinstance(part, str) else part for part in parts])]
