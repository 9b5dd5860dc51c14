"""What a search gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

EntryKind = Literal["claim", "turn", "summary"]
"""What an indexed text is. Each kind has document frequencies of its own."""

CONTEXT_TURNS = 2
"""How many turns of the same session before and after one make up its surroundings.

A short turn ("Yes, in May!") is found by what was said around it, and no text is embedded twice for that: see `Hits`.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and when a turn was said, so that its surroundings are known and a search can be held to a time."""

    session: str
    """The conversation."""
    index: int
    """Place in it, from 0; places may be empty."""
    at: int
    """When it was said, in seconds since 1970 (UTC)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class During:
    """A stretch of time: `begin` <= moment < `end`, in seconds since 1970 (UTC); None: without a bound."""

    begin: int | None = None
    end: int | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether a moment with a zone lies in it."""
        seconds = int(moment.timestamp())
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
    """For turns: the mean cosine of the turns around one, `CONTEXT_TURNS` either way in its session, and itself."""
    sparse_context: tuple[tuple[str, float], ...] = ()
    """For turns: BM25 of the terms of the same turns added up, with the document frequencies of single turns and
    `CONTEXT_TURNS` * 2 + 1 times their mean length."""
