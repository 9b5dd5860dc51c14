"""A bounded memory of how the passages of the scopes used last hang together; ids only."""

from __future__ import annotations

from treering.memory.retrieval.descend import SummaryTree
from treering.memory.stores.scope_cache import ScopeCache

MAX_SCOPES = 64
"""Scopes whose tree is kept: that of 10,000 turns takes about 2 MiB."""

SummaryTreeCache = ScopeCache[str, SummaryTree]
"""The trees of the scopes used last, each with its root, whose id stands for all below it."""


def summary_tree_cache() -> SummaryTreeCache:
    """An empty one, for `MAX_SCOPES`."""
    return SummaryTreeCache(room=MAX_SCOPES)
