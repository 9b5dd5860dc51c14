"""What tests of the model listener ask."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from treering.errors import ModelUnavailable
from treering.memory.ports import ChatMessage, ModelAnswer

TOKENS_IN, TOKENS_OUT = 1_000, 100
"""What it says that each answer took."""


class Scripted:
    """A chat model that gives the answers it was given, and keeps the questions."""

    name = "scripted-1"

    def __init__(self, *script: str | ModelUnavailable) -> None:
        self._script = list(script)
        self.asked: list[tuple[ChatMessage, ...]] = []
        self.schemas: list[type[BaseModel] | None] = []

    def answer(self, messages: Sequence[ChatMessage], *, schema: type[BaseModel] | None = None) -> ModelAnswer:
        self.asked.append(tuple(messages))
        self.schemas.append(schema)
        entry = self._script.pop(0)
        if isinstance(entry, ModelUnavailable):
            raise entry
        return ModelAnswer(text=entry, tokens_in=TOKENS_IN, tokens_out=TOKENS_OUT)
