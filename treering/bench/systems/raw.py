"""Peers that keep every turn as it is: what they find are turns, and nothing is asked of a model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from treering.bench.systems.port import Context, filled
from treering.memory.models.tokens import RegexTokenCounter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.bench.samples import Question, SaidTurn

CONTEXT_CANDIDATES = 100
"""Best turns from which a context is filled."""


class RawPeer(ABC):
    """Hands every turn, `speaker: text`, to a peer, and knows it again by the id that the peer gave it."""

    def __init__(self) -> None:
        self._count = RegexTokenCounter().count
        self._turns: dict[str, SaidTurn] = {}

    def reset(self, person: str) -> None:
        """Begin with another person."""
        del person
        self._turns = {}

    def ingest(self, turns: Sequence[SaidTurn]) -> None:
        """Hand over the turns of a session."""
        self._turns |= dict(zip(self._store(turns), turns, strict=True))

    def flush(self, *, is_over: bool) -> None:
        """Nothing waits."""
        del is_over

    def search(self, question: Question, limit: int) -> tuple[str, ...]:
        """What it finds, best first."""
        return tuple(self._turns[found].id for found in self._find(question, limit))

    def recall(self, question: Question) -> Context:
        """The best turns, with their dates."""
        lines = {turn.id: f"{turn.at:%Y-%m-%d} {turn.line}" for turn in self._turns.values()}
        return filled(self.search(question, CONTEXT_CANDIDATES), lines, self._count)

    @abstractmethod
    def _store(self, turns: Sequence[SaidTurn]) -> Sequence[str]:
        """The ids under which the peer keeps the turns, in order."""

    @abstractmethod
    def _find(self, question: Question, limit: int) -> Sequence[str]:
        """Distinct ids of what the peer finds, best first."""
