"""Blending: scores keep their meaning, so that the best of nothing relevant stays low."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval.rank import (
    CLAIM_WEIGHTS,
    FADED,
    FULL_MARKS,
    INFERRED,
    TURN_WEIGHTS,
    Ranked,
    Weights,
    blend,
    directness,
    freshness,
    share_of_full,
    standing,
)
from treering.schemas.recall import ListName

NOW = datetime(2024, 3, 1, tzinfo=UTC)
pairs = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.floats(-1, 40)), max_size=6, unique_by=lambda pair: pair[0]
).map(lambda found: sorted(found, key=lambda pair: -pair[1]))


def test_weights_sum_to_one() -> None:
    assert sum(CLAIM_WEIGHTS.values()) == pytest.approx(1)


def test_a_weak_best_hit_is_not_made_to_look_good() -> None:
    weak = blend({"sparse": [("a", 1.0)]}, CLAIM_WEIGHTS)[0].score
    strong = blend({"sparse": [("a", 12.0)]}, CLAIM_WEIGHTS)[0].score
    assert weak < 0.1 < strong == pytest.approx(CLAIM_WEIGHTS["sparse"])


def test_what_two_lists_found_beats_what_one_found() -> None:
    ranked = blend({"dense": [("a", 0.6), ("b", 0.6)], "sparse": [("b", 9.0)]}, CLAIM_WEIGHTS)
    assert [one.ref for one in ranked] == ["b", "a"]
    assert [found.source for found in ranked[0].found_by] == ["dense", "sparse"]
    assert ranked[0].found_by[0].rank == 2


@given(pairs, pairs)
def test_scores_lie_between_0_and_1_and_the_order_does_not_depend_on_the_lists(dense: list, sparse: list) -> None:
    one = blend({"dense": dense, "sparse": sparse}, CLAIM_WEIGHTS)
    other = blend({"sparse": sparse, "dense": dense}, CLAIM_WEIGHTS)
    assert [(r.ref, pytest.approx(r.score)) for r in one] == [(r.ref, r.score) for r in other]
    assert all(0 <= r.score <= 1 or r.score < 0 for r in one)
    assert [r.score for r in one] == sorted((r.score for r in one), reverse=True)


def test_age_halves_down_to_a_floor_and_only_in_slots_that_fade() -> None:
    assert freshness(NOW - timedelta(days=10), NOW, None) == 1
    assert freshness(NOW - timedelta(days=5), NOW, 10) == pytest.approx(0.7071, abs=1e-4)
    assert freshness(NOW - timedelta(days=900), NOW, 10) == FADED
    assert freshness(NOW + timedelta(days=5), NOW, 10) == 1


def test_what_a_person_confirmed_never_falls_behind_and_a_guess_comes_last() -> None:
    for fresh in (FADED, 0.8, 1.0):
        assert 1.0 == standing("manual", fresh) >= standing("stated", fresh) > standing("inferred", fresh) > 0
        assert standing("stated", fresh) == standing("imported", fresh) == fresh
        assert standing("inferred", fresh) == fresh * INFERRED


def test_a_blend_is_the_sum_of_what_each_list_counts_ties_by_ref_and_no_list_without_weight() -> None:
    lists = {"dense": [("b", 1.5), ("a", 0.5), ("c", -1.0)], "sparse": [("d", 16.0), ("a", 4.0)], "tree": [("e", 1.0)]}
    ranked = blend(lists, {"dense": 2.0, "sparse": 4.0, "tree": 0.0})
    assert [(one.ref, one.score) for one in ranked] == [("d", 4.0), ("a", 2.0), ("b", 2.0), ("c", 0.0)]
    assert ranked[1].places == (("dense", 2, 0.5, 2.0), ("sparse", 2, 4.0, 4.0))
    assert [one.ref for one in blend(lists, {"dense": 2.0, "sparse": 4.0}, least=2.0)] == ["d", "a", "b"]


def test_what_is_ablated_counts_nothing_and_all_else_what_it_did() -> None:
    weights = Weights(claims={"dense": 0.4, "tree": 0.6}, turns={"dense": 0.5, "speaker": 0.8, "time": 1.0})
    assert weights.without("dense", "time") == Weights(
        claims={"dense": 0.0, "tree": 0.6, "time": 0.0}, turns={"dense": 0.0, "speaker": 0.8, "time": 0.0}
    )


def test_one_more_list_adds_its_share_and_a_part_of_a_score_keeps_who_found_it() -> None:
    place = ("dense", 3, 0.5, 1.0)
    one = Ranked(ref="a", score=0.5, places=(place,))
    assert one.scaled(0.5) == Ranked(ref="a", score=0.25, places=(place,))
    assert one.with_("tree", 0.5, 3.0) == Ranked(ref="a", score=2.0, places=(place, ("tree", 1, 0.5, 3.0)))
    assert one.with_("tree", 0.5, 3.0, rank=2).places[-1] == ("tree", 2, 0.5, 3.0)


def test_only_lists_of_the_text_itself_make_a_hit_direct() -> None:
    dense, sparse = TURN_WEIGHTS["dense"], TURN_WEIGHTS["sparse"]
    places = (("dense", 1, 0.5, 9.0), ("sparse", 1, FULL_MARKS["sparse"] / 4, 9.0), ("dense_context", 1, 1.0, 9.0))
    assert directness(Ranked(ref="a", score=0.0, places=places)) == pytest.approx(
        (dense * 0.5 + sparse * 0.25) / (dense + sparse)
    )


@pytest.mark.parametrize(
    ("source", "score", "top", "share"),
    [
        ("dense", 0.5, 0.0, 0.5),
        ("dense", 0.5, 2.0, 0.5),
        ("dense", 1.5, 0.0, 1.0),
        ("dense", -0.5, 0.0, 0.0),
        ("sparse", FULL_MARKS["sparse"] / 2, 0.0, 0.5),
        ("sparse", FULL_MARKS["sparse"] / 2, 2 * FULL_MARKS["sparse"], 0.25),
        ("sparse", FULL_MARKS["sparse"] * 2, 0.0, 1.0),
    ],
)
def test_a_score_is_worth_its_share_of_what_counts_in_full(
    source: ListName, score: float, top: float, share: float
) -> None:
    assert share_of_full(source, score, top) == share
