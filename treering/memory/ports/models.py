"""Ports to models: what embeds, counts, answers and listens, and the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pydantic import BaseModel

    from treering.memory.retrieval.vector import Vector
    from treering.memory.tree import PersonaTree
    from treering.schemas.dialogue import Turn
    from treering.schemas.listening import Proposal, Reply, Window

ChatMessage = tuple[Literal["system", "user", "assistant"], str]


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...


class TokenCounter(Protocol):
    """Counts what a text costs in a prompt."""

    def count(self, text: str) -> int:
        """Tokens of `text`."""
        ...


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def fingerprint(self) -> str:
        """Names model, weights and pooling; stored with every vector."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def embed(self, texts: Sequence[str]) -> Vector:
        """One unit vector a text: float32, shape (len(texts), dimension)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """What a chat model answered."""

    text: str
    """Word for word, also where it is not what was asked for; arguments of a tool call as their JSON."""
    tokens_in: int = 0
    """Tokens sent, as the provider counts them; 0 if it does not."""
    tokens_out: int = 0
    """Tokens that came back."""
    stopped_by: str | None = None
    """What ended the answer before its end, in the provider's words: `length`, `content_filter`, `refusal`."""


class ChatModel(Protocol):
    """A chat model, to be asked one thing at a time."""

    @property
    def name(self) -> str:
        """The model, as it stands in the ledger."""
        ...

    def answer(self, messages: Sequence[ChatMessage], *, schema: type[BaseModel] | None = None) -> ModelAnswer:
        """What the model answers; with `schema`, as JSON of that shape where the model can be held to one.

        Raises:
            ModelUnavailable: No answer; worth another try later.
        """
        ...


@runtime_checkable
class Limited(Protocol):
    """What a chat model adds that may not be asked at any time."""

    @property
    def going_on(self) -> ChatModel:
        """The same model, for further questions of work that was let in: no limit holds these up."""
        ...


class Reranker(Protocol):
    """Reads a question and a text together; slower and better than comparing two vectors."""

    def rerank(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the question: 0 to 1, in the order of the texts."""
        ...


class Listener(Protocol):
    """Proposes operations for a window of turns."""

    @property
    def name(self) -> str:
        """Name and version, as it stands in the ledger."""
        ...

    @property
    def window_turns(self) -> int:
        """How many turns make a window."""
        ...

    @property
    def context_turns(self) -> int:
        """How many earlier turns it wants to see beside a window."""
        ...

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        """The slow, paid part: what a model says. None for a listener that asks nobody.

        Raises:
            ModelUnavailable: No answer; worth another try later.
            ModelReplyUnreadable: An answer, also after one repair attempt, that holds nothing readable.
        """
        ...

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        """Drafts from the reply. Repeated after a version conflict, so it asks nobody and stores nothing."""
        ...


@runtime_checkable
class CountsTurns(Protocol):
    """What a listener adds whose windows are bounded by tokens too."""

    @property
    def window_tokens(self) -> int:
        """How many tokens of turns make a window."""
        ...

    def turn_tokens(self, turn: Turn) -> int:
        """Tokens that a turn costs in a window."""
        ...


class Summariser(Protocol):
    """Writes what a conversation was about."""

    def summarise(self, turns: Sequence[Turn], *, tokens: int) -> str:
        """What these turns of one conversation say, in at most about so many tokens.

        Raises:
            ModelUnavailable: No answer.
            ModelReplyUnreadable: An answer that holds no summary.
        """
        ...
