"""A listener for tests: what a turn means is said by the test, and no model is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.schemas.listening import Draft, Proposal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from treering.memory.tree import PersonaTree
    from treering.schemas.dialogue import Turn
    from treering.schemas.listening import Reply, Window


class TurnListener:
    """Hears one turn at a time; a subclass says in `drafts` what it makes of it.

    Example:
        >>> from treering import Memory
        >>> class Eater(TurnListener):
        ...     def drafts(self, turn):
        ...         return [quoted(turn, "preferences.food")]
        >>> with Memory(embedder="hash", listener=Eater(), background=False) as memory:
        ...     _ = memory.remember("ana", "Grilled sardines.")
        ...     _ = memory.flush()
        ...     [claim.text for claim in memory.tree("ana").claims]
        ['Grilled sardines.']
    """

    name: str = "turns/1"
    window_turns: int = 1
    context_turns: int = 0

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        """None: nobody is asked."""
        del window, trees
        return None

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        """What `drafts` makes of each turn."""
        del trees, reply
        return Proposal(drafts=tuple(draft for turn in window.turns for draft in self.drafts(turn)))

    def drafts(self, turn: Turn) -> Iterable[Draft]:
        """What one turn means: nothing, where a subclass does not say."""
        del turn
        return ()


def quoted(turn: Turn, path: str) -> Draft:
    """A claim in a slot that says what the turn says, word for word."""
    return Draft(kind="ADD", path=path, text=turn.content, message_id=turn.message_id, quote=turn.content)
