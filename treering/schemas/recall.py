"""Recall: what goes into a prompt, and why each line is there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from treering.schemas.trunk import Sensitivity
from treering.schemas.value import Instant, Text, Value

DEFAULT_BUDGET_TOKENS = 1_500
"""Tokens a recall may cost by default, against 32,000 of a PersonaMem history."""

Mode = Literal["auto", "tree", "hybrid"]
LineKind = Literal["claim", "turn"]
ListName = Literal["tree", "dense", "sparse", "boundary", "recent"]


class Passage(Value):
    """A piece of retrievable text: an episode (level 0), a session summary, a theme, the root."""

    id: Text
    """Unique in the scope."""
    level: Annotated[int, Field(ge=0, le=3)] = 0
    """0 episode, 1 session, 2 theme, 3 root."""
    session: str | None = None
    """The session, for episodes and session summaries."""
    message_ids: tuple[str, ...]
    """The turns it is made of."""
    text: str
    """What is read out."""
    at: Instant
    """When its first turn was said."""
    seq: int
    """The last turn it contains."""


class Found(Value):
    """How one list ranked a line."""

    source: ListName
    """The list."""
    rank: Annotated[int, Field(ge=1)]
    """Place in it, from 1."""
    score: float
    """The list's own score."""
    weight: float
    """What the list counts in the blend."""


class RecallLine(Value):
    """One line of the context."""

    id: Text
    """Short id that a model can cite, e.g. `c3`."""
    kind: LineKind
    """A claim of the tree, or a turn."""
    text: str
    """The line as it stands in the context."""
    at: Instant
    """Since when a claim is so, or when a turn was said."""
    score: float
    """The blended score, 0 to 1."""
    tokens: Annotated[int, Field(ge=0)]
    """What it costs."""
    ref: Text
    """The claim id or message id."""
    subject: str
    """Whom it is about."""
    path: str | None = None
    """The slot, for a claim."""
    sensitivity: Sensitivity = "open"
    """The slot's sensitivity, for a claim."""
    message_ids: tuple[str, ...] = ()
    """The messages it rests on."""
    found_by: tuple[Found, ...] = ()
    """The lists that found it; filled when an explanation was asked for."""


class Decision(Value):
    """Which way to recall was taken, decided before any answer existed."""

    mode: Mode
    """The mode."""
    rule: Text
    """The rule that decided."""


class Recall(Value):
    """A question's memory, within its budget."""

    query: str
    """The question."""
    context: str
    """The text to put before a model; empty when nothing is relevant."""
    lines: tuple[RecallLine, ...] = ()
    """The lines of the context, in its order."""
    decision: Decision
    """How it was recalled."""
    tokens: Annotated[int, Field(ge=0)] = 0
    """What the context costs."""
    budget_tokens: Annotated[int, Field(ge=0)] = DEFAULT_BUDGET_TOKENS
    """What it was allowed to cost."""
    as_of: Instant
    """The moment for which it is true."""
    version: Annotated[int, Field(ge=0)] = 0
    """The ledger version it was read at."""
    degraded: tuple[str, ...] = ()
    """What could not be asked (an index that is down), in words."""
    timings_ms: dict[str, float] = {}
    """Milliseconds by stage; filled when an explanation was asked for."""
