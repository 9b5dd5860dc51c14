"""Conversations that checkpointers of this process keep: what is forgotten leaves them too."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence

from langgraph.checkpoint.memory import InMemorySaver

from treering.graph.state import ChatScope, Checkpointer
from treering.memory.ports import OutsideStore
from treering.schemas.dialogue import Scope


class Threads:
    """The threads of chats in this process, as a store of words that forgetting reaches.

    A thread is found by the id that follows from tenant, person and session. Not reached: threads that were named with
    a `thread_id` of their own, and checkpointers that keep threads outside of this process.
    """

    name = "conversations of this process"

    def __init__(self) -> None:
        self._savers: weakref.WeakSet[InMemorySaver] = weakref.WeakSet()

    def watch(self, saver: InMemorySaver) -> None:
        """Reach this one too, for as long as somebody uses it."""
        self._savers.add(saver)

    def erase(self, scope: Scope, sessions: Sequence[str] | None) -> int:
        """Delete the threads of these sessions of a person (None: of all); returns how many there were."""
        erased = 0
        for saver in list(self._savers):
            for thread in _threads_of(saver, scope, sessions):
                saver.delete_thread(thread)
                erased += 1
        return erased


def watch(outside: list[OutsideStore], checkpointer: Checkpointer) -> None:
    """Let forgetting reach a checkpointer, if it keeps its threads in this process."""
    if not isinstance(checkpointer, InMemorySaver):
        return
    threads = next((store for store in outside if isinstance(store, Threads)), None)
    if threads is None:
        threads = Threads()
        outside.append(threads)
    threads.watch(checkpointer)


def _threads_of(saver: InMemorySaver, scope: Scope, sessions: Sequence[str] | None) -> Iterator[str]:
    known = list(saver.storage)
    if sessions is None:
        # a session is never empty, and each part is escaped: no other person's threads begin like this
        person = ChatScope(user=scope.user, tenant=scope.tenant, session="-").thread_id.removesuffix("-")
        yield from (thread for thread in known if thread.startswith(person))
        return
    for session in sessions:
        thread = ChatScope(user=scope.user, tenant=scope.tenant, session=session).thread_id
        if thread in known:
            yield thread
