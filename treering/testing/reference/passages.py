"""Passages of the reference store: a dict, looked through from end to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.memory.retrieval.descend import SummaryTree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.schemas.dialogue import Scope
    from treering.schemas.recall import Passage
    from treering.testing.reference.state import State


class ReferencePassageStore:
    """Pieces of retrievable text made of turns, and of each other."""

    def __init__(self, state: State) -> None:
        self._state = state

    def put(self, scope: Scope, passages: Sequence[Passage]) -> None:
        """Store passages; one with a known id is replaced."""
        if passages:
            self._state.made(scope).passages.update({passage.id: passage for passage in passages})

    def get(self, scope: Scope, ids: Sequence[str]) -> dict[str, Passage]:
        """The passages that exist, by id, in the order asked for."""
        passages = self._state.of(scope).passages
        return {name: passages[name] for name in ids if name in passages}

    def level(self, scope: Scope, level: int) -> list[Passage]:
        """The passages of a level, in the order in which their first turns were said, then of their ids."""
        found = [one for one in self._state.of(scope).passages.values() if one.level == level]
        return sorted(found, key=lambda passage: (passage.at, passage.id))

    def tree(self, scope: Scope) -> SummaryTree:
        """How the passages hang together."""
        passages = sorted(self._state.of(scope).passages.items())
        return SummaryTree(
            parts={name: tuple(sorted({*one.parts})) for name, one in passages if one.parts},
            turns={name: tuple(sorted({*one.message_ids})) for name, one in passages if not one.level},
        )

    def remove(self, scope: Scope, ids: Sequence[str]) -> list[str]:
        """Remove passages, and those that are made of them; returns the ids of all that went, sorted."""
        passages = self._state.of(scope).passages
        doomed = set(ids)
        while above := {one.id for one in passages.values() if doomed & set(one.parts)} - doomed:
            doomed |= above
        gone = sorted(doomed & passages.keys())
        for name in gone:
            del passages[name]
        return gone

    def remove_of(self, scope: Scope, message_ids: Sequence[str]) -> list[str]:
        """Remove every passage that contains one of these messages; returns the passage ids, sorted."""
        passages = self._state.of(scope).passages.values()
        return self.remove(scope, [one.id for one in passages if set(one.message_ids) & set(message_ids)])
