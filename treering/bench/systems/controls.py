"""What a memory is compared with: none at all, everything that was said, and the last of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.bench.systems.port import LINE_TOKENS, Context, Stats, filled
from treering.memory.models.tokens import RegexTokenCounter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.bench.samples import Question, SaidTurn


class NoMemory:
    """Knows nothing: what is right with it is right without any memory."""

    mode = "no memory"
    embedder = ""

    def __init__(self) -> None:
        self._turns: list[SaidTurn] = []
        self._count = RegexTokenCounter().count

    def reset(self, person: str) -> None:
        """Begin with another person."""
        del person
        self._turns = []

    def ingest(self, turns: Sequence[SaidTurn]) -> None:
        """Keep the turns, for those who read them."""
        self._turns += turns

    def flush(self, *, is_over: bool) -> None:
        """Nothing waits."""
        del is_over

    def search(self, question: Question, limit: int) -> tuple[str, ...]:
        """Nothing."""
        del question, limit
        return ()

    def recall(self, question: Question) -> Context:
        """Nothing."""
        del question
        return Context(tokens=0, turns=frozenset())

    def stats(self) -> Stats:
        """Nothing but the turns."""
        return Stats()

    def close(self) -> None:
        """Forget all turns."""
        self._turns = []


class FullContext(NoMemory):
    """Reads out everything that was said, in order, whatever it costs."""

    mode = "everything, in order"

    def search(self, question: Question, limit: int) -> tuple[str, ...]:
        """The last turns: everything has no order of its own."""
        del question
        return tuple(turn.id for turn in reversed(self._turns[-limit:]))

    def recall(self, question: Question) -> Context:
        """All of it."""
        del question
        lines = [f"{turn.at:%Y-%m-%d} {turn.line}" for turn in self._turns]
        tokens = sum(self._count(line) + LINE_TOKENS for line in lines)
        return Context(tokens=tokens, turns=frozenset(turn.id for turn in self._turns), text="\n".join(lines))


class LastTurns(FullContext):
    """Reads out the last turns, as far as they fit: a window that slides."""

    mode = "the last turns"

    def recall(self, question: Question) -> Context:
        """The last turns that fit, in order."""
        del question
        lines = {turn.id: f"{turn.at:%Y-%m-%d} {turn.line}" for turn in self._turns}
        found = filled([turn.id for turn in reversed(self._turns)], lines, self._count)
        kept = [lines[turn.id] for turn in self._turns if turn.id in found.turns]
        return Context(tokens=found.tokens, turns=found.turns, text="\n".join(kept))
