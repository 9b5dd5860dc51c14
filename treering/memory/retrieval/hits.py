"""What a search gives back."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from treering.schemas.dialogue import Turn

EntryKind = Literal["claim", "turn", "summary"]
"""What an indexed text is. Each kind has document frequencies of its own."""

CONTEXT_WEIGHTS = (1.0, 0.8, 0.6, 0.4, 0.2)
"""What a turn counts in the surroundings of another of the same session, by how far away it was said: 0 is itself.

A short turn ("Yes, in May!") is found by what was said around it, and no text is embedded twice for that: see `Hits`.
What is of another subject counts less: see `retrieval.coherence`.
A box of two turns either way does as well on LoCoMo, and finds .027 less within ten on RealMem, whose turns are long.
"""

CONTEXT_TURNS = len(CONTEXT_WEIGHTS) - 1
"""How many turns before and after one make up its surroundings."""

CONTEXT_MASS = CONTEXT_WEIGHTS[0] + 2 * sum(CONTEXT_WEIGHTS[1:])
"""What surroundings count that no turn is missing from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and when a turn was said, so that its surroundings are known and a search can be held to a time."""

    session: str
    """The conversation."""
    index: int
    """Place in it, from 0; places may be empty, or those of several turns, which then were said 0 turns apart."""
    at: int
    """When it was said, in seconds since 1970 (UTC)."""
    is_users: bool = False
    """Whether the user said it."""
    asks: bool = False
    """Whether it ends in a question."""

    @classmethod
    def of(cls, turn: Turn) -> Place:
        """That of a turn."""
        return cls(
            session=turn.session,
            index=turn.index,
            at=_seconds(turn.at),
            is_users=turn.role == "user",
            asks=turn.content.rstrip().endswith("?"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class During:
    """A stretch of time: `begin` <= moment < `end`, in seconds since 1970 (UTC); None: without a bound."""

    begin: int | None = None
    end: int | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether a moment with a zone lies in it."""
        seconds = _seconds(moment)
        return (self.begin is None or self.begin <= seconds) and (self.end is None or seconds < self.end)


ALWAYS = During()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """The best entries of each list, best first, with the list's own scores."""

    dense: tuple[tuple[str, float], ...] = ()
    """Cosine similarity, -1 to 1."""
    sparse: tuple[tuple[str, float], ...] = ()
    """BM25 with the scope's own document frequencies, 0 and up; entries without a common term are left out."""
    dense_context: tuple[tuple[str, float], ...] = ()
    """For turns: the mean cosine of the turns around one and itself, by `CONTEXT_WEIGHTS`."""
    sparse_context: tuple[tuple[str, float], ...] = ()
    """For turns: BM25 of the terms of the same turns, counts and lengths added up by `CONTEXT_WEIGHTS`, with the
    document frequencies of single turns and `CONTEXT_MASS` times their mean length."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """For turns: where each that is in a list was said, by id."""


def highest(scored: Iterable[tuple[str, float]]) -> dict[str, float]:
    """The best score of each name.

    Example:
        >>> highest([("a", 0.2), ("b", 0.5), ("a", 0.3)])
        {'a': 0.3, 'b': 0.5}
    """
    found: dict[str, float] = {}
    for name, score in scored:
        found[name] = max(score, found.get(name, score))
    return found


def _seconds(moment: datetime) -> int:
    """The second that a moment lies in, before 1970 too."""
    return math.floor(moment.timestamp())
