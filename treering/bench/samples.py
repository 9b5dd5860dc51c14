"""What a system under measurement sees: who said what when, and what is asked. No answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidTurn:
    """One turn of a recorded conversation."""

    id: str
    """Unique in the conversation."""
    session: str
    role: Literal["system", "user", "assistant"]
    speaker: str
    """The name under which the data has it."""
    text: str
    at: datetime

    @property
    def line(self) -> str:
        """`speaker: text`, which is what plain retrievers search."""
        return f"{self.speaker}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question, asked when all turns before it in the conversation have been said, and none after it."""

    id: str
    """Unique in the conversation."""
    text: str
    at: datetime
    session: str | None = None
    """The session in which it is asked; None: when the sessions before it have ended."""
    options: tuple[str, ...] = ()
    """Answers to choose from, in order; empty where it is to be answered freely."""
    is_request: bool = False
    """Whether help is wanted, at any length; otherwise what is answered freely is a fact, in few words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Everything that one person (or one pair) said, with the questions where they were asked."""

    id: str
    steps: tuple[SaidTurn | Question, ...]

    @property
    def questions(self) -> int:
        """How many there are."""
        return sum(isinstance(step, Question) for step in self.steps)
