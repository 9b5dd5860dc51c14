"""What every vector index promises, on SQL rows and on Qdrant."""

from __future__ import annotations

import math
import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treering.errors import DimensionMismatch
from treering.memory.ports import EntryKind, Hits, Vector, VectorEntry, VectorIndex
from treering.memory.stores.backend import backend_of
from treering.memory.stores.scopes import ScopeIds
from treering.memory.stores.transaction import Transaction
from treering.memory.stores.upgrading import upgrade_store
from treering.memory.stores.vector_cache import VectorCache
from treering.memory.stores.vectors import SqlVectorIndex
from treering.schemas.dialogue import Scope
from treering.schemas.trunk import Trunk
from treering.testing import MemoryStore

pytestmark = [  # what qdrant-client's local mode says of the parts that only a server has
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant:UserWarning"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact .brute-force. search:UserWarning"),
]

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

SIZE = 8
TOLERANCE = 1e-4
"""By how much scores of two homes may differ: Qdrant adds up in single precision."""

ANA, BEN = Scope(user="ana"), Scope(user="ben")
OTHER_ANA = Scope(tenant="other", user="ana")

Home = Callable[..., AbstractContextManager[VectorIndex]]
"""Opens the index; what was done in the block stays. `fingerprint=` names another embedder."""


def sql_home(url: str) -> Iterator[Home]:
    upgrade_store(url)
    backend = backend_of(url, busy_timeout_s=5)
    engine = backend.connect()
    cache = VectorCache()

    @contextmanager
    def home(fingerprint: str = "model-a") -> Iterator[VectorIndex]:
        with engine.connect() as connection:
            backend.begin(connection, write=True)
            transaction = Transaction(connection, ScopeIds(), locks_scopes=not backend.has_one_writer)
            yield SqlVectorIndex(transaction, fingerprint=fingerprint, cache=cache)
            connection.commit()
            transaction.committed()

    yield home
    engine.dispose()


def memory_home(trunk: Trunk) -> Home:
    first = MemoryStore(trunk)

    @contextmanager
    def home(fingerprint: str = "model-a") -> Iterator[VectorIndex]:
        with MemoryStore(trunk, same_as=first, fingerprint=fingerprint).begin() as unit:
            yield unit.vectors

    return home


def qdrant_home(client: QdrantClient) -> Home:
    from treering.memory.indexes.qdrant import QdrantVectorIndex  # noqa: PLC0415 - an optional extra

    def home(fingerprint: str = "model-a") -> AbstractContextManager[VectorIndex]:
        return nullcontext(QdrantVectorIndex(client, fingerprint=fingerprint))

    return home


@pytest.fixture(
    params=[
        "memory",
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.services),
        "qdrant-local",
        pytest.param("qdrant-server", marks=pytest.mark.qdrant_server),
    ]
)
def home(request: pytest.FixtureRequest, tmp_path: Path, small_trunk: Trunk) -> Iterator[Home]:
    if request.param == "memory":
        yield memory_home(small_trunk)
        return
    if request.param == "sqlite":
        yield from sql_home(f"sqlite:///{tmp_path}/x.db")
        return
    if request.param == "postgres":
        yield from sql_home(request.getfixturevalue("new_postgres_url")())
        return
    qdrant = pytest.importorskip("qdrant_client")
    if request.param == "qdrant-local":
        client = qdrant.QdrantClient(":memory:")
    else:
        url = os.environ.get("TREERING_QDRANT_URL")
        if not url:
            pytest.skip("TREERING_QDRANT_URL is not set")
        client = qdrant.QdrantClient(url)
    yield qdrant_home(client)
    client.close()


def entry(
    name: str, axis: int | Sequence[float], terms: Mapping[int, int] | None = None, kind: EntryKind = "turn"
) -> VectorEntry:
    return VectorEntry(id=name, kind=kind, dense=axis_of(axis), terms=terms or {})


def axis_of(axis: int | Sequence[float]) -> Vector:
    vector = np.eye(SIZE, dtype=np.float32)[axis] if isinstance(axis, int) else np.array(axis, np.float32)
    return vector / np.linalg.norm(vector)


def ids(hits: Sequence[tuple[str, float]]) -> list[str]:
    return [name for name, _ in hits]


def test_an_unknown_scope_is_empty(home: Home) -> None:
    with home() as index:
        assert index.search(ANA, axis_of(0), {1: 1}, kind="turn") == Hits()
        assert index.count(ANA) == 0
        index.remove(ANA, ["turn:1"])
        index.clear(ANA)
        index.upsert(ANA, [])
        assert index.count(ANA) == 0


def test_vectors_come_back_to_the_last_bit(home: Home) -> None:
    vector = axis_of([1, 2, 3, 4, 5, 6, 7, 9])
    with home() as index:
        assert index.dense(ANA, ["turn:1"]) == {}
        index.upsert(ANA, [entry("turn:1", 0), VectorEntry(id="turn:2", kind="turn", dense=vector, terms={})])
        index.upsert(BEN, [entry("turn:3", 0)])
    with home() as index:
        found = index.dense(ANA, ["turn:2", "turn:3", "turn:4"])
        assert {name: one.tolist() for name, one in found.items()} == {"turn:2": vector.tolist()}
        assert found["turn:2"].dtype == np.float32
    with home("model-b") as index:
        assert index.dense(ANA, ["turn:2"]) == {}


def test_what_was_stored_is_found_with_the_scores_of_both_lists(home: Home) -> None:
    with home() as index:
        index.upsert(ANA, [entry("turn:1", 0, {1: 1}), entry("turn:2", [1, 1, 0, 0, 0, 0, 0, 0], {2: 1})])
    with home() as index:
        hits = index.search(ANA, axis_of(0), {1: 1}, kind="turn")
    assert ids(hits.dense) == ["turn:1", "turn:2"]
    assert [score for _, score in hits.dense] == pytest.approx([1, math.sqrt(0.5)], abs=1e-4)
    assert hits.sparse == (("turn:1", pytest.approx(math.log(2), abs=1e-4)),)


def test_an_entry_that_comes_again_is_replaced(home: Home) -> None:
    with home() as index:
        index.upsert(ANA, [entry("turn:1", 0, {1: 1}), entry("turn:2", 1, {1: 1})])
        index.search(ANA, axis_of(0), {1: 1}, kind="turn")
    with home() as index:
        index.upsert(ANA, [entry("turn:1", 0), entry("turn:1", 2, {3: 1})])
        assert index.count(ANA) == 2
    with home() as index:
        hits = index.search(ANA, axis_of(2), {1: 1, 3: 1}, kind="turn", limit=1)
        assert hits.dense == (("turn:1", pytest.approx(1, abs=1e-4)),)
        assert set(ids(index.search(ANA, axis_of(2), {1: 1}, kind="turn").sparse)) == {"turn:2"}
        assert ids(index.search(ANA, axis_of(2), {3: 1}, kind="turn").sparse) == ["turn:1"]


def test_removed_entries_are_gone_and_count_no_more(home: Home) -> None:
    with home() as index:
        index.upsert(ANA, [entry(f"turn:{n}", n, {1: 1, n + 10: 1}) for n in range(4)])
        index.search(ANA, axis_of(0), {1: 1}, kind="turn")
    with home() as index:
        index.remove(ANA, ["turn:0", "turn:2", "turn:unknown"])
    with home() as index:
        assert index.count(ANA) == 2
        hits = index.search(ANA, axis_of(0), {1: 1, 10: 1}, kind="turn")
        assert set(ids(hits.dense)) == set(ids(hits.sparse)) == {"turn:1", "turn:3"}
        assert hits.sparse[0][1] == pytest.approx(math.log(1 + 0.5 / 2.5), abs=1e-4)


def test_the_ids_of_a_scope_are_those_that_are_stored(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treering.memory.indexes.qdrant.IDS_A_CALL", 3)  # so that there are several pages
    with home() as index:
        assert index.ids(ANA) == set()
        index.upsert(ANA, [entry(f"turn:{n}", n) for n in range(7)])
        index.upsert(Scope(user="bo"), [entry("turn:8", 1)])
        index.remove(ANA, ["turn:3"])
        assert index.ids(ANA) == {f"turn:{n}" for n in range(7) if n != 3}


def test_a_cleared_scope_is_empty_and_can_be_filled_again(home: Home) -> None:
    with home() as index:
        index.upsert(ANA, [entry("turn:1", 0, {1: 1})])
        index.upsert(BEN, [entry("turn:1", 0, {1: 1})])
        index.search(ANA, axis_of(0), {1: 1}, kind="turn")
    with home() as index:
        index.clear(ANA)
    with home() as index:
        assert index.search(ANA, axis_of(0), {1: 1}, kind="turn") == Hits()
        assert (index.count(ANA), index.count(BEN)) == (0, 1)
        index.upsert(ANA, [entry("turn:2", 1)])
    with home() as index:
        assert ids(index.search(ANA, axis_of(0), {1: 1}, kind="turn").dense) == ["turn:2"]


def test_the_limit_holds_for_each_list(home: Home) -> None:
    with home() as index:
        index.upsert(ANA, [entry(f"turn:{n}", n % SIZE, {1: n + 1}) for n in range(20)])
        hits = index.search(ANA, axis_of(0), {1: 1}, kind="turn", limit=3)
        assert (len(hits.dense), len(hits.sparse)) == (3, 3)
        assert index.search(ANA, axis_of(0), {1: 1}, kind="turn", limit=0) == Hits()


def test_each_kind_has_statistics_of_its_own(home: Home) -> None:
    claims = [entry("claim:1", 0, {1: 1}, "claim"), entry("claim:2", 1, {2: 1}, "claim")]
    summaries = [entry("summary:1", 1, {1: 3, 2: 9}, "summary")]
    with home() as index:
        index.upsert(ANA, claims)
        alone = index.search(ANA, axis_of(0), {1: 1}, kind="claim")
    with home() as index:
        index.upsert(ANA, [*(entry(f"turn:{n}", 0, {1: 1, 3: n}) for n in range(4)), *summaries])
    with home() as index:
        found = index.search(ANA, axis_of(0), {1: 1}, kind="claim")
        summary = index.search(ANA, axis_of(1), {1: 1}, kind="summary")
    assert ids(found.dense) == ["claim:1", "claim:2"]
    assert same(found, alone)
    assert found.sparse == (("claim:1", pytest.approx(math.log(2), abs=1e-4)),)
    assert ids(summary.dense) == ids(summary.sparse) == ["summary:1"]


def test_tenants_never_see_each_other_nor_move_a_rank(home: Home) -> None:
    """The same person's name at another tenant, and another person: neither their entries nor their frequencies."""
    mine = [entry("turn:1", 0, {1: 1, 2: 1}), entry("turn:2", 1, {1: 2}), entry("turn:3", 2, {3: 1})]
    with home() as index:
        index.upsert(ANA, mine)
        before = index.search(ANA, axis_of(1), {1: 1, 2: 1, 3: 1}, kind="turn")
    with home() as index:
        for scope in (OTHER_ANA, BEN):
            index.upsert(scope, [entry(f"turn:{n}", 1, {2: 3, 3: 1}) for n in range(30)])
    with home() as index:
        after = index.search(ANA, axis_of(1), {1: 1, 2: 1, 3: 1}, kind="turn")
        index.remove(OTHER_ANA, ["turn:1"])
        index.clear(BEN)
    with home() as index:
        assert (index.count(ANA), index.count(OTHER_ANA), index.count(BEN)) == (3, 29, 0)
    assert same(after, before)


def test_vectors_of_another_embedder_are_refused(home: Home) -> None:
    with home() as index:
        index.upsert(ANA, [entry("turn:1", 0)])
    with home(fingerprint="model-b") as index:
        with pytest.raises(DimensionMismatch, match=r"model-a.*model-b.*`treering reindex --embedder"):
            index.search(ANA, axis_of(0), {}, kind="turn")
        with pytest.raises(DimensionMismatch, match="go back to the former embedder"):
            index.upsert(ANA, [entry("turn:2", 0)])
        assert index.ids(ANA) == set()
        assert index.dense(ANA, ["turn:1"]) == {}
        assert index.search(BEN, axis_of(0), {}, kind="turn") == Hits()
        index.upsert(BEN, [entry("turn:1", 0)])
    with home() as index:
        assert ids(index.search(ANA, axis_of(0), {}, kind="turn").dense) == ["turn:1"]
        index.clear(ANA)
    with home(fingerprint="model-b") as index:
        assert index.search(ANA, axis_of(0), {}, kind="turn") == Hits()
        index.upsert(ANA, [entry("turn:3", 0)])
        assert ids(index.search(ANA, axis_of(0), {}, kind="turn").dense) == ["turn:3"]


def test_two_embedders_lie_side_by_side(home: Home) -> None:
    """Each finds its own entries, with statistics of its own, and another number of dimensions is no matter."""
    with home() as index:
        index.upsert(ANA, [entry("turn:1", 0, {1: 1}), entry("turn:2", 1, {2: 1})])
        before = index.search(ANA, axis_of(0), {1: 1}, kind="turn")
    short = VectorEntry(id="turn:1", kind="turn", dense=np.array([1, 0], np.float32), terms={1: 1})
    with home(fingerprint="model-b") as index:
        index.upsert(ANA, [short], beside=True)
    with home(fingerprint="model-b") as index:
        index.upsert(ANA, [replace(short, id="turn:3", terms={3: 4})])
        found = index.search(ANA, np.array([0, 1], np.float32), {1: 1}, kind="turn")
        assert set(ids(found.dense)) == {"turn:1", "turn:3"}
        assert index.count(ANA) == 2
        assert list(index.others(ANA).values()) == [2]
        assert index.others(BEN) == {}
    with home() as index:
        assert index.ids(ANA) == {"turn:1", "turn:2"}
        assert same(index.search(ANA, axis_of(0), {1: 1}, kind="turn"), before)


def test_what_is_removed_is_in_the_entries_of_no_embedder(home: Home) -> None:
    for model in ("model-a", "model-b"):
        with home(fingerprint=model) as index:
            index.upsert(ANA, [entry(f"turn:{n}", n) for n in range(3)], beside=True)
            index.upsert(BEN, [entry("turn:0", 0)], beside=True)
            assert len(index.search(ANA, axis_of(0), {}, kind="turn").dense) == 3
    with home(fingerprint="model-b") as index:
        index.remove(ANA, ["turn:0", "turn:1"])
    for model in ("model-a", "model-b"):
        with home(fingerprint=model) as index:
            assert ids(index.search(ANA, axis_of(0), {}, kind="turn").dense) == ["turn:2"]
            assert index.ids(ANA) == {"turn:2"}
    with home() as index:
        index.clear(ANA)
    for model in ("model-a", "model-b"):
        with home(fingerprint=model) as index:
            assert (index.count(ANA), index.count(BEN)) == (0, 1)
            assert index.search(ANA, axis_of(0), {}, kind="turn") == Hits()


def test_the_entries_of_other_embedders_are_dropped_on_request(home: Home) -> None:
    for model in ("model-a", "model-b", "model-c"):
        with home(fingerprint=model) as index:
            index.upsert(ANA, [entry("turn:1", 0)], beside=True)
            index.upsert(BEN, [entry("turn:1", 0)], beside=True)
            index.search(ANA, axis_of(0), {}, kind="turn")
    with home(fingerprint="model-b") as index:
        assert sorted(index.others(ANA).values()) == [1, 1]
        index.drop_others(ANA)
        assert index.others(ANA) == {}
    with home() as index:
        with pytest.raises(DimensionMismatch, match="model-b"):
            index.search(ANA, axis_of(0), {}, kind="turn")
        assert ids(index.search(BEN, axis_of(0), {}, kind="turn").dense) == ["turn:1"]
    with home(fingerprint="model-b") as index:
        assert ids(index.search(ANA, axis_of(0), {}, kind="turn").dense) == ["turn:1"]


def test_longer_texts_than_assumed_do_not_hide_the_best(home: Home) -> None:
    """Qdrant's candidates are scored with an assumed mean length, which puts short texts before the best one."""
    texts: dict[str, dict[int, int]] = {f"turn:short-{n}": {1: 1, 2: 19} for n in range(20)}
    texts["turn:best"] = {1: 5, 2: 195}
    texts |= {f"turn:filler-{n}": {2: 300} for n in range(40)}
    with home() as index:
        index.upsert(ANA, [entry(name, 0, text) for name, text in texts.items()])
        found = index.search(ANA, axis_of(0), {1: 1}, kind="turn", limit=1).sparse
    assert ids(found) == ["turn:best"]
    assert same_list(found, bm25(texts, {1: 1})[:1])


KINDS: list[EntryKind] = ["claim", "turn", "summary"]
UNIT = st.lists(st.floats(-1, 1, width=32), min_size=SIZE, max_size=SIZE).filter(lambda v: np.linalg.norm(v) > 0.1)
TERMS = st.dictionaries(st.integers(0, 6) | st.just(2**32 - 1), st.integers(1, 3), max_size=4)
ENTRY = st.tuples(st.integers(0, 8), UNIT, TERMS, st.sampled_from(KINDS))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    blocks=st.lists(st.lists(ENTRY, max_size=5), max_size=4),
    removed=st.lists(st.integers(0, 8), max_size=3),
    query=st.tuples(UNIT, TERMS, st.sampled_from(KINDS), st.integers(1, 6)),
)
def test_finds_exactly_what_comparing_everything_finds(
    home: Home,
    blocks: list[list[tuple[int, list[float], dict[int, int], EntryKind]]],
    removed: list[int],
    query: tuple[list[float], dict[int, int], EntryKind, int],
) -> None:
    scope = Scope(user=uuid.uuid4().hex)
    kept: dict[str, VectorEntry] = {}
    vector, terms, kind, limit = query
    for block in blocks:
        entries = [entry(f"turn:{n}", dense, text, sort) for n, dense, text, sort in block]
        kept |= {each.id: each for each in entries}
        with home() as index:
            index.upsert(scope, entries)
        with home() as index:
            index.search(scope, axis_of(vector), terms, kind=kind)
    with home() as index:
        index.remove(scope, [f"turn:{n}" for n in removed])
    for n in removed:
        kept.pop(f"turn:{n}", None)
    with home() as index:
        found = index.search(scope, axis_of(vector), terms, kind=kind, limit=limit)
        assert index.count(scope) == len(kept)

    of_kind = {name: each for name, each in kept.items() if each.kind == kind}
    cosines = sorted(((name, float(kept[name].dense @ axis_of(vector))) for name in of_kind), key=lambda hit: -hit[1])
    expected = bm25({name: each.terms for name, each in of_kind.items()}, terms)
    assert same_list(found.dense, cosines[:limit])
    assert same_list(found.sparse, expected[:limit])


def bm25(texts: Mapping[str, Mapping[int, int]], query: Mapping[int, int]) -> list[tuple[str, float]]:
    """Every text with a term of the query, best first, by the formula."""
    lengths = {name: sum(text.values()) for name, text in texts.items()}
    mean = sum(lengths.values()) / max(len(texts), 1)
    scores: dict[str, float] = {}
    for term, times in query.items():
        containing = sum(term in text for text in texts.values())
        idf = math.log(1 + (len(texts) - containing + 0.5) / (containing + 0.5))
        for name, text in texts.items():
            if term in text:
                worth = text[term] * 2.2 / (text[term] + 1.2 * (0.25 + 0.75 * lengths[name] / mean))
                scores[name] = scores.get(name, 0) + times * idf * worth
    return sorted(scores.items(), key=lambda hit: -hit[1])


def same(left: Hits, right: Hits) -> bool:
    return same_list(left.dense, right.dense) and same_list(left.sparse, right.sparse)


def same_list(left: Sequence[tuple[str, float]], right: Sequence[tuple[str, float]]) -> bool:
    """Equal scores place by place, and equal ids wherever the scores are not a tie."""
    if [score for _, score in left] != pytest.approx([score for _, score in right], abs=TOLERANCE):
        return False
    known = dict(right)
    return all(name in known or score <= right[-1][1] + TOLERANCE for name, score in left) and all(
        known.get(name, score) == pytest.approx(score, abs=TOLERANCE) for name, score in left
    )
