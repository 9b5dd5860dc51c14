"""Exports and imports of a person's memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.errors import UnknownUser
from treering.memory.exchange.document import Checksum, parts_of, text_of
from treering.memory.exchange.dumping import Dump
from treering.memory.exchange.foreign import persona_tree
from treering.memory.exchange.restoring import Restoring
from treering.memory.exchange.scanning import items
from treering.memory.tree import PersonaTree
from treering.schemas.export import Export

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pydantic import JsonValue

    from treering.memory.exchange.document import Part
    from treering.memory.ports import Clock, Store
    from treering.schemas.dialogue import Scope
    from treering.schemas.export import ExportSummary
    from treering.schemas.trunk import Trunk


class Exchange:
    """Everything of one person: out as one document, and in again."""

    def __init__(self, *, store: Store, trunk: Trunk, clock: Clock) -> None:
        self._store = store
        self._trunk = trunk
        self._clock = clock

    def export(self, scope: Scope, *, written_by: str) -> Export:
        """All of it, as one value in memory.

        Raises:
            UnknownUser: Nothing is stored about this person.
        """
        with self._store.begin(write=False) as unit:
            return Dump(unit, scope, written_by=written_by).whole()

    def persona_tree(self, scope: Scope, subject: str) -> dict[str, JsonValue]:
        """The current claims of a subject in the JSON of the persona-tree paper.

        Raises:
            UnknownUser: Nothing is stored about this person.
        """
        with self._store.begin(write=False) as unit:
            if unit.history.is_empty(scope):
                raise UnknownUser(scope.user)
            tree = unit.ledger.trees(scope).get(subject) or PersonaTree(trunk=self._trunk, subject=subject)
        return persona_tree.write(tree, as_of=self._clock.now())

    def write(
        self, scope: Scope, write: Callable[[str], object], *, written_by: str, progress: Callable[[int, int], None]
    ) -> ExportSummary:
        """All of it, as text handed out piece by piece: memory does not grow with the history.

        Args:
            scope: Whose memory.
            write: Takes the next piece.
            written_by: The version of Treering.
            progress: Told how many items are done, and how many there are.

        Raises:
            UnknownUser: Nothing is stored about this person.
        """
        checksum = Checksum()
        with self._store.begin(write=False) as unit:
            dump = Dump(unit, scope, written_by=written_by)
            for piece in text_of(_counted(dump, progress), checksum):
                write(piece)
        return dump.summary(checksum)

    def restore(
        self, scope: Scope, source: Export | Iterable[bytes], *, name: str, progress: Callable[[int], None]
    ) -> ExportSummary:
        """Put an export into this scope, in one transaction: all of it, or nothing.

        Args:
            scope: Whom it becomes.
            source: The export, or its document as a stream.
            name: What error messages call it.
            progress: Told how many items were stored since it was told last.

        Raises:
            ScopeNotEmpty: Something is stored about this person.
            InvalidExport: The document is damaged, cut off, too new, or not what it says it is.
            TrunkMismatch: The trunk of the store has no such slots as the live claims stand in.
        """
        parts = parts_of(source) if isinstance(source, Export) else items(source)
        with self._store.begin() as unit:
            return Restoring(unit, scope, trunk=self._trunk, source=name).restore(parts, self._clock.now(), progress)


def _counted(dump: Dump, progress: Callable[[int, int], None]) -> Iterator[Part]:
    total = sum(dump.counts.values())
    for done, part in enumerate(dump.parts(), start=1 - len(dump.opening)):
        yield part
        if done > 0 and done % 1_000 == 0:
            progress(done, total)
    progress(total, total)
