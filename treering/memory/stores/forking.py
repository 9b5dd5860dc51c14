"""Forks: no database connection may cross one.

SQLite keeps its locks in process-wide tables that a child inherits without owning the locks. So the parent closes its
idle connections just before a fork, and both sides open new ones.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

FORK_WAIT_S = 10.0
"""How long a fork waits for transactions of other threads, in seconds; a child of a longer one finds the store busy."""


class ForkAware(Protocol):
    """Something that holds connections."""

    def before_fork(self) -> None:
        """In the parent: let go of connections, and let nobody make one."""
        ...

    def after_fork(self, *, in_child: bool) -> None:
        """Make connections possible again."""
        ...


class Gate:
    """Counts the transactions of each thread, and keeps new ones out while the process forks."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running: Counter[int] = Counter()

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Hold this for as long as a connection is in use."""
        me = threading.get_ident()
        with self._changed:
            self._running[me] += 1
        try:
            yield
        finally:
            with self._changed:
                self._running[me] -= 1
                if not self._running[me]:
                    del self._running[me]
                    self._changed.notify_all()

    def shut(self) -> None:
        """Wait for the other threads' transactions, and let none begin until `open`."""
        me = threading.get_ident()
        self._changed.acquire()
        self._changed.wait_for(lambda: not self._running.keys() - {me}, FORK_WAIT_S)

    def open(self) -> None:
        """Let transactions begin again; by the thread that shut it."""
        self._changed.release()


def watch(holder: ForkAware) -> None:
    """Tell a holder of connections about every fork, for as long as it lives."""
    _holders.add(holder)


_holders: weakref.WeakSet[ForkAware] = weakref.WeakSet()


def _before() -> None:
    for holder in list(_holders):
        holder.before_fork()


def _after_in_parent() -> None:
    for holder in list(_holders):
        holder.after_fork(in_child=False)


def _after_in_child() -> None:
    for holder in list(_holders):
        holder.after_fork(in_child=True)


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
