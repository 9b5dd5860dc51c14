"""A bounded memory of the trees that were read or committed last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from treering.memory.stores.scope_cache import ScopeCache
from treering.memory.tree import PersonaTree

MAX_SCOPES = 64
"""Scopes whose trees are kept: a tree of 500 claims takes about 1 MiB, so some 64 MiB at most."""

Forest = Mapping[str, PersonaTree]


class Stamp(NamedTuple):
    """Which state of a scope a forest shows. The digest is salted, so a state that was rolled back never matches."""

    version: int
    digest: str
    erasures: int


ForestCache = ScopeCache[Stamp, Forest]
"""The trees of the scopes used last. One state a scope is kept, so that erased words do not linger."""


def forest_cache() -> ForestCache:
    """An empty one, for `MAX_SCOPES`."""
    return ForestCache(room=MAX_SCOPES)
