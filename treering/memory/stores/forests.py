"""A bounded memory of the trees that were read or committed last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from treering.memory.stores.scope_cache import ScopeCache
from treering.memory.tree import PersonaTree

MAX_CLAIMS = 65_536
"""Claims of all trees that are kept: 500 take about 1 MiB, so some 128 MiB at most."""

EMPTY = 4
"""What a scope takes besides its claims, in claims."""

Forest = Mapping[str, PersonaTree]


class Stamp(NamedTuple):
    """Which state of a scope a forest shows. The digest is salted, so a state that was rolled back never matches."""

    version: int
    digest: str
    erasures: int


ForestCache = ScopeCache[Stamp, Forest]
"""The trees of the scopes used last. One state a scope is kept, so that erased words do not linger."""


def forest_cache() -> ForestCache:
    """An empty one, for `MAX_CLAIMS`."""
    return ForestCache(room=MAX_CLAIMS)


def size_of(forest: Forest) -> int:
    """What the trees of a scope take in a cache, in claims.

    Example:
        >>> size_of({})
        4
    """
    return EMPTY + sum(len(tree.claims) for tree in forest.values())
