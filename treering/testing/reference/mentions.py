"""What turns mention, in a dict; the graph is made anew each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.memory.retrieval.associate import EntityGraph, columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.memory.ports import Mention
    from treering.schemas.dialogue import Scope
    from treering.testing.reference.state import State


class ReferenceMentions:
    """What turns mention, by message."""

    def __init__(self, state: State) -> None:
        self._state = state

    def put(self, scope: Scope, new: Sequence[Mention]) -> None:
        """Store what turns mention; a known turn's is replaced."""
        self.remove(scope, [one.message_id for one in new])
        if new:
            self._state.made(scope).mentions.update({one.message_id: one for one in new if one.entities})

    def remove(self, scope: Scope, message_ids: Sequence[str]) -> None:
        """Take turns out; unknown ones are ignored."""
        for name in message_ids:
            self._state.of(scope).mentions.pop(name, None)

    def clear(self, scope: Scope) -> None:
        """Take all turns of the scope out."""
        self._state.of(scope).mentions.clear()

    def graph(self, scope: Scope) -> EntityGraph:
        """All turns of the scope with what they mention, to be walked."""
        return EntityGraph(columns([*self._state.of(scope).mentions.values()]))
