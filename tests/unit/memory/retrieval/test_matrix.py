"""Exact search in a matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from treering.memory.ports import During, Hits, Place, Vector
from treering.memory.retrieval.candidates import Candidates
from treering.memory.retrieval.coherence import LEAST
from treering.memory.retrieval.hits import CONTEXT_TURNS
from treering.memory.retrieval.matrix import Block, EntryMatrix

SIZE = 17
NOBODY: dict[int, int] = {}


def block(
    ids: Sequence[str],
    dense: Vector,
    *,
    places: Sequence[Place | None] | None = None,
    texts: Sequence[Mapping[int, int]] | None = None,
) -> Block:
    """Entries whose only term is 7, unless told otherwise."""
    texts = texts or [{7: 1}] * len(ids)
    return Block(
        ids=ids,
        dense=dense,
        terms=np.array([term for text in texts for term in text], np.uint32),
        counts=np.array([count for text in texts for count in text.values()], np.float32),
        sizes=np.array([len(text) for text in texts], np.int64),
        places=places or [None] * len(ids),
    )


def unit(count: int, seed: int = 0) -> Vector:
    rows = np.random.default_rng(seed).normal(size=(count, SIZE)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def said(index: int, *, session: str = "s", at: int = 0) -> Place:
    return Place(session=session, index=index, at=at)


def names(pairs: Sequence[tuple[str, float]]) -> list[str]:
    return [name for name, _ in pairs]


PLACES = [said(n % 5 + 3 * (n > 10), session=f"s{n // 5}", at=n) for n in range(13)]
TEXTS = [{n % 3: n % 4 + 1, 9: n + 1, 20 + n: 2} for n in range(13)]


@given(order=st.permutations(range(13)), limit=st.integers(1, 15), dropped=st.sets(st.integers(0, 12), max_size=4))
def test_the_order_of_arrival_does_not_move_a_bit(order: list[int], limit: int, dropped: set[int]) -> None:
    """Nor do entries that came and went; in any of the four lists."""
    rows = unit(13)
    ids = [f"turn:{n}" for n in range(13)]
    left = [n for n in range(13) if n not in dropped]
    straight, mixed = EntryMatrix(SIZE, is_of_turns=True), EntryMatrix(SIZE, is_of_turns=True)
    for n in left:
        straight.add(block([ids[n]], rows[n : n + 1], places=[PLACES[n]], texts=[TEXTS[n]]))
    half = len(order) // 2
    for some in (order[:half], order[half:]):
        mixed.add(
            block(
                [ids[n] for n in some],
                rows[some],
                places=[PLACES[n] for n in some],
                texts=[TEXTS[n] for n in some],
            )
        )
        mixed.search(rows[0], {7: 1}, limit=1)
    mixed.keep(np.array([n not in dropped for n in order]))
    query = unit(1, seed=1)[0]
    found = [matrix.search(query, {1: 1, 9: 2, 23: 1}, limit=limit) for matrix in (straight, mixed)]
    assert found[0] == found[1]
    assert len(found[0].dense_context) == min(limit, len(left))


def test_equal_scores_come_in_the_order_of_ids() -> None:
    matrix = EntryMatrix(SIZE, is_of_turns=True)
    matrix.add(block(["c", "a", "d", "b"], np.repeat(unit(1), 4, axis=0)))
    hits = matrix.search(unit(1)[0], {7: 1}, limit=3)
    for found in (hits.dense, hits.sparse, hits.dense_context, hits.sparse_context):
        assert names(found) == ["a", "b", "c"]


def test_of_equal_scores_there_are_as_many_as_asked_for_behind_better_ones() -> None:
    matrix = EntryMatrix(SIZE)
    axes = np.eye(SIZE, dtype=np.float32)
    matrix.add(block(["d", "c", "a", "b"], axes[[1, 1, 0, 1]]))
    for limit, expected in ((1, ["a"]), (2, ["a", "b"]), (3, ["a", "b", "c"])):
        assert names(matrix.search(axes[0] + axes[1] / 2, {}, limit=limit).dense) == expected


def test_the_best_of_many_are_found() -> None:
    matrix, rows = EntryMatrix(SIZE), unit(500)
    matrix.add(block([str(n) for n in range(500)], rows))
    query = unit(1, seed=1)[0]
    assert names(matrix.search(query, {}, limit=7).dense) == [str(n) for n in np.argsort(-rows @ query)[:7]]


def test_talk_of_something_else_hardly_surrounds_a_turn() -> None:
    matrix = EntryMatrix(SIZE, is_of_turns=True)
    axes = np.eye(SIZE, dtype=np.float32)
    matrix.add(block(["a", "b"], axes[:2], places=[said(0), said(1)]))
    beside = 0.8 * LEAST
    found = dict(matrix.search(axes[0], {}, limit=2).dense_context)
    assert found == {"a": pytest.approx(1 / (1 + beside)), "b": pytest.approx(beside / (1 + beside))}


def test_who_said_a_turn_and_whether_it_asks_is_told() -> None:
    matrix = EntryMatrix(SIZE, is_of_turns=True)
    places = [
        Place(session="s", index=0, at=5, is_users=True),
        Place(session="t", index=0, at=6, asks=True),
        None,
    ]
    matrix.add(block(["a", "b", "c"], unit(3), places=places))
    assert matrix.search(unit(1)[0], {}, limit=3).places == {"a": places[0], "b": places[1]}


@given(
    limit=st.integers(-1, 15),
    during=st.sampled_from([During(), During(begin=4), During(end=9)]),
    query=st.sampled_from([NOBODY, {7: 1}, {1: 1, 9: 2, 23: 1}]),
)
@example(limit=1, during=During(), query={7: 1})
def test_candidates_are_those_of_the_search_in_columns(limit: int, during: During, query: Mapping[int, int]) -> None:
    matrix = EntryMatrix(SIZE, is_of_turns=True)
    assert len(matrix.candidates(unit(1)[0], query, limit=limit, during=during)) == 0
    matrix.add(block([f"turn:{n}" for n in range(13)], unit(13), places=[*PLACES[:11], None, None], texts=TEXTS))
    asked = unit(1, seed=1)[0]
    found = matrix.candidates(asked, query, limit=limit, during=during)
    expected = Candidates.of(matrix.search(asked, query, limit=limit, during=during))
    assert sorted(found.refs) == sorted(expected.refs)
    rows = [expected.refs.index(ref) for ref in found.refs]
    for source, column in expected.scores.items():
        assert np.array_equal(found.scores[source] if rows else [], column[rows], equal_nan=True)
    sessions = [(f"s{spot[0]}" if spot[5] else None, *spot[1:]) for spot in found.spots.tolist()]
    places = [matrix.search(asked, query, limit=15).places.get(ref) for ref in found.refs]
    assert sessions == [
        (one.session, one.index, one.at, one.is_users, one.asks, True) if one else (None, 0, 0, False, False, False)
        for one in places
    ]


def test_a_number_of_a_vector_takes_four_bytes() -> None:
    short, long = EntryMatrix(SIZE), EntryMatrix(SIZE + 100)
    short.add(block(["a"], unit(1)))
    long.add(block(["a"], np.ones((1, SIZE + 100), np.float32)))
    assert long.nbytes - short.nbytes == 400


def test_a_short_turn_is_found_by_what_was_said_around_it() -> None:
    """Nearby in its own session, the nearer the more; a place where nobody speaks any more stays empty."""
    matrix = EntryMatrix(SIZE, is_of_turns=True)
    axes = np.eye(SIZE, dtype=np.float32)
    of_one_subject = 0.8 * axes + 0.6 * axes[-1]
    matrix.add(
        block(
            ["far", "yes", "question", "elsewhere", "after a gap"],
            of_one_subject[[1, 2, 0, 3, 4]],
            places=[said(8), said(4), said(3), said(4, session="t"), said(6)],
            texts=[{1: 1}, {2: 1}, {7: 1, 8: 1}, {3: 1}, {4: 1}],
        )
    )
    hits = matrix.search(axes[0], {7: 1}, limit=5)
    assert names(hits.sparse) == ["question"]
    assert names(hits.sparse_context) == ["question", "yes", "after a gap"]
    assert dict(hits.dense_context) == {
        "question": pytest.approx(0.8 * 1 / 2.2),
        "yes": pytest.approx(0.8 * 0.8 / 2.6),
        "after a gap": pytest.approx(0.8 * 0.4 / 2.6),
        "far": 0.0,
        "elsewhere": 0.0,
    }
    assert hits.places["yes"] == said(4)


def test_claims_have_no_surroundings_and_are_of_no_time() -> None:
    matrix = EntryMatrix(SIZE)
    matrix.add(block(["claim:1"], unit(1)))
    hits = matrix.search(unit(1)[0], {7: 1}, limit=3, during=During(begin=5))
    assert names(hits.dense) == names(hits.sparse) == ["claim:1"]
    assert hits.dense_context == hits.sparse_context == ()


@pytest.mark.parametrize(
    ("during", "expected"),
    [
        (During(begin=0), {0, 1, 2, 3}),
        (During(begin=2), {2, 3}),
        (During(end=2), {0, 1}),
        (During(begin=1, end=3), {1, 2}),
        (During(begin=9), set()),
        (During(end=9), {0, 1, 2, 3}),
        (During(), {0, 1, 2, 3, None}),
    ],
)
def test_a_time_leaves_turns_out_and_moves_no_score(during: During, expected: set[int | None]) -> None:
    matrix = EntryMatrix(SIZE, is_of_turns=True)
    moments = (0, 1, 2, 3, None)
    places = [None if at is None else said(at, at=at) for at in moments]
    ids = [f"turn:{at}" for at in moments]
    matrix.add(block(ids, unit(5), places=places, texts=[{7: 1, n: 3} for n in range(5)]))
    query = unit(1, seed=1)[0]
    everything, hits = (matrix.search(query, {7: 1}, limit=9, during=one) for one in (During(), during))
    for whole, part in zip(lists(everything), lists(hits), strict=True):
        assert part == tuple(hit for hit in whole if hit[0] in {f"turn:{at}" for at in expected})


@pytest.mark.parametrize(("end", "expected"), [(3, ["turn:0", "turn:1"]), (4, ["turn:0", "turn:1", "turn:3"])])
def test_a_time_that_ends_after_everything_leaves_nothing_out(end: int, expected: list[str]) -> None:
    matrix = EntryMatrix(SIZE, is_of_turns=True)
    for at in (0, 3, 1):
        matrix.add(block([f"turn:{at}"], unit(1, seed=at), places=[said(at, at=at)]))
    assert sorted(names(matrix.search(unit(1)[0], {}, limit=9, during=During(end=end)).dense)) == expected


def test_a_time_that_begins_leaves_out_what_was_said_before_though_it_ends_after_everything() -> None:
    matrix = EntryMatrix(SIZE, is_of_turns=True)
    matrix.add(block(["turn:0", "turn:1"], unit(2), places=[said(0, at=0), said(1, at=1)]))
    assert names(matrix.search(unit(1)[0], {}, limit=9, during=During(begin=1, end=9)).dense) == ["turn:1"]
    matrix.keep(np.array([True, False]))
    assert names(matrix.search(unit(1)[0], {}, limit=9, during=During(end=9)).dense) == ["turn:0"]


def lists(hits: Hits) -> list[tuple[tuple[str, float], ...]]:
    return [hits.dense, hits.sparse, hits.dense_context, hits.sparse_context]


def test_dropped_entries_are_gone_and_the_rest_keep_their_ids() -> None:
    matrix = EntryMatrix(SIZE)
    rows = unit(6)
    matrix.add(block([f"turn:{n}" for n in range(6)], rows))
    matrix.keep(np.array([True, False, True, False, True, True]))
    matrix.add(block(["turn:9"], rows[1:2]))
    assert len(matrix) == 5
    for name, row in (("turn:0", 0), ("turn:9", 1), ("turn:2", 2), ("turn:5", 5)):
        assert names(matrix.search(rows[row], {}, limit=1).dense) == [name]


@pytest.mark.parametrize("limit", [0, -1])
def test_no_limit_no_hits(limit: int) -> None:
    matrix = EntryMatrix(SIZE)
    matrix.add(block(["turn:1"], unit(1)))
    assert matrix.search(unit(1)[0], {7: 1}, limit=limit) == Hits()


def test_a_word_that_nobody_says_finds_no_surroundings() -> None:
    matrix = EntryMatrix(SIZE, is_of_turns=True)
    matrix.add(block(["turn:1", "turn:2"], unit(2), places=[said(0), said(1)], texts=[{7: 1}, NOBODY]))
    assert matrix.search(unit(1)[0], {8: 1}, limit=3).sparse_context == ()
    assert names(matrix.search(unit(1)[0], {7: 1}, limit=3).sparse_context) == ["turn:1", "turn:2"]


def test_an_empty_matrix_finds_nothing_and_takes_no_memory() -> None:
    matrix = EntryMatrix(SIZE, is_of_turns=True)
    assert matrix.search(unit(1)[0], {7: 1}, limit=3) == Hits()
    assert matrix.nbytes == 0
    matrix.add(block(["turn:1"], unit(1), places=[said(CONTEXT_TURNS)]))
    matrix.keep(np.array([False]))
    assert matrix.search(unit(1)[0], {7: 1}, limit=3) == Hits()
    assert matrix.nbytes == 0
