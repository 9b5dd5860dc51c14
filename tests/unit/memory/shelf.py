"""An index that tests look into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from treering.errors import IndexUnavailable
from treering.memory.ports import ALWAYS, During, EntryKind, Hits, Vector, VectorEntry
from treering.memory.retrieval.candidates import Candidates
from treering.schemas.dialogue import Scope


class Shelf:
    """A vector server, far from the store, that knows no fence, and can be unreachable."""

    def __init__(self) -> None:
        self.entries: dict[str, VectorEntry] = {}
        self.is_down = False

    def upsert(self, scope: Scope, entries: Sequence[VectorEntry], *, beside: bool = False) -> None:
        self.entries |= {entry.id: entry for entry in entries}

    def remove(self, scope: Scope, ids: Sequence[str]) -> None:
        for name in ids:
            self.entries.pop(name, None)

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
        if self.is_down:
            raise IndexUnavailable("the shelf", "it is down")
        return Hits()

    def candidates(
        self, scope: Scope, dense: Vector, terms: Mapping[int, int], *, limit: int = 50, during: During = ALWAYS
    ) -> Candidates:
        return Candidates.of(self.search(scope, dense, terms, kind="turn", limit=limit, during=during))

    def dense(self, scope: Scope, ids: Sequence[str]) -> dict[str, Vector]:
        return {name: self.entries[name].dense for name in ids if name in self.entries}

    def ids(self, scope: Scope) -> set[str]:
        return set(self.entries)

    def clear(self, scope: Scope) -> None:
        self.entries.clear()

    def count(self, scope: Scope) -> int:
        return len(self.entries)

    def others(self, scope: Scope) -> dict[str, int]:
        return {}

    def drop_others(self, scope: Scope) -> int:
        return 0
