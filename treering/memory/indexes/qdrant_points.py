"""How entries stand in Qdrant: collections, points, filters, and how they are read again."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

import numpy as np
from qdrant_client import models

from treering.memory.indexes.lists import Seen
from treering.memory.ports import ALWAYS, During, Place
from treering.memory.retrieval.bm25 import saturation
from treering.memory.retrieval.coherence import sketch_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from treering.memory.ports import EntryKind, Vector, VectorEntry
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
"""Cannot occur in an identifier, so no two entries share a point, and no two turns a place that is not theirs."""

_PLACE = tuple(field.name for field in fields(Place))

_SHOWN = ("entry", "length", "sketch", *_PLACE)
"""What is read of an entry, besides its counts of the query's terms."""


def collection_of(fingerprint: str) -> str:
    """The collection of an embedder: its name for people, a hash for certainty."""
    readable = re.sub(r"[^A-Za-z0-9.]+", "-", fingerprint)[:80].strip("-")
    return f"{PREFIX}{readable}_{hashlib.sha256(fingerprint.encode()).hexdigest()[:12]}"


def layout(dimension: int) -> dict[str, object]:
    """What a new collection is made of.

    No graph is built (`m=0`): each search is among the few thousand entries of one scope, which are compared exactly.
    Dot products of unit vectors are cosines, and Qdrant leaves the numbers as they are. The payload, a few hundred
    bytes an entry, is read with every search and stays in memory.
    """
    return {
        "vectors_config": {DENSE: models.VectorParams(size=dimension, distance=models.Distance.DOT)},
        "sparse_vectors_config": {SPARSE: models.SparseVectorParams()},
        "hnsw_config": models.HnswConfigDiff(m=0),
        "on_disk_payload": False,
    }


def payload_indexes() -> dict[str, models.KeywordIndexParams | models.IntegerIndexParams]:
    """The indexed payload: whose, what, where and when, and what frequencies and lengths are counted by."""
    keyword, integer = models.KeywordIndexType.KEYWORD, models.IntegerIndexType.INTEGER
    return {
        "tenant": models.KeywordIndexParams(type=keyword, is_tenant=True),
        "user": models.KeywordIndexParams(type=keyword),
        "kind": models.KeywordIndexParams(type=keyword),
        "place": models.KeywordIndexParams(type=keyword),
        "at": models.IntegerIndexParams(type=integer, lookup=False, range=True),
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
    vector: dict[str, list[float] | models.SparseVector] = {DENSE: numbers_of(entry.dense)}
    if terms:
        weights = saturation(counts, np.full(len(terms), length, np.float32), MEAN_TERMS)
        vector[SPARSE] = models.SparseVector(indices=terms, values=weights.tolist())
    payload: dict[str, object] = {
        "tenant": scope.tenant,
        "user": scope.user,
        "entry": entry.id,
        "kind": entry.kind,
        "terms": terms,
        "counts": {str(term): count for term, count in entry.terms.items()},
        "length": length,
    }
    if entry.place is not None:
        payload |= asdict(entry.place) | {"place": _key(entry.place.session, entry.place.index)}
        payload["sketch"] = base64.b64encode(sketch_of(entry.dense).tobytes()).decode()
    return models.PointStruct(id=point_id(scope, entry.id), vector=vector, payload=payload)


def numbers_of(dense: Vector) -> list[float]:
    """A vector as it is sent."""
    numbers: list[float] = np.asarray(dense, np.float32).tolist()
    return numbers


def dense_of(record: models.Record) -> Vector:
    """The dense vector of a point that was read with it."""
    vectors = record.vector
    if not isinstance(vectors, dict):
        raise TypeError(type(vectors).__name__)
    return np.asarray(vectors[DENSE], np.float32)


def shown(terms: Iterable[int]) -> list[str]:
    """The payload that `seen` reads: of an entry's terms only those of the query."""
    return [*_SHOWN, *(f"counts.{term}" for term in terms)]


def seen(hit: models.ScoredPoint) -> Seen:
    """What a hit of a dense search shows; of a sparse one, the score is no cosine."""
    payload = hit.payload or {}
    is_placed = payload.get("session") is not None
    return Seen(
        id=str(payload["entry"]),
        cosine=hit.score,
        counts={int(term): int(count) for term, count in payload.get("counts", {}).items()},
        length=int(payload["length"]),
        place=Place(**{name: payload[name] for name in _PLACE}) if is_placed else None,
        sketch=np.frombuffer(base64.b64decode(payload["sketch"]), np.int8) if "sketch" in payload else None,
    )


def among(
    scope: Scope,
    *,
    kind: EntryKind | None = None,
    term: int | None = None,
    during: During = ALWAYS,
    places: Sequence[tuple[str, int]] | None = None,
) -> models.Filter:
    """The entries of a scope; of one kind; that contain a term; said in a time; at one of these places."""
    wanted: Mapping[str, str | int | None] = {
        "tenant": scope.tenant,
        "user": scope.user,
        "kind": kind,
        "terms": term,
    }
    conditions = [
        models.FieldCondition(key=key, match=models.MatchValue(value=value))
        for key, value in wanted.items()
        if value is not None
    ]
    if during != ALWAYS:
        conditions.append(models.FieldCondition(key="at", range=models.Range(gte=during.begin, lt=during.end)))
    if places is not None:
        # One set of keys: a pair of conditions a place took Qdrant twice as long.
        keys = [_key(*place) for place in places]
        conditions.append(models.FieldCondition(key="place", match=models.MatchAny(any=keys)))
    return models.Filter(must=conditions)


def _key(session: str, index: int) -> str:
    return f"{session}{_SEPARATOR}{index}"
