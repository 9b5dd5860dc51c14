"""Picks the pieces of an answer out of what the graph streams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage

from treering.graph.build import RESPOND

MODES = ["messages", "values"]
"""The stream modes to ask the graph for: tokens, and the conversation after each step."""


class Pieces:
    """What came of an answer so far."""

    def __init__(self) -> None:
        self.none_came: bool = True
        """The model has not been heard; it is not asked where it had answered the message before."""
        self.messages: Sequence[BaseMessage] = ()
        """The conversation after the latest step."""

    def of(self, part: tuple[str, Any]) -> Iterator[AIMessageChunk]:
        """The piece in one part of the stream, if there is one."""
        mode, data = part
        if mode == "values":
            self.messages = data["messages"]
            return
        message, metadata = data
        if metadata.get("langgraph_node") == RESPOND and isinstance(message, AIMessage):
            self.none_came = False
            yield as_chunk(message)


def as_chunk(message: AIMessage) -> AIMessageChunk:
    """The message as a chunk; a model that does not stream gives one whole message."""
    if isinstance(message, AIMessageChunk):
        return message
    return AIMessageChunk(**message.model_dump(exclude={"type"}), chunk_position="last")
