"""A bounded memory of how the passages of the scopes used last hang together; ids only."""

from __future__ import annotations

from treering.memory.retrieval.descend import SummaryTree
from treering.memory.stores.scope_cache import ScopeCache

MAX_TURNS = 1_048_576
"""Turns below all trees that are kept: 10,000 take about 2 MiB, so some 200 MiB at most."""

EMPTY = 16
"""What a tree takes besides, in turns."""

SummaryTreeCache = ScopeCache[str, SummaryTree]
"""The trees of the scopes used last, each with its root, whose id stands for all below it."""


def summary_tree_cache() -> SummaryTreeCache:
    """An empty one, for `MAX_TURNS`."""
    return SummaryTreeCache(room=MAX_TURNS)


def size_of(tree: SummaryTree) -> int:
    """What a tree takes in a cache, in turns.

    Example:
        >>> size_of(SummaryTree(parts={"s": ("e1",)}, turns={"e1": ("m1", "m2")}))
        18
    """
    return EMPTY + sum(map(len, tree.turns.values()))
