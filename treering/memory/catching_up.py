"""Claims and turns that the index does not show yet: found without it, so that asynchrony is never a wrong answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.retrieval.hits import Hits, Place, highest
from treering.memory.retrieval.sparse import terms
from treering.memory.retrieval.speech_line import SpeechLine
from treering.memory.retrieval.vector import dots
from treering.schemas.operations import Add, Head, Update

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from treering.memory.ports import Embedder, UnitOfWork, Vector
    from treering.memory.retrieval.aspects import Aspect
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Scope, Turn

MAX_FRESH = 64
"""Claims and turns without a vector that are embedded on the spot; the index job is never this far behind for long."""

MAX_BACKLOG = 1_024
"""Turns without a vector that are looked through for the question's words, where there are more than `MAX_FRESH`: after
an import, while the index job works. Looking through them takes some 30 ms."""

MAX_UNHEARD = 8
"""Turns looked back at for what was not listened to yet: a thought or two, while the listener catches up."""

OVERLAP_MARK = 4.0
"""Stands for BM25 of one shared word where no index knows how rare it is."""

RECALLABLE_ROLES = frozenset({"user", "assistant"})
"""Whose turns are read out again; system and tool turns are the application's own."""

Terms = Mapping[int, int]


def fresh_claims(unit: UnitOfWork, scope: Scope, head: Head, current: Mapping[str, Claim]) -> dict[str, str]:
    """Texts of the latest claims without a vector, by id."""
    if head.version == head.indexed_version:
        return {}
    # Each version has an operation at least; a long ledger that nobody indexes must not be read at every question.
    entries = unit.ledger.entries(scope, after_version=max(head.indexed_version, head.version - MAX_FRESH))
    added = [entry.operation.claim.id for entry in entries if isinstance(entry.operation, Add | Update)]
    return {ref: current[ref].text for ref in added[-MAX_FRESH:] if ref in current}


def fresh_turns(unit: UnitOfWork, scope: Scope, head: Head, query_terms: Terms) -> list[Turn]:
    """The latest turns without a vector; of a longer backlog, half of them, and those that share most words."""
    if head.last_seq == head.indexed_seq:
        return []
    backlog = sayable(unit.turns.turns(scope, after=max(head.indexed_seq, head.last_seq - MAX_BACKLOG)))
    if len(backlog) <= MAX_FRESH:
        return backlog
    half = MAX_FRESH // 2
    older = {turn.message_id: turn for turn in backlog[:-half]}
    alike = overlaps({ref: turn.content for ref, turn in older.items()}, query_terms)
    return [*(older[ref] for ref, _ in alike[:half]), *backlog[-half:]]


def unheard(unit: UnitOfWork, scope: Scope, head: Head) -> tuple[str, ...]:
    """The latest turns of the person that no listener has heard yet, by message id."""
    if head.last_seq == head.heard_seq:
        return ()
    turns = unit.turns.turns(scope, after=max(head.heard_seq, head.last_seq - MAX_UNHEARD))
    return tuple(turn.message_id for turn in turns if turn.role == "user" and turn.content)


def sayable(turns: Iterable[Turn]) -> list[Turn]:
    """The turns that may be read out again."""
    return [turn for turn in turns if turn.content and turn.role in RECALLABLE_ROLES]


def search_claims(embedder: Embedder, texts: Mapping[str, str], aspects: Sequence[Aspect]) -> Hits:
    """Scores of claims by id, embedded on the spot: those of what they are most like."""
    if not texts:
        return Hits()
    vectors = embedder.embed(list(texts.values()))
    return best_hits(
        [
            Hits(
                dense=by_score(zip(texts, dots(vectors, aspect.vector).tolist(), strict=True)),
                sparse=overlaps(texts, aspect.terms),
            )
            for aspect in aspects
        ]
    )


def best_hits(several: Sequence[Hits]) -> Hits:
    """The hits of several searches for claims, each with its best score.

    Example:
        >>> best_hits([Hits(dense=(("c1", 0.5), ("c2", 0.2))), Hits(dense=(("c2", 0.7),))]).dense
        (('c2', 0.7), ('c1', 0.5))
    """
    if len(several) == 1:
        return several[0]
    return Hits(dense=_best(hits.dense for hits in several), sparse=_best(hits.sparse for hits in several))


def _best(lists: Iterable[Sequence[tuple[str, float]]]) -> tuple[tuple[str, float], ...]:
    return by_score(highest(chain.from_iterable(lists)).items())


def search_turns(embedder: Embedder | None, turns: Sequence[Turn], vector: Vector, query_terms: Terms) -> Hits:
    """Scores of turns by message id, embedded on the spot; without an embedder by their words alone."""
    if not turns:
        return Hits()
    texts = {turn.message_id: turn.content for turn in turns}
    places = {turn.message_id: Place.of(turn) for turn in turns}
    vectors = None if embedder is None else embedder.embed(list(texts.values()))
    line = SpeechLine(None if vectors is None else vectors.__getitem__)
    line.add(list(places.values()))
    sparse = overlaps(texts, query_terms)
    around = line.sums(line.slots, _in_order(texts, sparse))[line.slots]
    heard = [(ref, score) for ref, score in zip(texts, around.tolist(), strict=True) if score]
    hits = Hits(sparse=sparse, sparse_context=by_score(heard), places=places)
    if vectors is None:
        return hits
    cosines = dots(vectors, vector)
    return replace(
        hits,
        dense=by_score(zip(texts, cosines.tolist(), strict=True)),
        dense_context=by_score(zip(texts, line.means(cosines).tolist(), strict=True)),
    )


def overlaps(texts: Mapping[str, str], query_terms: Terms) -> tuple[tuple[str, float], ...]:
    """The texts that share words with a question, most first."""
    shared = ((ref, sum(1 for term in terms(text) if term in query_terms)) for ref, text in texts.items())
    return by_score((ref, OVERLAP_MARK * number) for ref, number in shared if number)


def by_score(pairs: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Best first; equal scores in the order of refs."""
    return tuple(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


def _in_order(refs: Iterable[str], pairs: Sequence[tuple[str, float]]) -> NDArray[np.float64]:
    """The scores in the order of refs, 0 for what has none."""
    scores = dict(pairs)
    return np.array([scores.get(ref, 0.0) for ref in refs])
