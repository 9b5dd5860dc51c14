"""Blending: scores keep their meaning, so that the best of nothing relevant stays low."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval.rank import (
    CLAIM_WEIGHTS,
    FADED,
    blend,
    freshness,
    standing,
)

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
