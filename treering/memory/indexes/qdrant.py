"""Search in a Qdrant server: derived data, which can be dropped and rebuilt."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from treering.errors import DimensionMismatch, MissingExtra
from treering.memory.ports import EntryKind, Hits, Vector, VectorEntry
from treering.memory.retrieval.bm25 import idf, saturation

try:
    from qdrant_client import QdrantClient, models
except ImportError as error:
    raise MissingExtra("search in Qdrant", "qdrant", otherwise="or leave TREERING_QDRANT_URL unset") from error

from treering.memory.indexes.qdrant_calls import Calls, CollectionMissing
from treering.memory.indexes.qdrant_points import (
    DENSE,
    MEAN_TERMS,
    PREFIX,
    SPARSE,
    among,
    collection_of,
    layout,
    payload_indexes,
    point,
    point_id,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.schemas.dialogue import Scope

POINTS_A_CALL = 256
"""Points stored in one request: about 1 MB of JSON at 384 dimensions."""

FACETS = 10_000
"""Distinct lengths of entries that are counted; a text has at most a few hundred terms."""

FIRST_CANDIDATES = 2
"""Sparse candidates fetched at first, as a multiple of the limit."""

MORE_CANDIDATES = 4
"""And how many times as many when these do not suffice."""


IDS_A_CALL = 1_000
"""Ids read with one request."""


class QdrantVectorIndex:
    """The entries of all scopes in one collection an embedding model.

    Both lists are exact, and the scores are those of the SQL index: cosines, and BM25 with the document frequencies and
    the mean length of the scope. Qdrant's own IDF counts all tenants together, so the frequencies are counted for each
    query: one request for the lengths and one for each term of the query, besides the one that searches.

    Args:
        server: The server's URL, or a client. Nothing is asked before the first use.
        fingerprint: Names the embedder.
        dimension: Length of a vector; if not given, that of the first one stored.
        calls: How requests are made; by default with three tries.

    Raises:
        MissingExtra: On import, if qdrant-client is not installed.
    """

    def __init__(
        self,
        server: str | QdrantClient,
        *,
        fingerprint: str,
        dimension: int | None = None,
        calls: Calls | None = None,
    ) -> None:
        self._calls = calls or Calls(server)
        self._fingerprint = fingerprint
        self._dimension = dimension
        self._collection = collection_of(fingerprint)
        self._exists = False

    def upsert(self, scope: Scope, entries: Sequence[VectorEntry]) -> None:
        """Store entries; one with a known id is replaced.

        Raises:
            DimensionMismatch: The scope's vectors come from another embedder.
            IndexUnavailable: The server does not answer.
        """
        if not entries:
            return
        if not self.count(scope):
            self._check_no_other_embedder(scope)
        points = [point(scope, entry) for entry in {entry.id: entry for entry in entries}.values()]
        for start in range(0, len(points), POINTS_A_CALL):
            self._store(points[start : start + POINTS_A_CALL], dimension=len(entries[0].dense))

    def remove(self, scope: Scope, ids: Sequence[str]) -> None:
        """Take entries out; unknown ids are ignored.

        Raises:
            IndexUnavailable: The server does not answer.
        """
        if ids:
            self._delete(models.PointIdsList(points=[point_id(scope, entry_id) for entry_id in ids]))

    def search(
        self, scope: Scope, dense: Vector, terms: Mapping[int, int], *, kind: EntryKind | None = None, limit: int = 50
    ) -> Hits:
        """The best `limit` entries of each list, exactly.

        Raises:
            DimensionMismatch: The scope's vectors come from another embedder.
            IndexUnavailable: The server does not answer.
        """
        if limit < 1:
            return Hits()
        try:
            statistics = self._statistics(scope, terms)
            if not statistics.entries:
                self._check_no_other_embedder(scope)
                return Hits()
            return Hits(
                dense=self._nearest(scope, dense, kind, limit),
                sparse=self._matching(scope, statistics, kind, limit) if statistics.weights else (),
            )
        except CollectionMissing:
            self._check_no_other_embedder(scope)
            return Hits()

    def ids(self, scope: Scope) -> set[str]:
        """The ids of all entries of the scope, read page by page.

        Raises:
            IndexUnavailable: The server does not answer.
        """
        found: set[str] = set()
        try:
            records, following = self._page(scope, None)
            while True:
                found.update(str((record.payload or {})["entry"]) for record in records)
                if following is None:
                    return found
                records, following = self._page(scope, following)
        except CollectionMissing:
            return found

    def clear(self, scope: Scope) -> None:
        """Remove everything of the scope.

        Raises:
            IndexUnavailable: The server does not answer.
        """
        self._delete(models.FilterSelector(filter=among(scope)))

    def count(self, scope: Scope) -> int:
        """Number of entries of the scope.

        Raises:
            IndexUnavailable: The server does not answer.
        """
        try:
            return self._count(self._collection, among(scope))
        except CollectionMissing:
            return 0

    def _nearest(
        self, scope: Scope, dense: Vector, kind: EntryKind | None, limit: int
    ) -> tuple[tuple[str, float], ...]:
        found = self._query(DENSE, np.asarray(dense, np.float32).tolist(), among(scope, kind=kind), limit, ["entry"])
        return _ranked([(_payload(hit)["entry"], hit.score) for hit in found], limit)

    def _matching(
        self, scope: Scope, statistics: _Statistics, kind: EntryKind | None, limit: int
    ) -> tuple[tuple[str, float], ...]:
        """BM25 with the scope's mean length, from candidates that Qdrant scored with an assumed one.

        A longer mean raises no score by more than the ratio of both, so once the last candidate times that ratio is
        below the worst of the result, no other entry can belong to it.
        """
        query = models.SparseVector(indices=list(statistics.weights), values=list(statistics.weights.values()))
        raised = max(1.0, statistics.mean_length / MEAN_TERMS)
        fetched = limit * FIRST_CANDIDATES
        while True:
            found = self._query(SPARSE, query, among(scope, kind=kind), fetched, ["entry", "terms", "counts", "length"])
            best = _ranked([statistics.scored(_payload(hit)) for hit in found], limit)
            if len(found) < fetched or (len(best) == limit and best[-1][1] >= found[-1].score * raised):
                return best
            fetched *= MORE_CANDIDATES

    def _statistics(self, scope: Scope, terms: Mapping[int, int]) -> _Statistics:
        lengths = self._calls.run(
            lambda client: client.facet(self._collection, "length", facet_filter=among(scope), limit=FACETS, exact=True)
        ).hits
        entries = sum(hit.count for hit in lengths)
        words = sum(int(hit.value) * hit.count for hit in lengths)
        containing = {term: self._count(self._collection, among(scope, term=term)) for term in terms if entries}
        return _Statistics(
            entries=entries,
            mean_length=words / entries if entries else 0.0,
            weights={term: terms[term] * idf(entries, count) for term, count in containing.items() if count},
        )

    def _query(
        self,
        using: str,
        query: list[float] | models.SparseVector,
        condition: models.Filter,
        limit: int,
        payload: list[str],
    ) -> list[models.ScoredPoint]:
        return self._calls.run(
            lambda client: client.query_points(
                self._collection,
                query=query,
                using=using,
                query_filter=condition,
                search_params=models.SearchParams(exact=True),
                limit=limit,
                with_payload=payload,
            )
        ).points

    def _page(
        self, scope: Scope, start: models.ExtendedPointId | None
    ) -> tuple[list[models.Record], models.ExtendedPointId | None]:
        return self._calls.run(
            lambda client: client.scroll(
                self._collection, scroll_filter=among(scope), limit=IDS_A_CALL, offset=start, with_payload=["entry"]
            )
        )

    def _count(self, collection: str, condition: models.Filter) -> int:
        return self._calls.run(lambda client: client.count(collection, count_filter=condition, exact=True)).count

    def _store(self, points: Sequence[models.PointStruct], *, dimension: int) -> None:
        self._ensure_collection(dimension)
        try:
            self._calls.run(lambda client: client.upsert(self._collection, points, wait=True))
        except CollectionMissing:  # dropped since we looked
            self._exists = False
            self._ensure_collection(dimension)
            self._calls.run(lambda client: client.upsert(self._collection, points, wait=True))

    def _ensure_collection(self, dimension: int) -> None:
        """Make the collection and its payload indexes, unless this object has seen them. Repeating it is harmless."""
        if self._exists:
            return
        self._calls.create(self._collection, **layout(self._dimension or dimension))
        for field, schema in payload_indexes().items():
            self._index(field, schema)
        self._exists = True

    def _index(self, field: str, schema: models.KeywordIndexParams | models.IntegerIndexParams) -> None:
        self._calls.run(lambda client: client.create_payload_index(self._collection, field, schema, wait=True))

    def _delete(self, points: models.PointIdsList | models.FilterSelector) -> None:
        with suppress(CollectionMissing):
            self._calls.run(lambda client: client.delete(self._collection, points, wait=True))

    def _check_no_other_embedder(self, scope: Scope) -> None:
        """Tell an empty scope from one whose entries are in the collection of another embedder."""
        for collection in self._calls.run(lambda client: client.get_collections()).collections:
            if collection.name == self._collection or not collection.name.startswith(PREFIX):
                continue
            with suppress(CollectionMissing):
                if self._count(collection.name, among(scope)):
                    raise DimensionMismatch(f"the embedder of {collection.name}", self._fingerprint)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statistics:
    """What BM25 needs to know of a scope."""

    entries: int
    mean_length: float
    weights: Mapping[int, float]
    """What each term of the query weighs; terms that occur nowhere are left out."""

    def scored(self, payload: Mapping[str, Any]) -> tuple[str, float]:
        """An entry's id and its score."""
        known = dict(zip(payload["terms"], payload["counts"], strict=True))
        shared = [term for term in sorted(self.weights) if term in known]
        counts = np.array([known[term] for term in shared], np.float32)
        lengths = np.full(len(shared), payload["length"], np.float32)
        worths = saturation(counts, lengths, self.mean_length).tolist()
        return payload["entry"], sum(self.weights[term] * worth for term, worth in zip(shared, worths, strict=True))


def _payload(hit: models.ScoredPoint) -> dict[str, Any]:
    return hit.payload or {}


def _ranked(hits: list[tuple[str, float]], limit: int) -> tuple[tuple[str, float], ...]:
    """Best first; equal scores in the order of ids."""
    return tuple(sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:limit])
