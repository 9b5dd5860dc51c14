"""Ports to the ledger, and to the trunks that it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from treering.memory.ports.erasure import Spoken
    from treering.memory.tree import PersonaTree
    from treering.schemas.dialogue import Scope
    from treering.schemas.migration import Standing
    from treering.schemas.operations import Batch, Commit, Head, LedgerEntry, OperationKind
    from treering.schemas.trunk import Trunk


class Ledger(Protocol):
    """The append-only list of operations of a scope, and the tree it folds to."""

    def head(self, scope: Scope) -> Head:
        """Where the ledger stands; version 0 for an unknown scope."""
        ...

    def trees(self, scope: Scope, *, version: int | None = None) -> dict[str, PersonaTree]:
        """The tree of every subject that has live claims, by subject: as it is now, or as it was at a version.

        The present comes from the head's claims, the past from the nearest snapshot and what was committed since it;
        neither costs more in a longer ledger. Words that were forgotten since are `[forgotten]` there.

        The past is read on the trunk of its time, the present on the one that is loaded.

        Raises:
            UnknownVersion: The ledger has no such version.
            TrunkMismatch: The scope has claims, and stands on another trunk.
        """
        ...

    def on(self, trunk: Trunk) -> Ledger:
        """The same ledgers, read and written as if this trunk were loaded."""
        ...

    def version_at(self, scope: Scope, moment: datetime) -> int:
        """The last version that was recorded at or before a moment; 0 before the first."""
        ...

    def commits(self, scope: Scope, *, after_version: int = 0, through_version: int | None = None) -> list[Commit]:
        """Committed batches with `after_version < version <= through_version`, oldest first."""
        ...

    def commit(self, scope: Scope, batch: Batch, *, expected_version: int, fence: int | None = None) -> Head:
        """Apply a batch, if the scope is still at `expected_version`.

        The operations, their texts, the head's claims, version, digest and `heard_seq` change together. A batch
        without operations moves `heard_seq` alone and makes no version. A batch whose id is known changes nothing
        and returns the present head.

        Raises:
            VersionConflict: Somebody else committed first.
            FenceLost: `fence` is smaller than the scope's.
            OperationError: An operation does not fit the tree; nothing is committed.
            TrunkMismatch: The scope has claims, and stands on another trunk.
        """
        ...

    def move(self, scope: Scope, batch: Batch, *, expected_version: int) -> Head:
        """Put the scope onto this trunk, from whichever it stands on, with a batch that moves its claims.

        Retractions may be at any path, additions at slots of this trunk. A batch without operations makes no version.

        Raises:
            VersionConflict: Somebody else committed first.
            OperationError: An operation does not fit the tree; nothing is committed.
            TrunkMismatch: A claim would be left that has no slot on this trunk; nothing is committed.
        """
        ...

    def knows(self, scope: Scope, batch_id: str) -> bool:
        """Whether a batch with this id made a version."""
        ...

    def entries(
        self, scope: Scope, *, after_version: int = 0, through_version: int | None = None
    ) -> Iterator[LedgerEntry]:
        """Committed operations with `after_version < version <= through_version`, oldest first."""
        ...

    def entries_about(
        self, scope: Scope, claim_ids: Sequence[str], *, kind: OperationKind | None = None
    ) -> list[LedgerEntry]:
        """Operations (of one kind) that carry one of these claims or are aimed at it, oldest first."""
        ...

    def entries_after(
        self, scope: Scope, seq: int = 0, *, paths: Sequence[str] | None = None, limit: int | None = None
    ) -> list[LedgerEntry]:
        """Committed operations behind a place, oldest first: a page costs a page, however long the ledger is.

        Args:
            scope: Whose.
            seq: The place; 0 is before the first.
            paths: Only operations on claims of these slots. What lies between them is walked past.
            limit: Most entries.
        """
        ...

    def first_broken(self, scope: Scope) -> int | None:
        """The first entry that does not fit the chain of digests; None for a sound ledger."""
        ...

    def wrong_snapshots(self, scope: Scope) -> list[int]:
        """Versions of which something is kept to read them faster, and that is not what the entries say."""
        ...

    def rebuild(self, scope: Scope) -> None:
        """Make the live claims anew from the entries, and put the head at the last of them; marks beyond it go back.

        Raises:
            OperationError: The entries do not fold; nothing is changed.
        """
        ...

    def mark_indexed(self, scope: Scope, *, version: int, seq: int) -> None:
        """Record what the vectors of the store's embedder show now; `Head` tells it."""
        ...

    def mark_consolidated(self, scope: Scope, *, version: int) -> None:
        """Record up to which version claims were compared with each other; `Head` tells it."""
        ...

    def index_again(self, scope: Scope, *, seq: int) -> None:
        """Let all other embedders begin again at this turn, whose vectors went with its former text."""
        ...

    def drop_other_marks(self, scope: Scope) -> None:
        """Forget how far the vectors of all other embedders have got: theirs are gone."""
        ...

    def spoken(self, scope: Scope) -> Iterator[Spoken]:
        """Entries whose words are still there, oldest first."""
        ...

    def erase(self, scope: Scope, claim_ids: Sequence[str], *, through_seq: int | None = None) -> int:
        """Overwrite the words of these claims; ids and digests stay. Returns how many entries changed.

        With `through_seq`, what later entries say of them is left: a claim that was put back without some words.
        """
        ...

    def erase_entries(self, scope: Scope, seqs: Sequence[int]) -> int:
        """Overwrite the words of single entries, and of no live claim. Returns how many had words."""
        ...

    def names(self, scope: Scope) -> list[str]:
        """Subjects that are not the user and whose names are still there."""
        ...

    def erase_names(self, scope: Scope, subjects: Collection[str]) -> int:
        """Erase the names of subjects without live claims: what the ledger says of them shows an alias.

        Digests stay. Returns how many names went.
        """
        ...


class TrunkStore(Protocol):
    """Every trunk that a ledger of the store has stood on, so that its past can be read."""

    def get(self, name: str, version: int) -> Trunk | None:
        """The trunk of this name and version, if a ledger has ever stood on it."""
        ...

    def put(self, trunk: Trunk) -> None:
        """Keep a trunk. One of the same name and version is replaced, unless it has slots that the new one lacks."""
        ...

    def trunks(self) -> list[Trunk]:
        """All of them, by name and version."""
        ...

    def standing(self) -> list[Standing]:
        """How many people's ledgers stand on which trunk, by name; of those who have one."""
        ...
