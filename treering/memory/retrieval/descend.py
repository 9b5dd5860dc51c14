"""From the top of the summary tree down to single turns, a few branches at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BEAM = 16
"""Passages of a level that are followed further."""

OWN_SHARE = 0.7
"""What a passage's own score counts; the rest is that of the way to it."""


@dataclass(frozen=True)
class SummaryTree:
    """How passages hang together, by id; there are no words in it.

    Example:
        >>> tree = SummaryTree(parts={"s": ("e1", "e2")}, turns={"e1": ("m1", "m2"), "e2": ("m3",)})
        >>> tree.roots, tree.above["e2"]
        (('s',), 's')
    """

    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The passages one level below that each is made of, in order; episodes are not listed."""
    turns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The message ids of each episode."""

    @cached_property
    def names(self) -> frozenset[str]:
        """All passages."""
        return frozenset({*self.parts, *self.turns})

    @cached_property
    def above(self) -> dict[str, str]:
        """What each passage is a part of."""
        return {part: whole for whole, parts in self.parts.items() for part in parts}

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """Passages that are part of none, sorted: one where the tree is up to date."""
        return tuple(sorted(self.names - self.above.keys()))

    @cached_property
    def episode_of(self) -> dict[str, str]:
        """The episode of each turn."""
        return {turn: episode for episode, turns in self.turns.items() for turn in turns}


def descend(
    tree: SummaryTree, scores: Mapping[str, float], *, beam: int = BEAM, own_share: float = OWN_SHARE
) -> list[tuple[str, float]]:
    """The turns of the episodes that the best ways from the top lead to, best first, with the score of the way.

    From level to level, the parts of the best passages are compared, and the best `beam` of them followed (beam search
    over the tree of summaries, as TaciTree descends without its call of a model for each node). So a question costs
    the roots, and the parts of `beam` passages a level, however long the memory is.

    Args:
        tree: The tree.
        scores: How well passages answer the question, by id, all on one scale; the others count as the least of them.
        beam: Passages that are followed a level.
        own_share: What a passage's own score counts beside that of the way to it, 0 to 1.
    """
    least = min(scores.values(), default=0.0)
    level = _best(((name, scores.get(name, least)) for name in tree.roots), beam)
    found: dict[str, float] = {}
    while level:
        for name, score in level:
            found |= dict.fromkeys(tree.turns.get(name, ()), score)
        below = (
            (part, own_share * scores.get(part, least) + (1 - own_share) * score)
            for name, score in level
            for part in tree.parts.get(name, ())
        )
        level = _best(below, beam)
    return _best(found.items(), len(found))


def _best(scored: Iterable[tuple[str, float]], count: int) -> list[tuple[str, float]]:
    return sorted(scored, key=lambda one: (-one[1], one[0]))[:count]
