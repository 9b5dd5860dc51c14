"""Peers that make facts of what is said: what they find are lines, each of which rests on some turns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from treering.bench.systems.port import Context, filled
from treering.memory.models.tokens import RegexTokenCounter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.bench.samples import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A line of what a peer finds."""

    line: str
    """What a model reads."""
    turns: tuple[str, ...] = ()
    """Ids of the turns that it rests on, where the peer says so."""


class FactPeer(ABC):
    """Puts the facts that a peer finds into a context, best first, as long as they fit."""

    def search(self, question: Question, limit: int) -> tuple[str, ...]:
        """The turns behind the facts, those of the best fact first."""
        return _turns(self._facts(question))[:limit]

    def recall(self, question: Question) -> Context:
        """The best facts, and the turns that they rest on."""
        return context_of(self._facts(question))

    @abstractmethod
    def _facts(self, question: Question) -> Sequence[Fact]:
        """What the peer finds, best first."""


def context_of(facts: Sequence[Fact]) -> Context:
    """The facts that fit, from the first on, and the turns that they rest on."""
    lines = {str(place): fact.line for place, fact in enumerate(facts)}
    context = filled(list(lines), lines, RegexTokenCounter().count)
    turns = _turns([facts[int(place)] for place in context.order])
    return replace(context, turns=frozenset(turns), order=turns)


def _turns(facts: Sequence[Fact]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(turn for fact in facts for turn in fact.turns))
