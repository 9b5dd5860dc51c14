"""What a system has to offer to be measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from treering.bench.samples import Question, SaidTurn


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a system would put before a model."""

    tokens: int
    turns: frozenset[str]
    """Ids of the turns that it reads out, or that its lines rest on."""
    text: str = ""
    """What a model would read."""


class System(Protocol):
    """A memory that can be asked for turns. One person is in it at a time; it sees no gold."""

    @property
    def mode(self) -> str:
        """How it looks for turns, in a word or two."""
        ...

    @property
    def embedder(self) -> str:
        """Which embedder it uses; empty without one."""
        ...

    def reset(self, person: str) -> None:
        """Begin with a person of whom nothing is known yet."""
        ...

    def ingest(self, turns: Sequence[SaidTurn]) -> None:
        """Take in consecutive turns of one session."""
        ...

    def flush(self, *, is_over: bool) -> None:
        """Wait until all that was taken in can be found; `is_over`: the session at hand has ended."""
        ...

    def search(self, question: Question, limit: int) -> tuple[str, ...]:
        """Ids of distinct turns, best first, at most `limit`."""
        ...

    def context(self, question: Question) -> Context:
        """What would stand in a prompt, at most `CONTEXT_TOKENS`."""
        ...

    def close(self) -> None:
        """Release what is held."""
        ...


CONTEXT_TOKENS = 1_500
"""What a context may cost, for every system alike."""

LINE_TOKENS = 1
"""What the line break after each line costs."""


def filled(ranking: Sequence[str], lines: Mapping[str, str], count: Callable[[str], int]) -> Context:
    """The context of a system that has only a ranking: its best turns, whole, as long as they fit."""
    tokens = 0
    turns: list[str] = []
    for turn in ranking:
        cost = count(lines[turn]) + LINE_TOKENS
        if tokens + cost > CONTEXT_TOKENS:
            break
        tokens += cost
        turns.append(turn)
    return Context(tokens=tokens, turns=frozenset(turns), text="\n".join(lines[turn] for turn in turns))
