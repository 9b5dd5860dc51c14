"""What an agentic recall is given, may cost, and knows along the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypedDict

from treering.memory.asking import Question
from treering.memory.operations import Forest
from treering.memory.retrieval.rewriting import Rewrite
from treering.memory.retrieval.rounds import Searched
from treering.schemas.recall import Decision, Recall

MAX_ROUNDS = 2
"""Rounds of rewrites by default: a first for the parts and names of the question, a second for what they bring up."""

MAX_MODEL_TOKENS = 8_000
"""Tokens that may go to a chat model and come back, by default: two askings with 1,500 tokens of lines take 5,000."""

MAX_S = 20.0
"""Seconds by default after which nothing new is begun. An asking of a chat model is waited for no longer than that."""

Stop = Literal["enough", "nothing-new", "nothing-left", "rounds", "tokens", "time"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one agentic recall may cost at most."""

    max_rounds: int = MAX_ROUNDS
    """Rounds of rewrites; 0: the question alone is searched for."""
    max_model_tokens: int = MAX_MODEL_TOKENS
    """Tokens to and from the chat model; an asking that may exceed them is not begun."""
    max_s: float = MAX_S
    """Seconds on the memory's clock, after which no round is begun and no model is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallRun:
    """One question and whose memory it goes to; the graph's `context`."""

    question: Question
    decision: Decision
    """Made before anything was searched."""
    ask: Callable[[Question], Recall]
    """One plain recall; the way to the memory, and the scope is in it."""
    trees: Callable[[], Forest]
    """The trees as they are, or were when the question wants to know."""
    deadline: datetime
    """When nothing new is begun any more."""


def _added(before: Mapping[str, float], more: Mapping[str, float]) -> dict[str, float]:
    return {**before, **{stage: round(before.get(stage, 0.0) + ms, 3) for stage, ms in more.items()}}


class RecallState(TypedDict, total=False):
    """What the nodes share. It is kept in no checkpoint."""

    searched: tuple[Searched, ...]
    """All searches so far, the question's own first."""
    pending: tuple[Rewrite, ...]
    """What the next round searches for."""
    proposed: tuple[str, ...]
    """What the model would search for; empty: rules decide."""
    rounds: int
    """Rounds of rewrites so far."""
    is_new: bool
    """Whether the last round found a line that those before had not."""
    is_model_lost: bool
    """The model failed once; it is not asked again for this question."""
    model_tokens: int
    """What the model cost so far."""
    degraded: tuple[str, ...]
    """What went wrong, in words."""
    stopped: Stop
    """Why no further round is made."""
    timings_ms: Annotated[dict[str, float], _added]
    """Milliseconds by stage and by round."""
    recall: Recall
    """The answer."""
