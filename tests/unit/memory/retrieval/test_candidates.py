"""Turns in columns: what each list says of them, and where they were said."""

from __future__ import annotations

import numpy as np
import pytest

from treering.memory.retrieval.candidates import SPOT, Candidates, spot_of
from treering.memory.retrieval.hits import Hits, Place

PLACES = {
    "a": Place(session="s", index=3, at=30, is_users=True, asks=True),
    "b": Place(session="t", index=4, at=40),
    "c": Place(session="s", index=5, at=50, is_users=True),
}
HITS = Hits(
    dense=(("a", 0.5), ("b", 0.25)),
    sparse=(("c", 6.0), ("a", 3.0)),
    dense_context=(("b", 0.75),),
    sparse_context=(("d", 2.0), ("c", 1.0)),
    places=PLACES,
)


def columns(candidates: Candidates) -> dict[str, list[float]]:
    """Minus one where a list has not got the candidate."""
    return {name: np.nan_to_num(column, nan=-1).tolist() for name, column in candidates.scores.items()}


def test_each_turn_of_any_list_stands_once_with_its_score_in_each() -> None:
    candidates = Candidates.of(HITS)
    assert candidates.refs == ("a", "b", "c", "d")
    assert len(candidates) == 4
    assert columns(candidates) == {
        "dense": [0.5, 0.25, -1, -1],
        "sparse": [3, -1, 6, -1],
        "dense_context": [-1, 0.75, -1, -1],
        "sparse_context": [-1, -1, 1, 2],
    }


def test_where_each_was_said_stands_beside_it_and_sessions_are_numbers() -> None:
    spots = Candidates.of(HITS).spots
    assert spots.dtype == SPOT
    assert spots.tolist() == [
        (0, 3, 30, True, True, True),
        (1, 4, 40, False, False, True),
        (0, 5, 50, True, False, True),
        (0, 0, 0, False, False, False),
    ]


def test_sessions_that_are_known_keep_their_numbers() -> None:
    sessions = {"t": 0}
    assert spot_of(PLACES["a"], sessions) == (1, 3, 30, True, True, True)
    assert spot_of(None, sessions) == (0, 0, 0, False, False, False)
    assert sessions == {"t": 0, "s": 1}


def test_a_list_that_is_brought_adds_those_that_it_alone_has_of_whom_nothing_else_is_known() -> None:
    grown = Candidates.of(HITS).with_list("graph", [("e", 2.0), ("b", 1.0)])
    assert grown.refs == ("a", "b", "c", "d", "e")
    assert columns(grown)["dense"] == [0.5, 0.25, -1, -1, -1]
    assert columns(grown)["graph"] == [-1, 1, -1, -1, 2]
    assert grown.spots.dtype == SPOT
    assert grown.spots.tolist()[3:] == [(0, 0, 0, False, False, False)] * 2
    assert grown.spots.tolist()[:3] == Candidates.of(HITS).spots.tolist()[:3]


def test_a_list_that_nobody_searched_has_nobody() -> None:
    candidates = Candidates.of(HITS)
    assert candidates.has("graph").tolist() == [False] * 4
    assert candidates.has("graph").dtype == np.bool_
    assert candidates.has("sparse").tolist() == [True, False, True, False]
    assert candidates.shares("graph").tolist() == [0] * 4


@pytest.mark.parametrize(
    ("cut_at", "expected"),
    [(None, [1, 0.5, 0, 0]), (3, [1, 0.5, 0, 0]), (2, [1, 0.5, 0.5, 0.5]), (1, [1, 0.5, 0.5, 0.5])],
)
def test_a_list_counts_by_its_best_and_what_a_cut_one_does_not_show_as_its_last(
    cut_at: int | None, expected: list[float]
) -> None:
    assert Candidates.of(HITS).shares("dense", cut_at=cut_at).tolist() == expected


def test_a_list_without_a_score_above_zero_says_nothing_and_one_below_counts_as_zero() -> None:
    candidates = Candidates.of(Hits(dense=(("a", 0.0), ("b", -0.5)), sparse=(("a", 0.5), ("b", -0.5), ("c", 0.1))))
    assert candidates.shares("dense", cut_at=1).tolist() == [0, 0, 0]
    assert candidates.shares("sparse").tolist() == [1, 0, 0.2]


def test_ranks_go_by_score_then_by_id_and_leave_out_what_a_list_has_not_got() -> None:
    candidates = Candidates().with_list("dense", [("c", 0.5), ("a", 0.5), ("b", 0.7)]).with_list("sparse", [("d", 1.0)])
    assert candidates.ranks("dense") == {"b": (1, 0.7), "a": (2, 0.5), "c": (3, 0.5)}
    assert candidates.ranks("sparse") == {"d": (1, 1.0)}
