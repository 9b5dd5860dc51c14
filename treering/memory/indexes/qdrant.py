"""Search in a Qdrant server: derived data, which can be dropped and rebuilt."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from treering.errors import DimensionMismatch, MissingExtra
from treering.memory.ports import ALWAYS, During, EntryKind, Hits, Vector, VectorEntry
from treering.memory.retrieval.candidates import Candidates

try:
    from qdrant_client import QdrantClient, models
except ImportError as error:
    raise MissingExtra(
        "search in Qdrant", "qdrant", otherwise="or leave TREERING_QDRANT_URL unset", because=error
    ) from error

from treering.memory.indexes.qdrant_calls import Calls, CollectionMissing
from treering.memory.indexes.qdrant_points import (
    DENSE,
    PREFIX,
    among,
    collection_of,
    dense_of,
    layout,
    payload_indexes,
    point,
    point_id,
)
from treering.memory.indexes.qdrant_search import WHOLE, Search

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.schemas.dialogue import Scope

POINTS_A_CALL = 256
"""Points stored in one request: about 1 MB of JSON at 384 dimensions."""

IDS_A_CALL = 1_000
"""Ids read with one request."""


class QdrantVectorIndex:
    """The entries of all scopes in one collection an embedding model, with the scores of the SQL index.

    Qdrant compares the vectors and keeps the words; BM25 and surroundings are worked out here, as its own IDF counts
    all tenants together, and as it knows no neighbours. Of a kind with up to `WHOLE` entries all are read, and each
    list is exact: two requests. Of a larger one, `dense` and `sparse` are exact too, and the surroundings are those of
    candidates, `CANDIDATES` times the limit from either of these lists. Their scores are exact, but a turn is missed
    if none of the turns around it is a candidate. That takes four requests, one for each term of the query, and one
    more for each time that the last candidates of `sparse` might still be passed by others.

    Args:
        server: The server's URL, or a client. Nothing is asked before the first use.
        fingerprint: Names the embedder.
        api_key: What the server wants to be shown, if anything.
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
        api_key: str | None = None,
        dimension: int | None = None,
        calls: Calls | None = None,
    ) -> None:
        self._calls = calls or Calls(server, api_key=api_key)
        self._fingerprint = fingerprint
        self._dimension = dimension
        self._collection = collection_of(fingerprint)
        self._exists = False

    def upsert(self, scope: Scope, entries: Sequence[VectorEntry], *, beside: bool = False) -> None:
        """Store entries; one with a known id is replaced. See the port.

        Raises:
            DimensionMismatch: The scope's vectors come from another embedder, and `beside` is not set.
            IndexUnavailable: The server does not answer.
        """
        if not entries:
            return
        if not beside and not self.count(scope):
            self._check_no_other_embedder(scope)
        points = [point(scope, entry) for entry in {entry.id: entry for entry in entries}.values()]
        for start in range(0, len(points), POINTS_A_CALL):
            self._store(points[start : start + POINTS_A_CALL], dimension=len(entries[0].dense))

    def remove(self, scope: Scope, ids: Sequence[str]) -> None:
        """Take entries out of the collections of all embedders; unknown ids are ignored.

        Raises:
            IndexUnavailable: The server does not answer.
        """
        if ids:
            self._delete(models.PointIdsList(points=[point_id(scope, entry_id) for entry_id in ids]))

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
        """The best `limit` entries of each list.

        Raises:
            DimensionMismatch: The scope's vectors come from another embedder.
            IndexUnavailable: The server does not answer.
        """
        if limit < 1:
            return Hits()
        search = Search(
            calls=self._calls,
            collection=self._collection,
            scope=scope,
            dense=dense,
            terms=terms,
            kind=kind,
            limit=limit,
            during=during,
        )
        with suppress(CollectionMissing):
            entries = search.entries()
            if entries:
                return search.among_all() if entries <= WHOLE else search.among_candidates()
        if not self.count(scope):
            self._check_no_other_embedder(scope)
        return Hits()

    def candidates(
        self, scope: Scope, dense: Vector, terms: Mapping[int, int], *, limit: int = 50, during: During = ALWAYS
    ) -> Candidates:
        """Turns as `search` finds them, in columns.

        Raises:
            DimensionMismatch: The scope's vectors come from another embedder.
            IndexUnavailable: The server does not answer.
        """
        return Candidates.of(self.search(scope, dense, terms, kind="turn", limit=limit, during=during))

    def dense(self, scope: Scope, ids: Sequence[str]) -> dict[str, Vector]:
        """The stored vectors of entries, by id; unknown ones are left out, and those of another embedder.

        Raises:
            IndexUnavailable: The server does not answer.
        """
        found: dict[str, Vector] = {}
        points = [point_id(scope, name) for name in ids]
        with suppress(CollectionMissing):
            for start in range(0, len(points), POINTS_A_CALL):
                found |= self._dense(points[start : start + POINTS_A_CALL])
        return found

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
        """Remove everything of the scope, from the collections of all embedders.

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

    def others(self, scope: Scope) -> dict[str, int]:
        """How many entries of the scope are in the collections of other embedders, by collection.

        Raises:
            IndexUnavailable: The server does not answer.
        """
        found: dict[str, int] = {}
        for collection in self._other_collections():
            with suppress(CollectionMissing):
                found[collection] = self._count(collection, among(scope))
        return {collection: count for collection, count in found.items() if count}

    def drop_others(self, scope: Scope) -> None:
        """Remove the scope's entries from the collections of all other embedders.

        Raises:
            IndexUnavailable: The server does not answer.
        """
        for collection in self._other_collections():
            self._delete_from(collection, models.FilterSelector(filter=among(scope)))

    def _page(
        self, scope: Scope, start: models.ExtendedPointId | None
    ) -> tuple[list[models.Record], models.ExtendedPointId | None]:
        return self._calls.run(
            lambda client: client.scroll(
                self._collection, scroll_filter=among(scope), limit=IDS_A_CALL, offset=start, with_payload=["entry"]
            )
        )

    def _dense(self, points: Sequence[str]) -> dict[str, Vector]:
        records = self._calls.run(
            lambda client: client.retrieve(self._collection, points, with_payload=["entry"], with_vectors=[DENSE])
        )
        return {str((record.payload or {})["entry"]): dense_of(record) for record in records}

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
        for collection in self._collections():
            self._delete_from(collection, points)

    def _delete_from(self, collection: str, points: models.PointIdsList | models.FilterSelector) -> None:
        with suppress(CollectionMissing):
            self._calls.run(lambda client: client.delete(collection, points, wait=True))

    def _collections(self) -> list[str]:
        """Those of all embedders."""
        found = self._calls.run(lambda client: client.get_collections()).collections
        return [collection.name for collection in found if collection.name.startswith(PREFIX)]

    def _check_no_other_embedder(self, scope: Scope) -> None:
        """Tell an empty scope from one whose entries are in the collection of another embedder."""
        for collection in self.others(scope):
            raise DimensionMismatch(f"the embedder of {collection}", self._fingerprint)

    def _other_collections(self) -> list[str]:
        return [collection for collection in self._collections() if collection != self._collection]
