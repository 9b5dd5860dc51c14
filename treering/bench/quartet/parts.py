"""What a suite is put together from: scenes in four lives, and the question that all four are asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Type = Literal[
    "stated fact",
    "latest preference",
    "change and reason",
    "reason",
    "recommendation",
    "whose fact",
    "superseded plan",
    "asked to forget",
    "never told",
    "date arithmetic",
    "two hops",
]
"""What a question asks for."""

FOUR = 4
"""People of a group, and options of a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something that is said."""

    text: str
    speaker: str | None = None
    """None: the person; ASSISTANT: the assistant; a name: somebody else in the conversation."""


ASSISTANT = "assistant"
"""Speaks for the assistant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Lines that are said one after the other, in one session."""

    lines: tuple[Line, ...]
    place: float
    """When in the life: 0 is its first day, 1 its last."""
    day: int | None = None
    """The very day, counted from 0, where it matters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a scene ought to do to a memory."""

    scene: int
    """The scene of the member, counted from 0."""
    kind: Literal["ADD", "UPDATE", "DELETE"]
    path: str
    """The slot, in the trunk `core`."""
    says: str
    """The claim in words; of a DELETE what goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One of the four: what they say, and what is right for them."""

    scenes: tuple[Scene, ...]
    right: int
    """The option that is right, counted from 0."""
    evidence: tuple[int, ...]
    """Scenes whose first line holds the answer; empty where it was never told or is forgotten."""
    changes: tuple[Change, ...]
    stale: tuple[int, ...] = ()
    """Options that were right once, or were told and forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quartet:
    """One question for four people."""

    type: Type
    question: str
    options: tuple[str, ...]
    members: tuple[Member, ...]
    asked: float = 1.0
    """When in the life it is asked; what is said later is not to be known."""
    abstain: int | None = None
    """The option that says that nothing is known, if there is one."""
