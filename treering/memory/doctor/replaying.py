"""The whole ledger in one pass: what it folds to, and what is left of its words."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from treering.memory.operations import fold, without_bare
from treering.schemas.claims import FORGOTTEN
from treering.schemas.operations import Add, Delete, LedgerEntry, Update

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from treering.memory.operations import Forest
    from treering.schemas.operations import Operation
    from treering.schemas.trunk import Trunk


@dataclass(slots=True)
class Replay:
    """What a ledger says when it is read from its beginning. Memory: a few words an entry, not the entries."""

    forest: Forest = field(default_factory=dict)
    """The trees that it folds to; subjects without live claims left out."""
    version: int = 0
    seq: int = 0
    digest: str = ""
    spoken: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Entries that still have the words of a claim, by claim id."""
    forgotten: dict[str, int] = field(default_factory=dict)
    """The last entry that forgot a claim, by claim id."""

    @property
    def unerased(self) -> list[str]:
        """Claims that were forgotten and whose words an earlier entry still has."""
        return [ref for ref, gone in self.forgotten.items() if any(seq < gone for seq in self.spoken.get(ref, ()))]

    def note(self, entry: LedgerEntry) -> None:
        """Take in the next entry."""
        self.version, self.seq, self.digest = entry.version, entry.seq, entry.digest
        match entry.operation:
            case Add(claim=claim) | Update(claim=claim) if claim.text != FORGOTTEN:
                self.spoken[claim.id].append(entry.seq)
            case Delete(reason="forgotten", target=target):
                self.forgotten[target] = entry.seq
            case _:
                pass


def replay(trunk: Trunk, entries: Iterable[LedgerEntry]) -> Replay:
    """Fold entries, oldest first.

    Raises:
        OperationError: An entry does not fit the tree that the ones before it make.
    """
    found = Replay()

    def noted() -> Iterator[Operation]:
        for entry in entries:
            found.note(entry)
            yield entry.operation

    found.forest = without_bare(fold(trunk, noted()))
    return found
