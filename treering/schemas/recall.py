"""Recall: what goes into a prompt, and why each line is there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from treering.schemas.dialogue import Role
from treering.schemas.trunk import Sensitivity
from treering.schemas.value import Instant, Text, Value

DEFAULT_BUDGET_TOKENS = 1_500
"""Tokens a recall may cost by default, against 32,000 of a PersonaMem history."""

TOOL_BUDGET_TOKENS = 800
"""Tokens that one answer to an agent's tool call may cost by default: an agent asks several times."""

Mode = Literal["auto", "tree", "hybrid", "agentic"]
LineKind = Literal["claim", "turn", "summary"]
ListName = Literal[
    "tree",
    "dense",
    "sparse",
    "dense_context",
    "sparse_context",
    "summary",
    "graph",
    "time",
    "speaker",
    "opening",
    "asking",
    "reply",
    "recency",
    "reranker",
    "boundary",
    "person",
    "recent",
]


class Dated(Value):
    """Words about time in a turn, and what they came to on the day they were said."""

    text: str
    """The words: "last summer"."""
    begin: Instant
    """The first moment they may mean."""
    end: Instant
    """The first moment after."""


class Passage(Value):
    """A piece of retrievable text: an episode (level 0), a session summary, a theme, the root."""

    id: Text
    """Unique in the scope."""
    level: Annotated[int, Field(ge=0, le=3)] = 0
    """0 episode, 1 session, 2 theme, 3 root."""
    session: str | None = None
    """The session, for episodes and session summaries."""
    message_ids: tuple[str, ...]
    """The turns it is made of, for episodes and session summaries."""
    parts: tuple[str, ...] = ()
    """The passages one level below that it is made of; episodes have none."""
    text: str
    """What is read out."""
    at: Instant
    """When its first turn was said."""
    until: Instant | None = None
    """When its last turn was said."""
    seq: int
    """The last turn it contains."""
    speakers: tuple[str, ...] = ()
    """Who speaks in it, by name or role, sorted."""
    dates: tuple[Dated, ...] = ()
    """What is said in it about time, resolved."""


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
    query: str | None = None
    """The rewrite of the question that it was asked; none: the question itself."""


class SearchHit(Value):
    """A turn that a search found."""

    message_id: Text
    """The message."""
    session: str
    """Its conversation."""
    at: Instant
    """When it was said."""
    role: Role
    """Who spoke."""
    speaker: str | None = None
    """The name of the speaker, where given."""
    text: str
    """The whole turn."""
    score: float
    """The blended score, 0 to 1; the rank is the place among the hits."""
    found_by: tuple[Found, ...] = ()
    """The lists that found it."""


class RecallLine(Value):
    """One line of the context."""

    id: Text
    """Short id that a model can cite, e.g. `c3`."""
    kind: LineKind
    """A claim of the tree, a turn, or a summary."""
    text: str
    """The line as it stands in the context."""
    at: Instant
    """Since when a claim is so, or when a turn was said."""
    score: float
    """The blended score, 0 to 1."""
    tokens: Annotated[int, Field(ge=0)]
    """What it costs."""
    ref: Text
    """The claim id, message id or passage id."""
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


class HeldBackLine(Value):
    """A line that would stand in the context, had nobody asked to have it forgotten. Its words are not told."""

    kind: LineKind
    """A claim of the tree, a turn, or a summary."""
    ref: Text
    """The claim id, message id or passage id."""
    requests: tuple[str, ...]
    """The requests in quarantine, by their ids, that wait to be confirmed or dropped."""


class Decision(Value):
    """Which way to recall was taken, decided before any answer existed."""

    mode: Mode
    """The mode."""
    rule: Text
    """The rule that decided."""


class Steps(Value):
    """What an agentic recall did."""

    rewrites: tuple[str, ...] = ()
    """What was searched for beside the question, in order."""
    rounds: Annotated[int, Field(ge=0)]
    """How often rewrites were searched for; 0: the question alone was enough."""
    stopped: Text
    """Why it went no further: `enough`, `nothing-new`, `nothing-left`, `rounds`, `tokens` or `time`."""
    model_tokens: Annotated[int, Field(ge=0)] = 0
    """Tokens that went to the chat model and came back, as its provider counts them, or else estimated."""


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
    held_back: tuple[HeldBackLine, ...] = ()
    """Lines that stay out because somebody asked to have them forgotten; filled when an explanation was asked for."""
    steps: Steps | None = None
    """What was done, where the mode is agentic."""
    timings_ms: dict[str, float] = {}
    """Milliseconds by stage; filled when an explanation was asked for."""
