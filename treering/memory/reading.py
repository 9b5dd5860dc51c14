"""What one recall reads: the trees and every list of candidates, in one snapshot of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.errors import IndexUnavailable
from treering.memory.ports import Embedder, EntryKind, Hits, UnitOfWork, Vector, VectorIndex
from treering.memory.retrieval.history import Former, former
from treering.memory.retrieval.sparse import terms
from treering.memory.retrieval.vector import dots
from treering.schemas.operations import Add, Head, Update

if TYPE_CHECKING:
    from datetime import datetime

    from treering.memory.operations import Forest
    from treering.memory.retrieval.questions import SlotRouter
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Scope, Turn
    from treering.schemas.recall import ListName

MAX_FRESH = 64
"""Claims and turns without a vector that are embedded on the spot; the index job is never this far behind for long."""

MAX_BACKLOG = 1_024
"""Turns without a vector that are looked through for the question's words, where there are more than `MAX_FRESH`: after
an import, while the index job works. Looking through them takes some 30 ms."""

MAX_UNHEARD = 8
"""Turns looked back at for what was not listened to yet: a thought or two, while the listener catches up."""

MAX_HITS = 60
"""Candidates of each list."""

OVERLAP_MARK = 4.0
"""Stands for BM25 of one shared word where no index knows how rare it is."""

RECALLABLE_ROLES = frozenset({"user", "assistant"})
"""Whose turns are read out again; system and tool turns are the application's own."""

Pairs = list[tuple[str, float]]
Terms = Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question as the lists see it."""

    scope: Scope
    vector: Vector
    """Unit vector, shape (dimension,)."""
    terms: Terms
    as_of: datetime
    about_change: bool
    """True: claims that are no longer so are looked at as well."""
    with_turns: bool
    """False: turns are not searched, and their lists stay empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything one recall reads."""

    head: Head
    forest: Forest
    claims: Mapping[str, Claim]
    """Claims current at the question's moment, by id."""
    former: Mapping[str, Former]
    """Claims that are no longer so, by id; only for a question about change."""
    lists: Mapping[EntryKind, Mapping[ListName, Pairs]]
    """Per kind and list, (claim id or message id, the list's own score), best first."""
    unheard: tuple[str, ...] = ()
    """The latest turns of the person that no listener has heard yet, by message id: the tree does not know of them."""
    degraded: tuple[str, ...] = ()
    """What could not be asked, in words."""

    @property
    def best_claim(self) -> float:
        """Cosine of the question and the nearest current claim."""
        return max((score for ref, score in self.lists["claim"]["dense"] if ref in self.claims), default=0.0)


class Reader:
    """Reads for one recall."""

    def __init__(self, *, index: VectorIndex | None, embedder: Embedder, router: Callable[[], SlotRouter]) -> None:
        self._index = index
        self._embedder = embedder
        self._router = router

    def read(self, unit: UnitOfWork, query: Query, forest: Forest) -> Reading:
        """Lists as of the unit's snapshot, which `forest` is of; claims and turns that have no vector yet included."""
        head = unit.ledger.head(query.scope)
        current = {claim.id: claim for tree in forest.values() for claim in tree.current(as_of=query.as_of)}
        past = _former(forest, query)
        fresh: dict[EntryKind, dict[str, str]] = {"claim": _fresh_claims(unit, query.scope, head, current)}
        if query.with_turns:
            fresh["turn"] = _fresh_turns(unit, query, head)
        degraded: set[str] = set()
        lists: dict[EntryKind, dict[ListName, Pairs]] = {"turn": {}}
        for kind, texts in fresh.items():
            try:
                hits = self._search(unit, query, kind)
            except IndexUnavailable as error:
                degraded.add(str(error))
                hits = _search_without_index(unit, query, kind, current)
            lists[kind] = self._merge(hits, texts, query)
        lists["claim"]["tree"] = self._by_slot(query, [*current.values(), *(one.claim for one in past.values())])
        return Reading(
            head=head,
            forest=forest,
            claims=current,
            former=past,
            lists=lists,
            unheard=_unheard(unit, query.scope, head) if query.with_turns else (),
            degraded=tuple(sorted(degraded)),
        )

    def _search(self, unit: UnitOfWork, query: Query, kind: EntryKind) -> Hits:
        index = self._index or unit.vectors
        return index.search(query.scope, query.vector, query.terms, kind=kind, limit=MAX_HITS)

    def _merge(self, hits: Hits, fresh: Mapping[str, str], query: Query) -> dict[ListName, Pairs]:
        dense, sparse = _refs(hits.dense), _refs(hits.sparse)
        if fresh:
            scores = dots(self._embedder.embed(list(fresh.values())), query.vector)
            dense = _merged(dense, zip(fresh, (float(score) for score in scores), strict=True))
            sparse = _merged(sparse, _overlaps(fresh, query.terms))
        return {"dense": dense, "sparse": sparse}

    def _by_slot(self, query: Query, claims: Sequence[Claim]) -> Pairs:
        if not claims:
            return []
        matches = self._router().route(query.vector)
        return _sorted((claim.id, matches[claim.path]) for claim in claims if claim.path in matches)


def _former(forest: Forest, query: Query) -> dict[str, Former]:
    if not query.about_change:
        return {}
    return {ref: one for tree in forest.values() for ref, one in former(tree, query.as_of).items()}


def _fresh_claims(unit: UnitOfWork, scope: Scope, head: Head, current: Mapping[str, Claim]) -> dict[str, str]:
    if head.version == head.indexed_version:
        return {}
    # Each version has an operation at least; a long ledger that nobody indexes must not be read at every question.
    entries = unit.ledger.entries(scope, after_version=max(head.indexed_version, head.version - MAX_FRESH))
    added = [entry.operation.claim.id for entry in entries if isinstance(entry.operation, Add | Update)]
    return {ref: current[ref].text for ref in added[-MAX_FRESH:] if ref in current}


def _fresh_turns(unit: UnitOfWork, query: Query, head: Head) -> dict[str, str]:
    """The latest; of a longer backlog, half of them, and the ones that share most words with the question."""
    if head.last_seq == head.indexed_seq:
        return {}
    texts = _texts(unit.turns.turns(query.scope, after=max(head.indexed_seq, head.last_seq - MAX_BACKLOG)))
    if len(texts) <= MAX_FRESH:
        return texts
    half = MAX_FRESH // 2
    latest = list(texts)[-half:]
    alike = [ref for ref, _ in _overlaps(texts, query.terms) if ref not in latest]
    return {ref: texts[ref] for ref in (*alike[:half], *latest)}


def _unheard(unit: UnitOfWork, scope: Scope, head: Head) -> tuple[str, ...]:
    if head.last_seq == head.heard_seq:
        return ()
    turns = unit.turns.turns(scope, after=max(head.heard_seq, head.last_seq - MAX_UNHEARD))
    return tuple(turn.message_id for turn in turns if turn.role == "user" and turn.content)


def _search_without_index(unit: UnitOfWork, query: Query, kind: EntryKind, current: Mapping[str, Claim]) -> Hits:
    if kind == "claim":
        texts = {claim.id: claim.text for claim in current.values()}
    else:
        texts = _texts(unit.turns.latest(query.scope, limit=MAX_FRESH))
    return Hits(sparse=tuple((f"{kind}:{ref}", score) for ref, score in _overlaps(texts, query.terms)))


def _texts(turns: Iterable[Turn]) -> dict[str, str]:
    """What may be read out again of these turns, by message id."""
    return {turn.message_id: turn.content for turn in turns if turn.content and turn.role in RECALLABLE_ROLES}


def _refs(pairs: Iterable[tuple[str, float]]) -> Pairs:
    return [(entry.partition(":")[2], score) for entry, score in pairs]


def _merged(pairs: Pairs, more: Iterable[tuple[str, float]]) -> Pairs:
    return _sorted({**dict(pairs), **dict(more)}.items())


def _overlaps(texts: Mapping[str, str], query_terms: Terms) -> Pairs:
    shared = ((ref, sum(1 for term in terms(text) if term in query_terms)) for ref, text in texts.items())
    return _sorted((ref, OVERLAP_MARK * number) for ref, number in shared if number)


def _sorted(pairs: Iterable[tuple[str, float]]) -> Pairs:
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
