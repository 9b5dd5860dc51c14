"""Port to everything that is one person's, as records: out of one store and into another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from treering.schemas.dialogue import Scope
    from treering.schemas.export import ExportedHead, ExportedTrunk, Section
    from treering.schemas.value import Value


class History(Protocol):
    """The rows of a scope that are not derived from others, words and all."""

    def is_empty(self, scope: Scope) -> bool:
        """Whether nothing at all is stored: no turn, no version, no tombstone, nothing held, no receipt."""
        ...

    def trunk(self, scope: Scope) -> ExportedTrunk:
        """The trunk that the ledger stands on; that of the store where none is recorded."""
        ...

    def tombstone_key(self, scope: Scope) -> bytes | None:
        """The key of the tombstones, if there are any."""
        ...

    def count(self, scope: Scope, section: Section) -> int:
        """How many records a section has."""
        ...

    def records(self, scope: Scope, section: Section) -> Iterator[Value]:
        """The records of a section in their order; read page by page while the transaction lasts."""
        ...

    def add(self, scope: Scope, section: Section, records: Sequence[Value]) -> None:
        """Store records of a section.

        Raises:
            ValueError: One of them is there already, contradicts itself, or cannot be stored.
        """
        ...

    def begin(self, scope: Scope, head: ExportedHead, tombstone_key: bytes | None) -> None:
        """Make the scope on the trunk of the store, and note how far it was heard; nothing is indexed."""
        ...
