"""The port to vector search: dense and sparse, one scope at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from treering.memory.retrieval.hits import ALWAYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.memory.retrieval.candidates import Candidates
    from treering.memory.retrieval.hits import During, EntryKind, Hits, Place
    from treering.memory.retrieval.vector import Vector
    from treering.schemas.dialogue import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorEntry:
    """One indexed text: a claim, a turn or a summary."""

    id: str
    """`claim:<claim id>`, `turn:<message id>` or `summary:<passage id>`; unique in the scope."""
    kind: EntryKind
    dense: Vector
    """Unit vector, shape (dimension,)."""
    terms: Mapping[int, int]
    """Sparse side: hashed stem to count in the text, from `retrieval.sparse.terms`."""
    place: Place | None = None
    """Where it was said; every turn has one."""


class VectorIndex(Protocol):
    """Dense and sparse search over one embedder's entries of one scope; nothing else ever moves a rank."""

    def upsert(self, scope: Scope, entries: Sequence[VectorEntry], *, beside: bool = False) -> None:
        """Store entries of this embedder; one with a known id is replaced.

        Args:
            scope: Whose.
            entries: All of one dimension.
            beside: Whether to begin where there are only entries of another embedder. Theirs stay as they are.

        Raises:
            DimensionMismatch: The scope's vectors come from another embedder, and `beside` is not set.
        """
        ...

    def remove(self, scope: Scope, ids: Sequence[str]) -> None:
        """Take entries out, of all embedders: what was erased must be in none. Unknown ids are ignored."""
        ...

    def search(
        self,
        scope: Scope,
        dense: Vector,
        terms: Mapping[int, int],
        *,
        kind: EntryKind,
        limit: int = 50,
        during: During = ALWAYS,
    ) -> Hits:
        """The best `limit` entries of each list; turns said at another time are left out of every list.

        Statistics (document frequencies, mean length, surroundings) are those of all entries of the kind.

        Raises:
            IndexUnavailable: The server does not answer.
            DimensionMismatch: The scope's vectors come from another embedder.
        """
        ...

    def candidates(
        self, scope: Scope, dense: Vector, terms: Mapping[int, int], *, limit: int = 50, during: During = ALWAYS
    ) -> Candidates:
        """The turns that `search` finds, in columns, by their entry ids; raises as it does."""
        ...

    def dense(self, scope: Scope, ids: Sequence[str]) -> dict[str, Vector]:
        """The stored vectors of entries, by id; unknown ones are left out, and those of another embedder.

        Raises:
            IndexUnavailable: The server does not answer.
        """
        ...

    def ids(self, scope: Scope) -> set[str]:
        """The ids of all entries of the scope.

        Raises:
            IndexUnavailable: The server does not answer.
        """
        ...

    def clear(self, scope: Scope) -> None:
        """Remove everything of the scope, of all embedders."""
        ...

    def count(self, scope: Scope) -> int:
        """Number of entries of the scope."""
        ...

    def others(self, scope: Scope) -> dict[str, int]:
        """How many entries of the scope other embedders have, by what names them; those with none are left out.

        Raises:
            IndexUnavailable: The server does not answer.
        """
        ...

    def drop_others(self, scope: Scope) -> None:
        """Remove the scope's entries of all other embedders.

        Raises:
            IndexUnavailable: The server does not answer.
        """
        ...
