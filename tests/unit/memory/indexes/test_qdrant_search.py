"""Searches in Qdrant among more entries than are read: what is exact all the same, and what may be missed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

qdrant_client = pytest.importorskip("qdrant_client")

from treering.memory.indexes import qdrant  # noqa: E402 - after the skip
from treering.memory.indexes.qdrant import QdrantVectorIndex  # noqa: E402
from treering.memory.indexes.qdrant_calls import Answer, Calls  # noqa: E402
from treering.memory.ports import ALWAYS, During, EntryKind, Hits, Place, VectorEntry  # noqa: E402
from treering.schemas.dialogue import Scope  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdrant_client import QdrantClient

pytestmark = [  # what qdrant-client's local mode says of the parts that only a server has
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant:UserWarning"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact .brute-force. search:UserWarning"),
]

ANA = Scope(user="ana")
SIZE = 16
TURNS = 80
A_SESSION = 16
TOLERANCE = 1e-5

LISTS = ("dense", "sparse", "dense_context", "sparse_context")


class CountedCalls(Calls):
    """Calls that are counted."""

    number = 0

    def run(self, call: Callable[[QdrantClient], Answer]) -> Answer:
        self.number += 1
        return super().run(call)


@pytest.fixture(scope="module")
def calls() -> Iterator[CountedCalls]:
    """Qdrant with turns in sessions, each about something of its own, and as many claims."""
    client = qdrant_client.QdrantClient(":memory:")
    chance = np.random.default_rng(4)
    topics = chance.standard_normal((TURNS // A_SESSION, SIZE))
    entries = []
    for number in range(TURNS):
        session, index = divmod(number, A_SESSION)
        about = topics[session] + 0.8 * chance.standard_normal(SIZE)
        dense = (about / np.linalg.norm(about)).astype(np.float32)
        words = {int(word) % 40: 1 for word in chance.zipf(1.4, 1 + number % 9)}
        kinds: tuple[EntryKind, ...] = ("turn", "claim")
        for kind in kinds:
            place = Place(session=f"s{session}", index=index, at=number) if kind == "turn" else None
            entries.append(VectorEntry(id=f"{kind}:{number}", kind=kind, dense=dense, terms=words, place=place))
    random.Random(4).shuffle(entries)
    counted = CountedCalls(client)
    QdrantVectorIndex(client, fingerprint="model", calls=counted).upsert(ANA, entries)
    yield counted
    client.close()


@pytest.fixture
def index(calls: CountedCalls) -> QdrantVectorIndex:
    return QdrantVectorIndex("http://nowhere", fingerprint="model", calls=calls)


def both(
    index: QdrantVectorIndex, numbers: list[float], terms: Mapping[int, int], **options: object
) -> tuple[Hits, Hits]:
    """The lists from everything, and from candidates."""
    dense = np.array(numbers, np.float32) / np.linalg.norm(numbers)
    found = []
    for whole in (10_000, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(qdrant, "WHOLE", whole)
            found.append(index.search(ANA, dense.astype(np.float32), terms, **options))  # type: ignore[arg-type]
    return found[0], found[1]


NUMBERS = st.lists(st.integers(-3, 3), min_size=SIZE, max_size=SIZE).filter(any)
TERMS = st.dictionaries(st.integers(0, 41), st.integers(1, 2), max_size=5)
TIMES = st.sampled_from([ALWAYS, During(begin=30), During(begin=30, end=55), During(end=7)])

many = settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])


@many
@given(numbers=NUMBERS, terms=TERMS, during=TIMES, limit=st.integers(1, 12))
def test_the_first_two_lists_are_exact_and_so_is_each_score(
    index: QdrantVectorIndex, numbers: list[float], terms: dict[int, int], during: During, limit: int
) -> None:
    exact, found = both(index, numbers, terms, kind="turn", during=during, limit=limit)
    in_full, _ = both(index, numbers, terms, kind="turn", during=during, limit=TURNS)
    for name in ("dense", "sparse"):
        expected = [score for _, score in getattr(exact, name)]
        assert [score for _, score in getattr(found, name)] == pytest.approx(expected, abs=TOLERANCE), name
    for name in LISTS:
        known = dict(getattr(in_full, name))
        for turn, score in getattr(found, name):
            assert known[turn] == pytest.approx(score, abs=TOLERANCE), name
            assert found.places[turn] == in_full.places[turn]


@many
@given(numbers=NUMBERS, terms=TERMS, during=TIMES)
def test_with_as_many_candidates_as_turns_all_lists_are_exact(
    index: QdrantVectorIndex, numbers: list[float], terms: dict[int, int], during: During
) -> None:
    exact, found = both(index, numbers, terms, kind="turn", during=during, limit=TURNS)
    for name in ("dense", "sparse", "dense_context", "sparse_context"):
        assert [turn for turn, _ in getattr(found, name)] == [turn for turn, _ in getattr(exact, name)], name


@many
@given(numbers=NUMBERS, terms=TERMS)
def test_what_is_missed_has_no_candidate_around_it(
    index: QdrantVectorIndex, numbers: list[float], terms: dict[int, int]
) -> None:
    """So its mean is not above the cosine of the last candidate."""
    limit = 5
    exact, found = both(index, numbers, terms, kind="turn", limit=limit)
    in_full, _ = both(index, numbers, terms, kind="turn", limit=TURNS)
    last = in_full.dense[limit * 2 - 1][1]
    missed = dict(exact.dense_context).keys() - dict(found.dense_context).keys()
    assert all(dict(exact.dense_context)[turn] <= last + TOLERANCE for turn in missed)


@many
@given(numbers=NUMBERS, terms=TERMS, limit=st.integers(1, 12))
def test_other_kinds_are_exact(
    index: QdrantVectorIndex, numbers: list[float], terms: dict[int, int], limit: int
) -> None:
    exact, found = both(index, numbers, terms, kind="claim", during=During(begin=30, end=55), limit=limit)
    assert [score for _, score in found.dense] == pytest.approx([score for _, score in exact.dense], abs=TOLERANCE)
    assert [score for _, score in found.sparse] == pytest.approx([score for _, score in exact.sparse], abs=TOLERANCE)
    assert len(found.dense) == limit
    assert (found.dense_context, found.sparse_context) == ((), ())


def test_requests_are_few(index: QdrantVectorIndex, calls: CountedCalls, monkeypatch: pytest.MonkeyPatch) -> None:
    terms = {1: 1, 2: 1, 3: 1}
    before = calls.number
    index.search(ANA, np.eye(SIZE, dtype=np.float32)[0], terms, kind="turn", limit=5)
    assert calls.number - before == 2
    monkeypatch.setattr(qdrant, "WHOLE", 0)
    before = calls.number
    index.search(ANA, np.eye(SIZE, dtype=np.float32)[0], terms, kind="turn", limit=60)
    assert calls.number - before == 4 + len(terms)
