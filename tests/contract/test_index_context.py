"""What every vector index promises of the turns around a turn, and of the time it was said."""

from __future__ import annotations

import math
import random
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treering.memory.ports import ALWAYS, During, EntryKind, Hits, Place, Vector, VectorEntry, VectorIndex
from treering.memory.retrieval.candidates import Candidates
from treering.memory.retrieval.coherence import LEAST, ONE_SUBJECT, sketch_of
from treering.memory.retrieval.hits import CONTEXT_WEIGHTS
from treering.schemas.dialogue import Scope

pytestmark = [  # what qdrant-client's local mode says of the parts that only a server has
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant:UserWarning"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact .brute-force. search:UserWarning"),
]

Home = Callable[[], AbstractContextManager[VectorIndex]]
Listed = Sequence[tuple[str, float]]

SIZE = 4
REACH = len(CONTEXT_WEIGHTS) - 1
"""How far the surroundings of a turn reach, in places of its session."""

MASS = sum(CONTEXT_WEIGHTS[abs(step)] for step in range(-REACH, REACH + 1))

TOLERANCE = 1e-4
"""By how much scores of two homes may differ: Qdrant adds up in single precision."""

ANA = Scope(user="ana")
NORTH, EAST, SKY, _ = np.eye(SIZE, dtype=np.float32)
NORTHERLY, EASTERLY = 0.8 * NORTH + 0.6 * SKY, 0.8 * EAST + 0.6 * SKY
"""Of one subject (their cosine is .36), and one of them knows nothing of the north."""


def turn(
    session: str, index: int, dense: Vector = EASTERLY, terms: Mapping[int, int] | None = None, *, at: int = 0
) -> VectorEntry:
    place = Place(session=session, index=index, at=at)
    return VectorEntry(id=f"turn:{session}{index}", kind="turn", dense=dense, terms=terms or {}, place=place)


def search(home: Home, dense: Vector = NORTH, terms: Mapping[int, int] | None = None, **options: object) -> Hits:
    with home() as index:
        return index.search(ANA, dense, terms or {}, **{"kind": "turn", **options})  # type: ignore[arg-type]


def store(home: Home, *entries: VectorEntry) -> None:
    with home() as index:
        index.upsert(ANA, entries)


def test_a_turn_is_found_by_what_was_said_around_it(index_home: Home) -> None:
    """The middle of five has neither the direction nor the word that is asked for; four others have."""
    around = [turn("s", n, NORTHERLY, {7: 1}) for n in (0, 1, 3, 4)]
    store(index_home, *around, turn("s", 2, terms={8: 1}), turn("t", 0, terms={8: 1}))
    hits = search(index_home, terms={7: 1})
    itself, beside, beyond, *_ = CONTEXT_WEIGHTS
    count, length = 2 * beside + 2 * beyond, itself + 2 * beside + 2 * beyond
    assert dict(hits.dense_context)["turn:s2"] == pytest.approx(0.8 * count / length, abs=TOLERANCE)
    assert "turn:s2" not in dict(hits.sparse)
    idf, mean_length = math.log(1 + (6 - 4 + 0.5) / (4 + 0.5)), 1
    expected = idf * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length / (MASS * mean_length)))
    assert dict(hits.sparse_context)["turn:s2"] == pytest.approx(expected, abs=TOLERANCE)
    assert "turn:t0" not in dict(hits.sparse_context)


@pytest.mark.parametrize("limit", [1, 3, 50])
@pytest.mark.parametrize("during", [ALWAYS, During(begin=3, end=9)])
def test_candidates_are_what_a_search_finds_in_columns(index_home: Home, limit: int, during: During) -> None:
    draw = random.Random(limit)
    turns = [
        turn("st"[n % 2], n, draw.choice((NORTH, EAST)), {draw.choice((7, 8)): 1}, at=draw.randrange(12))
        for n in range(14)
    ]
    store(index_home, *turns)
    hits = search(index_home, terms={7: 1, 8: 2}, limit=limit, during=during)
    with index_home() as index:
        found = index.candidates(ANA, NORTH, {7: 1, 8: 2}, limit=limit, during=during)
    expected = Candidates.of(hits)
    assert sorted(found.refs) == sorted(expected.refs)
    for source in expected.scores:
        ranks = {
            ref: (rank, pytest.approx(score, abs=TOLERANCE)) for ref, (rank, score) in expected.ranks(source).items()
        }
        assert found.ranks(source) == ranks
    for ref, spot in zip(found.refs, found.spots, strict=True):
        place = next(one.place for one in turns if one.id == ref)
        assert place is not None
        assert (spot["index"], spot["at"], spot["is_known"]) == (place.index, place.at, True)
        alike = [
            other for other, there in zip(found.refs, found.spots, strict=True) if there["session"] == spot["session"]
        ]
        assert {name[5] for name in alike} == {place.session}


def test_surroundings_reach_so_far_each_way_and_no_further(index_home: Home) -> None:
    first, last = 10 - REACH, 10 + REACH
    store(index_home, turn("s", 10, NORTHERLY, {7: 1}), *(turn("s", n) for n in (first - 1, first, last, last + 1)))
    hits = search(index_home, terms={7: 1})
    itself, beside, *_, farthest = CONTEXT_WEIGHTS
    at_the_end = 0.8 * farthest / (itself + beside + farthest)
    expected = {
        10: 0.8 * itself / (itself + 2 * farthest),
        first: at_the_end,
        last: at_the_end,
        first - 1: 0,
        last + 1: 0,
    }
    assert dict(hits.dense_context) == pytest.approx({f"turn:s{n}": score for n, score in expected.items()}, abs=1e-4)
    assert {name for name, _ in hits.sparse_context} == {f"turn:s{n}" for n in (first, 10, last)}


@pytest.mark.parametrize(
    ("likeness", "share"), [(-0.5, LEAST), (0, LEAST), (ONE_SUBJECT / 2, 0.5), (ONE_SUBJECT, 1), (0.9, 1)]
)
def test_what_is_of_another_subject_surrounds_the_less(index_home: Home, likeness: float, share: float) -> None:
    """The word is said beside a turn whose vector is more or less like its own."""
    alike = likeness * NORTH + math.sqrt(1 - likeness**2) * EAST
    store(index_home, turn("s", 0, NORTH, {8: 1}), turn("s", 1, alike, {7: 1}))
    hits = search(index_home, terms={7: 1})
    itself, beside, *_ = CONTEXT_WEIGHTS
    mean = (itself + share * beside * likeness) / (itself + share * beside)
    assert dict(hits.dense_context)["turn:s0"] == pytest.approx(mean, abs=0.01)
    idf, count, length = math.log(1 + (2 - 1 + 0.5) / (1 + 0.5)), share * beside, itself + share * beside
    expected = idf * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length / MASS))
    assert dict(hits.sparse_context)["turn:s0"] == pytest.approx(expected, rel=0.02)


def test_surroundings_end_with_the_session(index_home: Home) -> None:
    store(index_home, turn("s", 0, NORTHERLY, {7: 1}), turn("s", 1), turn("t", 1), turn("t", 2))
    hits = search(index_home, terms={7: 1})
    assert dict(hits.dense_context)["turn:t1"] == pytest.approx(0, abs=TOLERANCE)
    assert {name for name, _ in hits.sparse_context} == {"turn:s0", "turn:s1"}


def test_what_is_removed_surrounds_nothing_any_more(index_home: Home) -> None:
    store(index_home, *(turn("s", n, NORTHERLY, {7: 1}) for n in (0, 1)), turn("s", 2))
    search(index_home, terms={7: 1})
    with index_home() as index:
        index.remove(ANA, ["turn:s0", "turn:s1"])
    hits = search(index_home, terms={7: 1})
    assert is_best(hits.dense_context, [("turn:s2", 0.0)], 9)
    assert hits.sparse_context == ()


def test_what_comes_again_elsewhere_surrounds_what_is_there(index_home: Home) -> None:
    moved = turn("s", 0, NORTHERLY, {7: 1})
    store(index_home, moved, turn("s", 1), turn("t", 1))
    search(index_home, terms={7: 1})
    store(index_home, replace(moved, place=Place(session="t", index=2, at=0)))
    hits = search(index_home, terms={7: 1})
    assert {name for name, _ in hits.sparse_context} == {"turn:s0", "turn:t1"}
    assert dict(hits.dense_context)["turn:s1"] == pytest.approx(0, abs=TOLERANCE)


def test_a_time_restricts_what_is_listed_but_not_what_surrounds_it(index_home: Home) -> None:
    store(
        index_home,
        *(turn("s", n, NORTHERLY if n == 1 else EASTERLY, {7: 1} if n == 1 else {8: 1}, at=n) for n in range(4)),
    )
    always, then = search(index_home, terms={7: 1}), search(index_home, terms={7: 1}, during=During(begin=2, end=3))
    assert {name for name, _ in then.dense} == {"turn:s2"}
    assert then.sparse == ()
    itself, beside, beyond, *_ = CONTEXT_WEIGHTS
    assert is_best(then.dense_context, [("turn:s2", 0.8 * beside / (itself + 2 * beside + beyond))], 9)
    assert dict(then.sparse_context).keys() == {"turn:s2"}
    assert dict(then.sparse_context)["turn:s2"] == pytest.approx(dict(always.sparse_context)["turn:s2"], abs=TOLERANCE)


@pytest.mark.parametrize(
    ("during", "expected"),
    [
        (During(begin=1), {1, 2, 3}),
        (During(end=2), {0, 1}),
        (During(begin=2, end=2), set()),
        (During(begin=-9, end=0), set()),
    ],
)
def test_a_time_begins_with_its_first_moment_and_ends_before_its_last(
    index_home: Home, during: During, expected: set[int]
) -> None:
    store(index_home, *(turn("s", n, at=n) for n in range(4)))
    hits = search(index_home, during=during)
    names = {f"turn:s{n}" for n in expected}
    assert {name for name, _ in hits.dense} == {name for name, _ in hits.dense_context} == names


def test_only_turns_have_surroundings_and_are_held_to_a_time(index_home: Home) -> None:
    kinds: list[EntryKind] = ["claim", "summary"]
    for kind in kinds:
        store(index_home, VectorEntry(id=f"{kind}:1", kind=kind, dense=NORTH, terms={7: 1}))
        hits = search(index_home, terms={7: 1}, kind=kind, during=During(begin=1, end=2))
        assert [name for name, _ in hits.dense] == [name for name, _ in hits.sparse] == [f"{kind}:1"]
        assert (hits.dense_context, hits.sparse_context) == ((), ())


UNITS = st.lists(st.integers(-3, 3), min_size=SIZE, max_size=SIZE).filter(any)
TERMS = st.dictionaries(st.integers(0, 5) | st.just(2**32 - 1), st.integers(1, 3), max_size=4)
PLACES = st.builds(
    Place,
    session=st.sampled_from(["a", "b", "a b"]),
    index=st.integers(0, 9) | st.sampled_from([2**31 - 2, 2**31 - 1]),
    at=st.integers(-2, 6),
    is_users=st.booleans(),
    asks=st.booleans(),
)
BLOCKS = st.lists(st.lists(st.tuples(st.integers(0, 11), PLACES, UNITS, TERMS), max_size=8), max_size=4)
Weighed = Sequence[tuple[float, VectorEntry]]
Said = tuple[int, Place, list[int], dict[int, int]]
BOUNDS = st.none() | st.integers(-3, 7)
QUERIES = st.tuples(UNITS, TERMS, st.builds(During, begin=BOUNDS, end=BOUNDS) | st.just(ALWAYS), st.integers(1, 8))

random_talk = settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def unit(numbers: Sequence[int]) -> Vector:
    vector = np.array(numbers, np.float32)
    return vector / np.linalg.norm(vector)


def said(block: Sequence[Said], kept: dict[str, VectorEntry]) -> Iterator[VectorEntry]:
    """The turns of a block, which join those that are kept.

    Two may have been given one place, and not three: the last bit of a sum of three is that of the order they came in.
    """
    for n, place, dense, text in block:
        entry = VectorEntry(id=f"turn:{n}", kind="turn", dense=unit(dense), terms=text, place=place)
        if [where(one) for one in kept.values() if one.id != entry.id].count(where(entry)) < 2:
            kept[entry.id] = entry
            yield entry


def where(entry: VectorEntry) -> tuple[str, int] | None:
    return None if entry.place is None else (entry.place.session, entry.place.index)


@random_talk
@given(blocks=BLOCKS, removed=st.lists(st.integers(0, 11), max_size=4), query=QUERIES)
def test_every_list_is_what_looking_at_every_turn_gives(
    index_home: Home,
    blocks: list[list[Said]],
    removed: list[int],
    query: tuple[list[int], dict[int, int], During, int],
) -> None:
    """Sessions interleaved, with gaps; turns that come again, at another place too; some of them removed."""
    scope = Scope(user=uuid.uuid4().hex)
    numbers, terms, during, limit = query
    kept: dict[str, VectorEntry] = {}
    for block in blocks:
        entries = list(said(block, kept))
        with index_home() as index:
            index.upsert(scope, entries)
        with index_home() as index:
            index.search(scope, unit(numbers), terms, kind="turn")  # so that what is cached has to follow
    with index_home() as index:
        index.remove(scope, [f"turn:{n}" for n in removed])
    for n in removed:
        kept.pop(f"turn:{n}", None)
    with index_home() as index:
        found = index.search(scope, unit(numbers), terms, kind="turn", limit=limit, during=during)
    expected = naive(list(kept.values()), unit(numbers), terms, during=during)
    for name in ("dense", "sparse", "dense_context", "sparse_context"):
        assert is_best(getattr(found, name), getattr(expected, name), limit), name
        for turn_id, _ in getattr(found, name):
            assert found.places[turn_id] == kept[turn_id].place


@random_talk
@given(blocks=BLOCKS, query=QUERIES, order=st.randoms(use_true_random=False))
def test_the_order_in_which_turns_came_changes_nothing(
    index_home: Home,
    blocks: list[list[Said]],
    query: tuple[list[int], dict[int, int], During, int],
    order: random.Random,
) -> None:
    numbers, terms, during, limit = query
    kept: dict[str, VectorEntry] = {}
    for block in blocks:
        list(said(block, kept))
    shuffled = list(kept.values())
    order.shuffle(shuffled)
    found = []
    for some in (list(kept.values()), shuffled):
        scope = Scope(user=uuid.uuid4().hex)
        for part in (some[:3], some[3:]):
            with index_home() as index:
                index.upsert(scope, part)
        with index_home() as index:
            found.append(index.search(scope, unit(numbers), terms, kind="turn", limit=limit, during=during))
    for name in ("dense", "sparse", "dense_context", "sparse_context"):
        assert getattr(found[0], name) == getattr(found[1], name), name


def naive(turns: Sequence[VectorEntry], query: Vector, terms: Mapping[int, int], *, during: During = ALWAYS) -> Hits:
    """All lists in full, worked out turn by turn from the words of the contract."""
    frequency = {term: sum(term in one.terms for one in turns) for term in terms}
    mean = sum(sum(one.terms.values()) for one in turns) / max(len(turns), 1)

    def bm25(text: Weighed, mean_length: float) -> float:
        length = sum(weight * sum(one.terms.values()) for weight, one in text)
        score = 0.0
        for term, times in terms.items():
            count = sum(weight * one.terms.get(term, 0) for weight, one in text)
            if count:
                idf = math.log(1 + (len(turns) - frequency[term] + 0.5) / (frequency[term] + 0.5))
                score += times * idf * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length / mean_length))
        return score

    def coherence(here: tuple[str, int] | None, there: tuple[str, int] | None) -> float:
        one, other = (
            np.sum([sketch_of(turn.dense).astype(float) for turn in turns if where(turn) == at], axis=0)
            for at in (here, there)
        )
        lengths = np.linalg.norm(one) * np.linalg.norm(other)
        return float(np.clip(one @ other / lengths / ONE_SUBJECT, LEAST, 1)) if here != there and lengths else 1.0

    def around(middle: VectorEntry) -> Weighed:
        return [
            (CONTEXT_WEIGHTS[abs(one.place.index - middle.place.index)] * coherence(where(one), where(middle)), one)
            for one in turns
            if one.place
            and middle.place
            and one.place.session == middle.place.session
            and abs(one.place.index - middle.place.index) <= REACH
        ]

    def mean_cosine(text: Weighed) -> float:
        return math.fsum(weight * cosine(one) for weight, one in text) / math.fsum(weight for weight, _ in text)

    def cosine(one: VectorEntry) -> float:
        return float(one.dense @ query)

    def listed(score: Callable[[VectorEntry], float], least: float = -2.0) -> tuple[tuple[str, float], ...]:
        scores = [(one.id, score(one)) for one in turns if is_said(one, during)]
        return tuple(sorted((hit for hit in scores if hit[1] > least), key=lambda hit: (-hit[1], hit[0])))

    return Hits(
        dense=listed(cosine),
        sparse=listed(lambda one: bm25([(1.0, one)], mean), 0.0),
        dense_context=listed(lambda one: mean_cosine(around(one))),
        sparse_context=listed(lambda one: bm25(around(one), MASS * mean), 0.0),
    )


def is_said(one: VectorEntry, during: During) -> bool:
    moment = one.place.at if one.place else 0
    return (during.begin is None or during.begin <= moment) and (during.end is None or moment < during.end)


def is_best(found: Listed, everything: Listed, limit: int) -> bool:
    """The best `limit` of everything, each with its own score; among equal ones any will do."""
    known = dict(everything)
    scores = [score for _, score in found]
    return (
        len(dict(found)) == len(found)
        and scores == pytest.approx([score for _, score in everything[:limit]], abs=TOLERANCE)
        and all(known.get(name) == pytest.approx(score, abs=TOLERANCE) for name, score in found)
    )
