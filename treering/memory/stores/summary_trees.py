"""A bounded memory of how the passages of the scopes used last hang together; ids only."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from treering.memory.retrieval.descend import SummaryTree

MAX_SCOPES = 64
"""Scopes whose tree is kept: that of 10,000 turns takes about 2 MiB."""


class SummaryTreeCache:
    """The trees of the scopes used last, each with its root, whose id stands for all below it; safe for threads."""

    def __init__(self, max_scopes: int = MAX_SCOPES) -> None:
        self._max_scopes = max_scopes
        self._kept: OrderedDict[int, tuple[str, SummaryTree]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, scope_id: int, root: str) -> SummaryTree | None:
        """The tree of a scope, if it is kept under exactly this root."""
        with self._lock:
            kept = self._kept.get(scope_id)
            if kept is None or kept[0] != root:
                return None
            self._kept.move_to_end(scope_id)
            return kept[1]

    def put(self, scope_id: int, root: str, tree: SummaryTree) -> None:
        """Keep a tree."""
        with self._lock:
            self._kept[scope_id] = (root, tree)
            self._kept.move_to_end(scope_id)
            while len(self._kept) > self._max_scopes:
                self._kept.popitem(last=False)

    def drop(self, scope_id: int) -> None:
        """Forget the tree of a scope."""
        with self._lock:
            self._kept.pop(scope_id, None)
