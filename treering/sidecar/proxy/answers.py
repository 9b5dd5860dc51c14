"""What a model answered, read from what an upstream sends while it is passed on. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

from treering.schemas.dialogue import MAX_CONTENT_BYTES

MAX_LINE_BYTES = 4 * MAX_CONTENT_BYTES
"""Longest line of a stream that is read, in bytes: a message that can be remembered fits, escaped."""


def answer_in(body: bytes) -> str | None:
    """The text of a whole answer; None where there is none, or several of which nobody knows which is shown.

    Example:
        >>> answer_in(b'{"choices": [{"message": {"role": "assistant", "content": "Soup?"}}]}')
        'Soup?'
    """
    choices = _choices(body)
    message = choices[0].get("message") if len(choices) == 1 else None
    content = message.get("content") if isinstance(message, Mapping) else None
    return content if isinstance(content, str) else None


class Answering:
    r"""Gathers an answer from the pieces of a stream of server-sent events.

    Example:
        >>> answering = Answering()
        >>> answering.read(b'data: {"choices": [{"index": 0, "delta": {"content": "Soup?"}}]}\n\nda')
        >>> answering.read(b'ta: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n')
        >>> answering.text
        'Soup?'
    """

    def __init__(self) -> None:
        self._pending = b""
        self._pieces: list[str] = []
        self._chars = 0
        self._has_ended = False
        self._is_lost = False

    @property
    def text(self) -> str | None:
        """The answer; None where it did not come to its end: half an answer is not what the model meant to say."""
        return "".join(self._pieces) if self._has_ended and not self._is_lost else None

    def read(self, chunk: bytes) -> None:
        """Take in some bytes, which may end anywhere."""
        *lines, rest = chunk.split(b"\n")
        if lines:
            lines[0] = self._pending + lines[0]
            self._pending = rest
        else:
            self._pending += rest
        for line in lines:
            if line.startswith(b"data:"):
                self._take(line[5:].strip())
        if len(self._pending) > MAX_LINE_BYTES:
            self._pending, self._is_lost = b"", True

    def _take(self, data: bytes) -> None:
        if data == b"[DONE]":
            self._has_ended = True
            return
        for choice in _choices(data):
            if choice.get("index", 0) != 0:
                self._is_lost = True  # several answers: nobody knows which is shown
            delta = choice.get("delta")
            piece = delta.get("content") if isinstance(delta, Mapping) else None
            if isinstance(piece, str):
                self._chars += len(piece)
                self._is_lost = self._is_lost or self._chars > MAX_CONTENT_BYTES
                if not self._is_lost:
                    self._pieces.append(piece)
            self._has_ended = self._has_ended or choice.get("finish_reason") is not None


def _choices(data: bytes) -> list[Mapping[str, object]]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return []
    choices = found.get("choices") if isinstance(found, dict) else None
    return [one for one in choices if isinstance(one, dict)] if isinstance(choices, list) else []
