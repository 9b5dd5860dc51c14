"""What one recall reads: the trees and every list of candidates, in one snapshot of the store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np

from treering.errors import IndexUnavailable
from treering.memory.catching_up import (
    MAX_FRESH,
    best_hits,
    by_score,
    fresh_claims,
    fresh_turns,
    overlaps,
    sayable,
    search_claims,
    search_turns,
    unheard,
)
from treering.memory.holding_back import NOTHING_HELD_BACK, HeldBack, held_back
from treering.memory.retrieval.aspects import Aspect
from treering.memory.retrieval.candidates import Candidates
from treering.memory.retrieval.history import Former, former
from treering.memory.retrieval.hits import ALWAYS, During, Hits, highest
from treering.memory.retrieval.persons import NOBODY, Focus
from treering.schemas.claims import FORGOTTEN

if TYPE_CHECKING:
    from datetime import datetime

    from treering.memory.operations import Forest
    from treering.memory.ports import Embedder, EntryKind, UnitOfWork, Vector, VectorIndex
    from treering.memory.retrieval.questions import SlotRouter
    from treering.memory.retrieval.times.interval import Interval
    from treering.memory.retrieval.times.timing import Timing
    from treering.memory.tree import Legible
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Scope
    from treering.schemas.operations import Head
    from treering.schemas.recall import ListName

MAX_HITS = 200
"""Turns of each list. With half as many, recall within ten is .004 lower on LoCoMo; with more it is the same."""

MAX_NEAR = 60
"""Claims and summaries of each list."""

Pairs = Sequence[tuple[str, float]]
Lists = Mapping["ListName", Pairs]
Terms = Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question as the lists see it."""

    scope: Scope
    text: str = ""
    """The question as it is embedded: without names, and without words about time."""
    vector: Vector
    """Unit vector, shape (dimension,)."""
    terms: Terms
    as_of: datetime
    version: int | None = None
    """The ledger version whose claims are asked for; none: the present one."""
    timing: Timing
    """What the question says about time."""
    spoken_by: frozenset[int] = frozenset()
    """Hashes of the speaker whom it is about, from `retrieval.entities`."""
    names_somebody: bool = False
    """Whether it names somebody who speaks."""
    focus: Focus = NOBODY
    """Whom it is about, of those who have a tree."""
    aspects: tuple[Aspect, ...] = ()
    """What it asks for, without the people whom it is about, to be compared with claims; none: as a whole."""
    with_turns: bool
    """False: turns are not searched, and their lists stay empty."""
    with_summaries: bool = False
    """Whether summaries are searched."""
    wants_overview: bool = False
    """Whether the question is about the whole of something."""
    during: During = ALWAYS
    """When turns were said."""
    limit: int = MAX_HITS
    """Candidates of each list."""

    @property
    def for_claims(self) -> tuple[Aspect, ...]:
        """What claims are compared with; of several, what is most like a claim counts."""
        return self.aspects or (Aspect(vector=self.vector, terms=self.terms),)

    @property
    def about_change(self) -> bool:
        """Whether what is no longer so may be shown."""
        return self.timing.kind == "change"

    @property
    def past(self) -> Interval | None:
        """The stretch of the past whose state of things is asked for; none: that of the question's moment."""
        interval = self.timing.interval
        is_past = interval is not None and interval.begin is not None and not interval.holds(self.as_of)
        return interval if is_past and self.timing.kind == "held-at" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything one recall reads."""

    head: Head
    forest: Forest
    claims: Mapping[str, Claim]
    """Claims current at the question's moment, by id."""
    legible: Sequence[Legible] = ()
    """The same, tree by tree."""
    focus: Focus = NOBODY
    """Whom the question is about."""
    former: Mapping[str, Former]
    """Claims that are no longer so, by id; only for a question about change, or about a time in the past."""
    claim_lists: Lists = field(default_factory=dict)
    """Per list, (claim id, the list's own score), best first."""
    turns: Candidates = field(default_factory=Candidates)
    """The turns that lists found, by message id."""
    summaries: Pairs = ()
    """Cosine of the nearest summaries, by passage id, best first."""
    unheard: tuple[str, ...] = ()
    """The latest turns of the person that no listener has heard yet, by message id: the tree does not know of them."""
    degraded: tuple[str, ...] = ()
    """What could not be asked, in words."""
    held_back: HeldBack = NOTHING_HELD_BACK
    """What somebody asked to have forgotten: its claims are not among those above, its turns must not be read out."""

    def best_claim(self, shown: Collection[str]) -> float:
        """Cosine of the question and the nearest of these claims, by id, as far as they are current."""
        return next((score for ref, score in self.claim_lists["dense"] if ref in shown and ref in self.claims), 0.0)

    def lists_of(self, refs: frozenset[str]) -> dict[str, int]:
        """How many of these claims, turns and summaries each list has."""
        found: dict[str, int] = {
            name: len(refs.intersection([ref for ref, _ in pairs])) for name, pairs in self.claim_lists.items()
        }
        asked = map(refs.__contains__, self.turns.refs)
        rows = np.fromiter(compress(range(len(self.turns)), asked), np.intp)
        for name, scores in self.turns.scores.items():
            found[name] = found.get(name, 0) + int(np.count_nonzero(~np.isnan(scores[rows])))
        found["summary"] = sum(1 for ref, _ in self.summaries if ref in refs)
        found["recent"] = len(refs.intersection(self.unheard))
        return found


class Reader:
    """Reads for one recall."""

    def __init__(self, *, index: VectorIndex | None, embedder: Embedder, router: Callable[[], SlotRouter]) -> None:
        self._index = index
        self._embedder = embedder
        self._router = router

    def read(self, unit: UnitOfWork, query: Query, forest: Forest, *, holds_back: bool = True) -> Reading:
        """Lists as of the unit's snapshot, which `forest` is of; claims and turns that have no vector yet included.

        With `holds_back=False` also of claims that somebody asked to have forgotten: to tell what stays out.
        """
        head = unit.ledger.head(query.scope)
        legible = [tree.legible(as_of=query.as_of) for tree in forest.values()]
        past = _former(forest, query)
        held = held_back(unit, query.scope, forest) if head.wishes and holds_back else NOTHING_HELD_BACK
        if held:
            legible = [held.left_of(one) for one in legible]
            past = {ref: one for ref, one in past.items() if ref not in held.claims}
        current = _together(legible)
        degraded: set[str] = set()
        claim_hits = self._claims(unit, query, head, current, degraded)
        turns = self._turns(unit, query, head, degraded) if query.with_turns else Candidates()
        summaries = self._summaries(unit, query, degraded) if query.with_summaries else ()
        return Reading(
            head=head,
            forest=forest,
            claims=current,
            legible=legible,
            focus=query.focus,
            former=past,
            claim_lists={
                "dense": claim_hits.dense,
                "sparse": claim_hits.sparse,
                "tree": self._by_slot(query, legible, past),
            },
            turns=turns,
            summaries=summaries,
            unheard=unheard(unit, query.scope, head) if query.with_turns else (),
            degraded=tuple(sorted(degraded)),
            held_back=held,
        )

    def _claims(
        self, unit: UnitOfWork, query: Query, head: Head, current: Mapping[str, Claim], degraded: set[str]
    ) -> Hits:
        fresh = fresh_claims(unit, query.scope, head, current)
        if query.version is not None:  # of what was so then, and was taken back since, there is no vector any more
            live = {ref for tree in unit.ledger.trees(query.scope).values() for ref in tree.claims}
            gone = [ref for ref in current if ref not in live]
            fresh |= {ref: current[ref].text for ref in gone[-MAX_FRESH:]}
        try:
            hits = best_hits([self._search(unit, query, "claim", aspect) for aspect in query.for_claims])
        except IndexUnavailable as error:
            degraded.add(str(error))
            texts = {ref: claim.text for ref, claim in current.items()}
            hits = best_hits([Hits(sparse=overlaps(texts, aspect.terms)) for aspect in query.for_claims])
        return _merged(hits, search_claims(self._embedder, fresh, query.for_claims))

    def _turns(self, unit: UnitOfWork, query: Query, head: Head, degraded: set[str]) -> Candidates:
        fresh = [turn for turn in fresh_turns(unit, query.scope, head, query.terms) if query.during.holds(turn.at)]
        try:
            if not fresh:
                return _by_message(
                    self._index_in(unit).candidates(
                        query.scope, query.vector, query.terms, limit=query.limit, during=query.during
                    )
                )
            hits = self._search(unit, query, "turn")
        except IndexUnavailable as error:
            degraded.add(str(error))
            latest = sayable(unit.turns.latest(query.scope, limit=MAX_FRESH))
            within = [turn for turn in latest if query.during.holds(turn.at)]
            hits = search_turns(None, within, query.vector, query.terms)
        return Candidates.of(_merged(hits, search_turns(self._embedder, fresh, query.vector, query.terms)))

    def _summaries(self, unit: UnitOfWork, query: Query, degraded: set[str]) -> Pairs:
        try:
            return self._search(unit, query, "summary").dense
        except IndexUnavailable as error:
            degraded.add(str(error))
            return ()

    def near_claims(self, unit: UnitOfWork, scope: Scope, vector: Vector, words: Terms) -> dict[str, float]:
        """Cosines of some words and the nearest claims, by claim id; empty where the index cannot be asked."""
        try:
            hits = self._index_in(unit).search(scope, vector, words, kind="claim", limit=MAX_HITS)
        except IndexUnavailable:
            return {}
        return dict(_refs(hits.dense, len("claim:")))

    def _index_in(self, unit: UnitOfWork) -> VectorIndex:
        """The server's index, or that of the transaction."""
        return self._index or unit.vectors

    def _search(self, unit: UnitOfWork, query: Query, kind: EntryKind, aspect: Aspect | None = None) -> Hits:
        during = query.during if kind == "turn" else ALWAYS
        limit = MAX_NEAR if kind != "turn" and query.limit == MAX_HITS else query.limit
        vector, words = (query.vector, query.terms) if aspect is None else (aspect.vector, aspect.terms)
        hits = self._index_in(unit).search(query.scope, vector, words, kind=kind, limit=limit, during=during)
        begin = len(kind) + 1
        return Hits(
            dense=_refs(hits.dense, begin),
            sparse=_refs(hits.sparse, begin),
            dense_context=_refs(hits.dense_context, begin),
            sparse_context=_refs(hits.sparse_context, begin),
            places={entry[begin:]: place for entry, place in hits.places.items()},
        )

    def _by_slot(self, query: Query, legible: Sequence[Legible], past: Mapping[str, Former]) -> Pairs:
        if not past and not any(one.by_id for one in legible):
            return []
        matches = self._slots(query.for_claims)
        found = [
            (claim.id, share)
            for one in legible
            for path, share in matches.items()
            for claim in one.by_path.get(path, ())
        ]
        found += [(ref, matches[one.claim.path]) for ref, one in past.items() if one.claim.path in matches]
        return by_score(found)

    def _slots(self, aspects: Sequence[Aspect]) -> Mapping[str, float]:
        """The slots that matter for any of these, with how well they match at best."""
        router = self._router()
        return highest(match for aspect in aspects for match in router.route(aspect.vector, aspect.extent).items())


def _together(legible: Sequence[Legible]) -> Mapping[str, Claim]:
    """The claims of all trees, by id; of a single one without a copy."""
    if len(legible) == 1:
        return legible[0].by_id
    return {ref: claim for one in legible for ref, claim in one.by_id.items()}


def _former(forest: Forest, query: Query) -> dict[str, Former]:
    """What is no longer so: for a question about change all of it, for one about a time in the past what was so."""
    past = query.past
    if not query.about_change and past is None:
        return {}
    found = {ref: one for tree in forest.values() for ref, one in former(tree, query.as_of).items()}
    return {
        ref: one
        for ref, one in found.items()
        if one.claim.text != FORGOTTEN and (past is None or past.meets(one.claim.valid_from, one.until))
    }


def _by_message(found: Candidates) -> Candidates:
    begin = len("turn:")
    return replace(found, refs=[entry[begin:] for entry in found.refs])


def _refs(pairs: Pairs, begin: int) -> tuple[tuple[str, float], ...]:
    """What entries are of: an id is `kind:ref`."""
    return tuple([(entry[begin:], score) for entry, score in pairs])


def _merged(hits: Hits, more: Hits) -> Hits:
    """Both together; what stands in the second is newer."""
    return Hits(
        dense=_both(hits.dense, more.dense),
        sparse=_both(hits.sparse, more.sparse),
        dense_context=_both(hits.dense_context, more.dense_context),
        sparse_context=_both(hits.sparse_context, more.sparse_context),
        places={**hits.places, **more.places},
    )


def _both(pairs: Pairs, more: Pairs) -> tuple[tuple[str, float], ...]:
    return by_score({**dict(pairs), **dict(more)}.items()) if more else tuple(pairs)
