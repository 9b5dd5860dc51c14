"""A bounded memory of one value for each of the scopes used last."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, NamedTuple, TypeVar

_Stamp = TypeVar("_Stamp")
_Value = TypeVar("_Value")


class Kept(NamedTuple, Generic[_Stamp, _Value]):
    """A value, and which state of the scope it shows."""

    stamp: _Stamp
    value: _Value
    size: int


class ScopeCache(Generic[_Stamp, _Value]):
    """Values that were read or made last, each with the state that it shows; safe for threads.

    Example:
        >>> cache = ScopeCache[int, str](room=10)
        >>> cache.put(1, stamp=7, value="a graph", size=6)
        >>> cache.put(2, stamp=3, value="another", size=6)
        >>> cache.get(1), cache.get(2).value, cache.size
        (None, 'another', 6)

    Args:
        room: Most size of all values together; those of the scopes least lately used go first.
    """

    def __init__(self, room: int) -> None:
        self.room = room
        """Most size of all values together."""
        self._kept: OrderedDict[int, Kept[_Stamp, _Value]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Of all values together."""
        with self._lock:
            return self._size

    def get(self, scope_id: int) -> Kept[_Stamp, _Value] | None:
        """What is kept of a scope."""
        with self._lock:
            if scope_id in self._kept:
                self._kept.move_to_end(scope_id)
            return self._kept.get(scope_id)

    def at(self, scope_id: int, stamp: _Stamp) -> _Value | None:
        """What is kept of a scope, if it shows exactly this state."""
        kept = self.get(scope_id)
        return kept.value if kept is not None and kept.stamp == stamp else None

    def put(self, scope_id: int, *, stamp: _Stamp, value: _Value, size: int = 1) -> None:
        """Keep a value, and none of another state."""
        with self._lock:
            self._pop(scope_id)
            self._kept[scope_id] = Kept(stamp, value, size)
            self._size += size
            while self._size > self.room:
                self._pop(next(iter(self._kept)))

    def drop(self, scope_id: int) -> None:
        """Keep nothing of a scope."""
        with self._lock:
            self._pop(scope_id)

    def _pop(self, scope_id: int) -> None:
        gone = self._kept.pop(scope_id, None)
        self._size -= gone.size if gone is not None else 0
