"""The sentences that say most."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval.vector import Vector
from treering.memory.summaries.textrank import SAME_COSINE, centrality, extract


def unit(*rows: list[float]) -> Vector:
    made = np.array(rows, np.float32)
    found: Vector = made / np.linalg.norm(made, axis=1, keepdims=True)
    return found


STAR = unit([1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1])
"""One sentence that shares something with each of three that share nothing."""


def test_what_is_like_all_others_counts_most() -> None:
    scores = centrality(STAR)
    assert scores.argmax() == 0
    assert abs(scores.sum() - 1) < 1e-4
    assert len(set(scores[1:].tolist())) == 1


def test_strangers_count_the_same() -> None:
    assert len(set(centrality(np.eye(4, dtype=np.float32)).tolist())) == 1
    assert centrality(np.zeros((0, 4), np.float32)).shape == (0,)


def test_the_best_fill_the_budget_in_their_order() -> None:
    sentences = ["one two", "three", "four", "five"]
    cost = {"one two": 2, "three": 1, "four": 1, "five": 1}
    assert extract(sentences, STAR, [1] * 4, budget=3, cost=cost.__getitem__) == [0, 1]
    assert extract(sentences[::-1], STAR[::-1], [1] * 4, budget=3, cost=cost.__getitem__) == [0, 3]


def test_one_that_is_too_long_makes_room_for_the_next_and_stands_alone_otherwise() -> None:
    cost = {"long": 9, "a": 1, "b": 1, "c": 1}
    assert extract(["long", "a", "b", "c"], STAR, [1] * 4, budget=2, cost=cost.__getitem__) == [1, 2]
    assert extract(["long"], STAR[:1], [1], budget=2, cost=cost.__getitem__) == [0]
    assert extract([], STAR[:0], [], budget=2, cost=cost.__getitem__) == []


def test_what_has_more_weight_comes_first() -> None:
    assert extract(["a", "b", "c", "d"], STAR, [1, 1, 9, 1], budget=1, cost=len) == [2]


def test_what_was_said_already_is_not_said_again() -> None:
    twice = unit([1, 0.1, 0], [1, 0, 0.1], [0, 1, 1])
    assert twice[0] @ twice[1] > SAME_COSINE
    taken = extract(["a", "b", "c"], twice, [1] * 3, budget=9, cost=len)
    assert 2 in taken
    assert len(taken) == 2


@given(
    rows=st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3).filter(any), min_size=1, max_size=12),
    budget=st.integers(0, 12),
    data=st.data(),
)
def test_it_never_costs_more_than_allowed_nor_depends_on_the_order_of_rows(
    rows: list[list[int]], budget: int, data: st.DataObject
) -> None:
    vectors = unit(*[[float(number) for number in row] for row in rows])
    sentences = [str(row) for row in rows]
    costs = {sentence: 1 + place % 3 for place, sentence in enumerate(sentences)}
    taken = extract(sentences, vectors, [1] * len(rows), budget=budget, cost=costs.__getitem__)
    assert taken == sorted(set(taken))
    assert len(taken) == 1 or sum(costs[sentences[place]] for place in taken) <= budget
    order = data.draw(st.permutations(range(len(rows))))
    shuffled = centrality(vectors[list(order)])
    assert np.allclose(shuffled, centrality(vectors)[list(order)], atol=2e-6)
