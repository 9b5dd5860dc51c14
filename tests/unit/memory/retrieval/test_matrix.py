"""Exact search in a matrix."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.ports import Hits
from treering.memory.retrieval.matrix import Block, EntryMatrix

SIZE = 17


def block(ids: list[str], dense: np.ndarray, *, claims: bool = False) -> Block:
    """Entries whose only term is 7."""
    return Block(
        ids=ids,
        kinds=["claim" if claims else "turn"] * len(ids),
        dense=dense,
        terms=np.full(len(ids), 7, np.uint32),
        counts=np.ones(len(ids), np.float32),
        sizes=np.ones(len(ids), np.int64),
    )


def unit(count: int, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, SIZE)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@given(order=st.permutations(range(13)), limit=st.integers(1, 15))
def test_the_order_of_arrival_does_not_move_a_bit(order: list[int], limit: int) -> None:
    rows = unit(13)
    ids = [f"turn:{n}" for n in range(13)]
    straight, mixed = EntryMatrix(SIZE), EntryMatrix(SIZE)
    straight.add(block(ids, rows))
    for n in order:
        mixed.add(block([ids[n]], rows[n : n + 1]))
    query = unit(1, seed=1)[0]
    found = [matrix.search(query, {7: 1}, kind=None, limit=limit) for matrix in (straight, mixed)]
    assert found[0] == found[1]


def test_equal_scores_come_in_the_order_of_ids() -> None:
    matrix = EntryMatrix(SIZE)
    matrix.add(block(["c", "a", "d", "b"], np.repeat(unit(1), 4, axis=0)))
    hits = matrix.search(unit(1)[0], {7: 1}, kind=None, limit=3)
    assert [name for name, _ in hits.dense] == [name for name, _ in hits.sparse] == ["a", "b", "c"]


def test_a_kind_is_found_whatever_stands_before_it() -> None:
    matrix = EntryMatrix(SIZE)
    matrix.add(block([f"turn:{n}" for n in range(30)], np.repeat(unit(1), 30, axis=0)))
    matrix.add(block(["claim:1"], -unit(1), claims=True))
    hits = matrix.search(unit(1)[0], {7: 1}, kind="claim", limit=5)
    assert [name for name, _ in hits.dense] == [name for name, _ in hits.sparse] == ["claim:1"]
    assert hits.dense[0][1] == pytest.approx(-1)


def test_dropped_entries_are_gone_and_the_rest_keep_their_ids() -> None:
    matrix = EntryMatrix(SIZE)
    rows = unit(6)
    matrix.add(block([f"turn:{n}" for n in range(6)], rows))
    matrix.keep(np.array([True, False, True, False, True, True]))
    matrix.add(block(["turn:9"], rows[1:2]))
    assert len(matrix) == 5
    for name, row in (("turn:0", 0), ("turn:9", 1), ("turn:2", 2), ("turn:5", 5)):
        hits = matrix.search(rows[row], {}, kind=None, limit=1)
        assert [found for found, _ in hits.dense] == [name]


@pytest.mark.parametrize("limit", [0, -1])
def test_no_limit_no_hits(limit: int) -> None:
    matrix = EntryMatrix(SIZE)
    matrix.add(block(["turn:1"], unit(1)))
    assert matrix.search(unit(1)[0], {7: 1}, kind=None, limit=limit) == Hits()


def test_an_empty_matrix_finds_nothing_and_takes_no_memory() -> None:
    matrix = EntryMatrix(SIZE)
    assert matrix.search(unit(1)[0], {7: 1}, kind=None, limit=3) == Hits()
    assert matrix.nbytes == 0
