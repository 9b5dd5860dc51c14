"""Blending: scores keep their meaning, so that the best of nothing relevant stays low."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval.rank import (
    CLAIM_WEIGHTS,
    FADED,
    INDEX_LISTS,
    TURN_FLOOR,
    TURN_WEIGHTS,
    Contest,
    Weights,
    blend,
    freshness,
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


def scores(contest: Contest) -> dict[str, float]:
    """Sums of shares, as they are before the best is judged."""
    return contest._scores


def test_in_a_contest_each_list_counts_by_its_best() -> None:
    lists = {"dense": [("a", 0.4), ("b", 0.2)], "sparse": [("b", 6.0)]}
    contest = Contest(lists, {"dense": 1.0, "sparse": 0.5}, limit=9)
    assert scores(contest) == {"a": 1.0, "b": 1.0}
    found = {one.ref: one.found_by for one in contest.best(2)}
    assert [(one.source, one.rank) for one in found["b"]] == [("dense", 2), ("sparse", 1)]


def test_what_a_cut_list_does_not_show_counts_as_its_last() -> None:
    lists = {"dense": [("a", 0.4), ("b", 0.2)], "sparse": [("c", 6.0)]}
    assert scores(Contest(lists, {"dense": 1.0, "sparse": 1.0}, limit=2))["c"] == 1.5
    assert scores(Contest(lists, {"dense": 1.0, "sparse": 1.0}, limit=3)) == {"a": 1.0, "b": 0.5, "c": 1.0}


def test_a_list_without_weight_brings_no_candidate() -> None:
    weights = Weights().without("graph").turns
    assert len(Contest({"graph": [("a", 1.0)], "dense": []}, weights, limit=9)) == 0


def test_a_cue_lifts_candidates_and_makes_none_and_a_list_that_is_brought_makes_some() -> None:
    contest = Contest({"dense": [("a", 0.5), ("b", 0.4)]}, {"dense": 1.0, "opening": 0.5, "graph": 0.1}, limit=9)
    contest.cue("opening", {"b": 1.0, "c": 1.0})
    contest.cue("recency", {"a": 1.0})
    contest.bring("graph", [("d", 1.0)])
    assert scores(contest) == {"a": 1.0, "b": pytest.approx(1.3), "d": pytest.approx(0.1)}
    best = contest.best(2)
    assert [one.ref for one in best] == ["b", "a"]
    assert [one.source for one in best[0].found_by] == ["dense", "opening"]


def test_what_has_little_to_do_with_a_question_stays_under_the_floor_however_well_it_does_among_others() -> None:
    def best(cosine: float, bm25: float) -> float:
        lists = {name: [("a", bm25 if "sparse" in name else cosine)] for name in INDEX_LISTS}
        return Contest(lists, TURN_WEIGHTS, limit=9).best(1)[0].score

    assert best(0.1, 1.0) < TURN_FLOOR < best(0.5, 6.0) < best(1.0, 99.0) <= 1.0


@given(pairs, pairs, st.integers(1, 8))
def test_the_best_come_first_with_scores_between_0_and_1(dense: list, sparse: list, count: int) -> None:
    contest = Contest({"dense": dense, "sparse_context": sparse}, TURN_WEIGHTS, limit=3)
    everyone = sorted(scores(contest), key=lambda ref: (-scores(contest)[ref], ref))
    best = contest.best(count)
    assert [one.ref for one in best] == everyone[:count]
    assert all(0 <= one.score <= 1 for one in best)
    assert [one.score for one in best] == sorted((one.score for one in best), reverse=True)


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
