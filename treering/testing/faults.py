"""Deaths to order: a process that is killed right after one chosen step of its work on a SQL store.

A store that loses nothing when it is killed at every step loses nothing when it is killed at any moment: between two
steps nothing happens that outlives the process.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import ConnectionPoolEntry, Pool

StepKind = Literal["statement", "before commit", "after commit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a process's work on its stores."""

    number: int
    """From 1, over all threads of the process."""
    kind: StepKind
    """A `statement` that was carried out; a transaction that is about to be committed; one that was."""
    statement: str = ""
    """The SQL of a statement, without its values."""


@contextmanager
def each_step(tell: Callable[[Step], None]) -> Iterator[None]:
    """Inside the block, tell of each step of this process on any SQL store, in the thread that takes it.

    Example:
        >>> from treering import Memory
        >>> from treering.testing import each_step
        >>> steps = []
        >>> with Memory("example", embedder="hash", background=False) as memory, each_step(steps.append):
        ...     receipt = memory.remember("ana", "I moved to Lisbon.")
        >>> sum(1 for step in steps if step.kind == "after commit") > 0
        True
    """
    counter = _Counter(tell)
    hooks: list[tuple[type, str, Callable[..., None]]] = [
        (Engine, "after_cursor_execute", counter.on_statement),
        (Engine, "commit", counter.on_commit),
        (Pool, "checkin", counter.on_checkin),
    ]
    for owner, name, hook in hooks:
        event.listen(owner, name, hook)
    try:
        yield
    finally:
        for owner, name, hook in hooks:
            event.remove(owner, name, hook)


@contextmanager
def killed_at(number: int) -> Iterator[None]:
    """Inside the block, this process is killed right after its n-th step: no block ends, nothing is flushed or freed.

    Example:
        >>> from treering.testing import killed_at
        >>> with killed_at(1):
        ...     pass  # it took no step
    """

    def die(step: Step) -> None:
        if step.number == number:
            os.kill(os.getpid(), signal.SIGKILL)

    with each_step(die):
        yield


class _Counter:
    """Turns what SQLAlchemy tells into steps."""

    def __init__(self, tell: Callable[[Step], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._number = 0

    def on_statement(self, _: Connection, __: object, statement: str, *___: object) -> None:
        """A statement was carried out."""
        self._step("statement", statement)

    def on_commit(self, connection: Connection) -> None:
        """A transaction is about to be committed."""
        self._step("before commit")
        connection.info[self] = True

    def on_checkin(self, _: object, record: ConnectionPoolEntry) -> None:
        """A connection goes back: the first that is told after a commit, and nothing happens between the two."""
        if record.info.pop(self, False):
            self._step("after commit")

    def _step(self, kind: StepKind, statement: str = "") -> None:
        with self._lock:
            self._number += 1
            step = Step(number=self._number, kind=kind, statement=statement)
        self._tell(step)
