"""How entries stand in Qdrant: collections, points, filters."""

from __future__ import annotations

import hashlib
import re
import uuid
from typing import TYPE_CHECKING

import numpy as np
from qdrant_client import models

from treering.memory.retrieval.bm25 import saturation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from treering.memory.ports import EntryKind, VectorEntry
    from treering.schemas.dialogue import Scope

PREFIX = "treering_"
"""Begins the name of every collection of ours."""

DENSE = "dense"
SPARSE = "sparse"

MEAN_TERMS = 10.0
"""Mean length of an entry, in terms, that the stored sparse weights assume. Scores do not depend on it: the candidates
are scored anew with the scope's own mean. The nearer it is, the fewer candidates that takes."""

_NAMESPACE = uuid.UUID("6f1b0c0e-64f3-5d52-9d2c-3a2f7d1f4b11")
_SEPARATOR = "\x1f"
"""Cannot occur in an identifier, so no two entries share a point."""


def collection_of(fingerprint: str) -> str:
    """The collection of an embedder: its name for people, a hash for certainty."""
    readable = re.sub(r"[^A-Za-z0-9.]+", "-", fingerprint)[:80].strip("-")
    return f"{PREFIX}{readable}_{hashlib.sha256(fingerprint.encode()).hexdigest()[:12]}"


def layout(dimension: int) -> dict[str, object]:
    """What a new collection is made of.

    No graph is built (`m=0`): each search is among the few thousand entries of one scope, which are compared exactly.
    Dot products of unit vectors are cosines, and Qdrant leaves the numbers as they are.
    """
    return {
        "vectors_config": {DENSE: models.VectorParams(size=dimension, distance=models.Distance.DOT)},
        "sparse_vectors_config": {SPARSE: models.SparseVectorParams()},
        "hnsw_config": models.HnswConfigDiff(m=0),
    }


def payload_indexes() -> dict[str, models.KeywordIndexParams | models.IntegerIndexParams]:
    """The indexed payload: whose, what, and what document frequencies and mean lengths are counted by."""
    keyword, integer = models.KeywordIndexType.KEYWORD, models.IntegerIndexType.INTEGER
    return {
        "tenant": models.KeywordIndexParams(type=keyword, is_tenant=True),
        "user": models.KeywordIndexParams(type=keyword),
        "kind": models.KeywordIndexParams(type=keyword),
        "terms": models.IntegerIndexParams(type=integer, lookup=True, range=False),
        "length": models.IntegerIndexParams(type=integer, lookup=True, range=False),
    }


def point_id(scope: Scope, entry_id: str) -> str:
    """The same for the same entry, so that storing it again replaces it."""
    return str(uuid.uuid5(_NAMESPACE, _SEPARATOR.join((scope.tenant, scope.user, entry_id))))


def point(scope: Scope, entry: VectorEntry) -> models.PointStruct:
    """An entry as it is stored."""
    terms, counts = list(entry.terms), np.array(list(entry.terms.values()), np.float32)
    length = int(counts.sum())
    vector: dict[str, list[float] | models.SparseVector] = {DENSE: np.asarray(entry.dense, np.float32).tolist()}
    if terms:
        weights = saturation(counts, np.full(len(terms), length, np.float32), MEAN_TERMS)
        vector[SPARSE] = models.SparseVector(indices=terms, values=weights.tolist())
    payload = {
        "tenant": scope.tenant,
        "user": scope.user,
        "entry": entry.id,
        "kind": entry.kind,
        "terms": terms,
        "counts": [int(count) for count in counts],
        "length": length,
    }
    return models.PointStruct(id=point_id(scope, entry.id), vector=vector, payload=payload)


def among(scope: Scope, *, kind: EntryKind | None = None, term: int | None = None) -> models.Filter:
    """The entries of a scope; of one kind; that contain a term."""
    wanted: Mapping[str, str | int | None] = {
        "tenant": scope.tenant,
        "user": scope.user,
        "kind": kind,
        "terms": term,
    }
    return models.Filter(
        must=[
            models.FieldCondition(key=key, match=models.MatchValue(value=value))
            for key, value in wanted.items()
            if value is not None
        ]
    )
