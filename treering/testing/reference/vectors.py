"""The vector index of the reference store: every entry is compared, one by one, by the book."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from treering.errors import DimensionMismatch
from treering.memory.ports import ALWAYS, During, EntryKind, Hits, Place, Vector, VectorEntry
from treering.memory.retrieval.candidates import Candidates
from treering.memory.retrieval.coherence import LEAST, ONE_SUBJECT, sketch_of
from treering.memory.retrieval.hits import CONTEXT_MASS, CONTEXT_TURNS, CONTEXT_WEIGHTS
from treering.memory.retrieval.vector import dots

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from treering.schemas.dialogue import Scope
    from treering.testing.reference.state import State

K1, B = 1.2, 0.75
"""The usual constants of BM25."""

Scored = tuple[tuple[str, float], ...]


class ReferenceVectorIndex:
    """Search entries of one embedder, compared one by one."""

    def __init__(self, state: State, *, fingerprint: str) -> None:
        self._state = state
        self._fingerprint = fingerprint

    def upsert(self, scope: Scope, entries: Sequence[VectorEntry], *, beside: bool = False) -> None:
        """Store entries; one with a known id is replaced. See the port."""
        if entries:
            self._check(scope, len(entries[0].dense), beside=beside)
            vectors = self._state.made(scope).vectors
            vectors.update({(self._fingerprint, entry.id): entry for entry in entries})

    def remove(self, scope: Scope, ids: Sequence[str]) -> None:
        """Take entries out, of all embedders; unknown ids are ignored."""
        vectors = self._state.of(scope).vectors
        for key in [key for key in vectors if key[1] in ids]:
            del vectors[key]

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
        """The best `limit` entries of each list."""
        self._check(scope, len(dense))
        of_kind = [entry for entry in self._ours(scope).values() if entry.kind == kind]
        entries = sorted(of_kind, key=_order_of_speech)  # in which sums are made, so that their last bit is the same
        return _search(entries, dense, terms, during=during, limit=max(limit, 0))

    def candidates(
        self, scope: Scope, dense: Vector, terms: Mapping[int, int], *, limit: int = 50, during: During = ALWAYS
    ) -> Candidates:
        """Turns as `search` finds them, in columns."""
        return Candidates.of(self.search(scope, dense, terms, kind="turn", limit=limit, during=during))

    def dense(self, scope: Scope, ids: Sequence[str]) -> dict[str, Vector]:
        """The stored vectors of entries, by id; unknown ones are left out, and those of another embedder."""
        entries = self._ours(scope)
        return {name: entries[name].dense for name in ids if name in entries}

    def ids(self, scope: Scope) -> set[str]:
        """The ids of all entries of the scope."""
        return set(self._ours(scope))

    def clear(self, scope: Scope) -> None:
        """Remove everything of the scope, of all embedders."""
        self._state.of(scope).vectors.clear()

    def count(self, scope: Scope) -> int:
        """Number of entries of the scope."""
        return len(self._ours(scope))

    def others(self, scope: Scope) -> dict[str, int]:
        """How many entries of the scope other embedders have."""
        return dict(Counter(one for one, _ in self._state.of(scope).vectors if one != self._fingerprint))

    def drop_others(self, scope: Scope) -> None:
        """Remove the scope's entries of all other embedders."""
        vectors = self._state.of(scope).vectors
        for key in [key for key in vectors if key[0] != self._fingerprint]:
            del vectors[key]

    def _ours(self, scope: Scope) -> dict[str, VectorEntry]:
        vectors = self._state.of(scope).vectors
        return {name: entry for (whose, name), entry in vectors.items() if whose == self._fingerprint}

    def _check(self, scope: Scope, dimension: int, *, beside: bool = False) -> None:
        ours, vectors = self._ours(scope), self._state.of(scope).vectors
        stored = {whose: len(entry.dense) for (whose, _), entry in vectors.items()}
        if (ours and stored[self._fingerprint] != dimension) or (stored and not ours and not beside):
            whose, numbers = (self._fingerprint, stored[self._fingerprint]) if ours else next(iter(stored.items()))
            raise DimensionMismatch(f"{whose} ({numbers} numbers)", f"{self._fingerprint} ({dimension} numbers)")


def _search(
    entries: Sequence[VectorEntry], query: Vector, terms: Mapping[int, int], *, during: During, limit: int
) -> Hits:
    """All lists over the entries of one kind."""
    book = _Book(entries, terms)
    cosines = {entry.id: float(dots(entry.dense[None], query)[0]) for entry in entries}

    def best(score: Callable[[VectorEntry], float], *, least: float = -math.inf) -> Scored:
        scored = [(entry.id, score(entry)) for entry in entries if entry.kind != "turn" or _was_said(entry, during)]
        return tuple(sorted((one for one in scored if one[1] > least), key=lambda one: (-one[1], one[0]))[:limit])

    lists = {
        "dense": best(lambda entry: cosines[entry.id]),
        "sparse": best(lambda entry: book.score([(entry, 1.0)]), least=0),
    }
    if entries and entries[0].kind == "turn":
        around = {entry.id: _around(entry, entries) for entry in entries}
        lists["dense_context"] = best(
            lambda entry: (
                sum(weight * cosines[one.id] for one, weight in around[entry.id])
                / sum(weight for _, weight in around[entry.id])
            )
        )
        lists["sparse_context"] = best(lambda entry: book.score(around[entry.id], places=CONTEXT_MASS), least=0)
    listed = {name for found in lists.values() for name, _ in found}
    places = {entry.id: entry.place for entry in entries if entry.place is not None and entry.id in listed}
    return Hits(**lists, places=places)


class _Book:
    """BM25 by the book (Robertson and Zaragoza 2009), with the IDF of Lucene, over texts of several entries."""

    def __init__(self, entries: Sequence[VectorEntry], terms: Mapping[int, int]) -> None:
        self._terms = terms
        self._entries = len(entries)
        self._mean_length = sum(sum(entry.terms.values()) for entry in entries) / max(len(entries), 1)
        self._containing = {term: sum(term in entry.terms for entry in entries) for term in terms}

    def score(self, said: Sequence[tuple[VectorEntry, float]], *, places: float = 1) -> float:
        """What weighed entries that make one text of so many places are worth; 0 if none has a term of the query."""
        length = sum(weight * sum(entry.terms.values()) for entry, weight in said)
        total = 0.0
        for term, times in self._terms.items():
            count = sum(weight * entry.terms.get(term, 0) for entry, weight in said)
            if count:
                rare = math.log(1 + (self._entries - self._containing[term] + 0.5) / (self._containing[term] + 0.5))
                allowance = K1 * (1 - B + B * length / (places * self._mean_length))
                total += times * rare * count * (K1 + 1) / (count + allowance)
        return total


def _order_of_speech(entry: VectorEntry) -> tuple[str, int, str]:
    place = entry.place
    return ("", 0, entry.id) if place is None else (place.session, place.index, entry.id)


def _was_said(entry: VectorEntry, during: During) -> bool:
    if during == ALWAYS:
        return True
    return entry.place is not None and _is_in(entry.place, during)


def _is_in(place: Place, during: During) -> bool:
    is_late_enough = during.begin is None or during.begin <= place.at
    return is_late_enough and (during.end is None or place.at < during.end)


def _around(middle: VectorEntry, entries: Sequence[VectorEntry]) -> list[tuple[VectorEntry, float]]:
    """What was said around an entry, and itself, each with what it counts."""
    apart = {entry.id: 0 if entry is middle else _steps(entry.place, middle.place) for entry in entries}
    return [
        (entry, CONTEXT_WEIGHTS[steps] * _coherence(entry, middle, entries))
        for entry in entries
        if (steps := apart[entry.id]) is not None and steps <= CONTEXT_TURNS
    ]


def _coherence(one: VectorEntry, other: VectorEntry, entries: Sequence[VectorEntry]) -> float:
    """How far what was said at the place of one entry and at that of another is of one subject."""
    if one is other or _steps(one.place, other.place) == 0:
        return 1.0
    here, there = (_said_at(place, entries) for place in (one.place, other.place))
    lengths = math.sqrt(float(here @ here) * float(there @ there))
    return min(1.0, max(LEAST, float(here @ there) / lengths / ONE_SUBJECT)) if lengths else 1.0


def _said_at(place: Place | None, entries: Sequence[VectorEntry]) -> NDArray[np.float64]:
    """The sketches of what was said at a place, added up."""
    said = [sketch_of(entry.dense).astype(np.float64) for entry in entries if _steps(entry.place, place) == 0]
    total: NDArray[np.float64] = np.sum(said, axis=0)
    return total


def _steps(one: Place | None, other: Place | None) -> int | None:
    """How far apart two turns of one session were said; None for turns of different ones."""
    if one is None or other is None or one.session != other.session:
        return None
    return abs(one.index - other.index)
