"""A bounded memory of the trees that were read or committed last."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple

from treering.memory.tree import PersonaTree

MAX_SCOPES = 64
"""Scopes whose trees are kept: a tree of 500 claims takes about 1 MiB, so some 64 MiB at most."""

Forest = Mapping[str, PersonaTree]


class Stamp(NamedTuple):
    """Which state of a scope a forest shows. The digest is salted, so a state that was rolled back never matches."""

    version: int
    digest: str
    erasures: int


class ForestCache:
    """The trees of the scopes used last, each with the state that it shows; safe for threads."""

    def __init__(self, max_scopes: int = MAX_SCOPES) -> None:
        self._max_scopes = max_scopes
        self._kept: OrderedDict[int, tuple[Stamp, Forest]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, scope_id: int, stamp: Stamp) -> Forest | None:
        """The forest of a scope, if it is kept in exactly this state."""
        with self._lock:
            kept = self._kept.get(scope_id)
            if kept is None or kept[0] != stamp:
                return None
            self._kept.move_to_end(scope_id)
            return kept[1]

    def put(self, scope_id: int, stamp: Stamp, forest: Forest) -> None:
        """Keep a forest, and none of an older state, so that erased words do not linger."""
        with self._lock:
            self._kept[scope_id] = (stamp, forest)
            self._kept.move_to_end(scope_id)
            while len(self._kept) > self._max_scopes:
                self._kept.popitem(last=False)

    def drop(self, scope_id: int) -> None:
        """Forget the forest of a scope."""
        with self._lock:
            self._kept.pop(scope_id, None)
