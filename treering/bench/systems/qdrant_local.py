"""Qdrant's local mode: what several memory systems embed, mem0 among them. Searched by vector, held to one person."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.memory.ports import Vector

_COLLECTION = "turns"
_POINTS_A_CALL = 1_000


class LocalQdrant:
    """A collection in memory.

    Raises:
        ImportError: qdrant-client is not installed.
    """

    def __init__(self, dimension: int) -> None:
        # By name, as peers are loaded; the adapter of the product lives in `memory.indexes`.
        self._models = import_module("qdrant_client.models")
        self._client: _Client = import_module("qdrant_client").QdrantClient(":memory:")
        params = self._models.VectorParams(size=dimension, distance=self._models.Distance.COSINE)
        self._client.create_collection(_COLLECTION, vectors_config=params)
        self._points = 0

    def write(self, person: str, vectors: Sequence[Vector]) -> None:
        """Add points of a person."""
        payload = {"user_id": person}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that local mode is slow with many points: that is measured
            for first in range(0, len(vectors), _POINTS_A_CALL):
                some = vectors[first : first + _POINTS_A_CALL]
                ids = range(self._points, self._points + len(some))
                self._points += len(some)
                batch = self._models.Batch(
                    ids=list(ids), vectors=[one.tolist() for one in some], payloads=[payload] * len(some)
                )
                self._client.upsert(_COLLECTION, points=batch)

    def search(self, person: str, vector: Vector, limit: int) -> None:
        """The best points of a person."""
        is_theirs = self._models.FieldCondition(key="user_id", match=self._models.MatchValue(value=person))
        wanted = self._models.Filter(must=[is_theirs])
        self._client.query_points(_COLLECTION, query=vector.tolist(), query_filter=wanted, limit=limit)

    def close(self) -> None:
        """Drop the collection."""
        self._client.close()


class _Client(Protocol):
    """The part of `QdrantClient` that is used."""

    def create_collection(self, name: str, *, vectors_config: object) -> object: ...

    def upsert(self, name: str, *, points: object) -> object: ...

    def query_points(self, name: str, *, query: list[float], query_filter: object, limit: int) -> object: ...

    def close(self) -> None: ...
