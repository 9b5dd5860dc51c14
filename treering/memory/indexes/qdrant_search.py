"""One search in Qdrant: of few entries all are read, of many those that can matter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from qdrant_client import models

from treering.memory.indexes.lists import Seen, Statistics, lists_of, was_said
from treering.memory.indexes.qdrant_points import DENSE, MEAN_TERMS, SPARSE, among, numbers_of, seen, shown
from treering.memory.ports import ALWAYS, During, EntryKind, Hits, Vector
from treering.memory.retrieval.hits import CONTEXT_TURNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from treering.memory.indexes.qdrant_calls import Calls
    from treering.schemas.dialogue import Scope

WHOLE = 4_096
"""Entries of a kind that are all read for one search; of more, candidates are. Qdrant takes some 15 µs to show one."""

CANDIDATES = 2
"""Candidates of a list at first, as a multiple of the limit."""

MORE_CANDIDATES = 4
"""And how many times as many sparse ones when these do not suffice."""

FACETS = 10_000
"""Distinct lengths of entries that are counted; a text has at most a few hundred terms."""

STEPS = range(-CONTEXT_TURNS, CONTEXT_TURNS + 1)
"""From a turn to those around it."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """What is searched for, and where. See `QdrantVectorIndex` for what is exact."""

    calls: Calls
    collection: str
    scope: Scope
    dense: Vector
    terms: Mapping[int, int]
    kind: EntryKind
    limit: int
    during: During

    def entries(self) -> int:
        """Number of entries of the kind.

        Raises:
            CollectionMissing: The collection is not there.
            IndexUnavailable: The server does not answer.
        """
        return self._count(self._of_kind)

    def among_all(self) -> Hits:
        """The lists, from every entry of the kind: exact up to `WHOLE` of them. One request."""
        [hits] = self._query(self._nearest(self._of_kind, WHOLE))
        everything = [seen(hit) for hit in hits]
        return self._lists(everything, Statistics.of_all(everything, self.terms))

    def among_candidates(self) -> Hits:
        """The lists, from the best of the first two and what surrounds them."""
        statistics = self._statistics()
        fetched = CANDIDATES * self.limit
        requests = [self._nearest(self._eligible, fetched)]
        if statistics.weights:
            requests.append(self._matching(statistics, fetched))
        nearest, *rest = self._query(*requests)
        matching = rest[0] if rest else []
        candidates = [seen(hit) for hit in (*nearest, *matching)]
        around = self._around(candidates, statistics) if self._has_surroundings else Hits()
        by_cosine = self._lists((seen(hit) for hit in nearest), statistics)
        by_words = self._best_matching(matching, statistics, fetched)
        return replace(
            around,
            dense=by_cosine.dense,
            sparse=by_words.sparse,
            places={**around.places, **by_cosine.places, **by_words.places},
        )

    def _best_matching(self, found: list[models.ScoredPoint], statistics: Statistics, fetched: int) -> Hits:
        """BM25 with the mean length of the kind, from candidates that Qdrant scored with an assumed one.

        A longer mean raises no score by more than the ratio of both, so once the last candidate times that ratio is
        below the worst of the result, no other entry can belong to it.
        """
        raised = max(1.0, statistics.mean_length / MEAN_TERMS)
        while True:
            hits = self._lists((seen(hit) for hit in found), statistics)
            best = hits.sparse
            if len(found) < fetched or (len(best) == self.limit and best[-1][1] >= found[-1].score * raised):
                return hits
            fetched *= MORE_CANDIDATES
            [found] = self._query(self._matching(statistics, fetched))

    def _around(self, candidates: Iterable[Seen], statistics: Statistics) -> Hits:
        """The lists of the turns that have a candidate around them; of those, everything around is read."""
        found = [one.place for one in candidates if one.place is not None]
        listed = {(place.session, place.index + step) for place in found for step in STEPS}
        reached = {(session, index + step) for session, index in listed for step in STEPS}
        if not reached:
            return Hits()
        condition = among(self.scope, kind=self.kind, places=sorted(reached))
        [hits] = self._query(self._nearest(condition, CANDIDATES * len(reached)))
        return self._lists([seen(hit) for hit in hits], statistics, listed)

    def _lists(self, shown: Iterable[Seen], statistics: Statistics, listed: set[tuple[str, int]] | None = None) -> Hits:
        """The lists of what is shown, as far as it may be in them: said then, at one of these places."""

        def is_listed(one: Seen) -> bool:
            is_here = listed is None or (one.place is not None and (one.place.session, one.place.index) in listed)
            return is_here and was_said(one.place, self._time)

        has_surroundings = self._has_surroundings
        return lists_of(shown, statistics, limit=self.limit, is_listed=is_listed, has_surroundings=has_surroundings)

    def _statistics(self) -> Statistics:
        lengths = self.calls.run(
            lambda client: client.facet(self.collection, "length", facet_filter=self._of_kind, limit=FACETS, exact=True)
        ).hits
        return Statistics.of(
            entries=sum(hit.count for hit in lengths),
            words=sum(int(hit.value) * hit.count for hit in lengths),
            containing={term: self._count(among(self.scope, kind=self.kind, term=term)) for term in self.terms},
            terms=self.terms,
        )

    # -- requests

    @property
    def _has_surroundings(self) -> bool:
        return self.kind == "turn"

    @property
    def _time(self) -> During:
        """Only turns are held to a time."""
        return self.during if self.kind == "turn" else ALWAYS

    @property
    def _of_kind(self) -> models.Filter:
        return among(self.scope, kind=self.kind)

    @property
    def _eligible(self) -> models.Filter:
        return among(self.scope, kind=self.kind, during=self._time)

    @cached_property
    def _numbers(self) -> list[float]:
        return numbers_of(self.dense)

    def _nearest(self, condition: models.Filter, limit: int) -> models.QueryRequest:
        return self._request(self._numbers, DENSE, condition, limit)

    def _matching(self, statistics: Statistics, limit: int) -> models.QueryRequest:
        weights = statistics.weights
        query = models.SparseVector(indices=list(weights), values=list(weights.values()))
        return self._request(query, SPARSE, self._eligible, limit)

    def _request(
        self, query: list[float] | models.SparseVector, using: str, condition: models.Filter, limit: int
    ) -> models.QueryRequest:
        return models.QueryRequest(
            query=query,
            using=using,
            filter=condition,
            params=models.SearchParams(exact=True),
            limit=limit,
            with_payload=shown(self.terms),
        )

    def _query(self, *requests: models.QueryRequest) -> list[list[models.ScoredPoint]]:
        """The hits of each request, asked for in one go."""
        answers = self.calls.run(lambda client: client.query_batch_points(self.collection, requests))
        return [answer.points for answer in answers]

    def _count(self, condition: models.Filter) -> int:
        return self.calls.run(lambda client: client.count(self.collection, count_filter=condition, exact=True)).count
