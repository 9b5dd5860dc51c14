"""Turns against each other: each list over its best, and scores that mean something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval.candidates import Candidates
from treering.memory.retrieval.contest import JUDGED, Contest
from treering.memory.retrieval.rank import INDEX_LISTS, TURN_FLOOR, TURN_WEIGHTS, Weights
from treering.schemas.recall import ListName

Lists = Mapping[ListName, Sequence[tuple[str, float]]]


def pairs(least: float, most: float) -> st.SearchStrategy[list[tuple[str, float]]]:
    """A list with scores as an index gives them, best first."""
    found = st.lists(
        st.tuples(st.sampled_from("abcdef"), st.floats(least, most)), max_size=6, unique_by=lambda pair: pair[0]
    )
    return found.map(lambda one: sorted(one, key=lambda pair: -pair[1]))


def contest_of(lists: Lists, weights: Mapping[ListName, float], *, limit: int) -> Contest:
    candidates = Candidates()
    for source, found in lists.items():
        candidates = candidates.with_list(source, found)
    return Contest(candidates, weights, limit=limit)


def scores(contest: Contest) -> dict[str, float]:
    """Sums of shares, as they are before the best is judged."""
    everyone = zip(contest._candidates.refs, contest._scores.tolist(), contest._takes_part, strict=True)
    return {ref: score for ref, score, takes_part in everyone if takes_part}


def test_in_a_contest_each_list_counts_by_its_best() -> None:
    lists = {"dense": [("a", 0.4), ("b", 0.2)], "sparse": [("b", 6.0)]}
    contest = contest_of(lists, {"dense": 1.0, "sparse": 0.5}, limit=9)
    assert scores(contest) == {"a": 1.0, "b": 1.0}
    found = {one.ref: one.found_by for one in contest.best(2, explains=True)}
    assert [(one.source, one.rank) for one in found["b"]] == [("dense", 2), ("sparse", 1)]


def test_what_a_cut_list_does_not_show_counts_as_its_last() -> None:
    lists = {"dense": [("a", 0.4), ("b", 0.2)], "sparse": [("c", 6.0)]}
    assert scores(contest_of(lists, {"dense": 1.0, "sparse": 1.0}, limit=2))["c"] == 1.5
    assert scores(contest_of(lists, {"dense": 1.0, "sparse": 1.0}, limit=3)) == {"a": 1.0, "b": 0.5, "c": 1.0}


def test_a_list_without_weight_brings_no_candidate() -> None:
    weights = Weights().without("graph").turns
    assert len(contest_of({"graph": [("a", 1.0)], "dense": []}, weights, limit=9)) == 0


def test_a_cue_lifts_candidates_and_makes_none_and_a_list_that_is_brought_makes_some() -> None:
    contest = contest_of({"dense": [("a", 0.5), ("b", 0.4)]}, {"dense": 1.0, "opening": 0.5, "graph": 0.1}, limit=9)
    contest.cue("opening", np.array([0.0, 1.0]))
    contest.cue("recency", np.array([1.0, 0.0]))
    contest.bring("graph", [("d", 1.0)])
    assert scores(contest) == {"a": 1.0, "b": pytest.approx(1.3), "d": pytest.approx(0.1)}
    best = contest.best(2, explains=True)
    assert [one.ref for one in best] == ["b", "a"]
    assert [one.source for one in best[0].found_by] == ["dense", "opening"]


def test_what_has_little_to_do_with_a_question_stays_under_the_floor_however_well_it_does_among_others() -> None:
    def best(cosine: float, bm25: float) -> float:
        lists = {name: [("a", bm25 if "sparse" in name else cosine)] for name in INDEX_LISTS}
        return contest_of(lists, TURN_WEIGHTS, limit=9).best(1)[0].score

    assert best(0.1, 1.0) < TURN_FLOOR < best(0.5, 6.0) < best(1.0, 99.0) <= 1.0


@given(pairs(-1, 1), pairs(0, 40), st.integers(1, 8))  # cosines, and BM25
def test_the_best_come_first_with_scores_between_0_and_1(dense: list, sparse: list, count: int) -> None:
    contest = contest_of({"dense": dense, "sparse_context": sparse}, TURN_WEIGHTS, limit=3)
    everyone = sorted(scores(contest), key=lambda ref: (-scores(contest)[ref], ref))
    best = contest.best(count)
    assert [one.ref for one in best] == everyone[:count]
    assert all(0 <= one.score <= 1 for one in best)
    assert [one.score for one in best] == sorted((one.score for one in best), reverse=True)


def test_what_counts_nothing_is_not_brought_and_what_is_brought_stands_beside_the_others() -> None:
    contest = contest_of({"dense": [("a", 0.5), ("b", 0.25)]}, {"dense": 1.0, "tree": 0.5, "opening": 2.0}, limit=9)
    contest.cue("opening", np.array([0.5, 0.0]))
    contest.bring("graph", [("d", 1.0)])
    contest.bring("tree", [])
    assert len(contest) == 2
    contest.bring("tree", [("b", 0.5), ("c", 1.0)])
    assert len(contest) == 3
    assert scores(contest) == {"a": 2.0, "b": 0.75, "c": 0.5}
    best = contest.best(3, explains=True)
    assert [(one.ref, one.score) for one in best] == [
        ("a", 0.5),
        ("b", 0.5 * (0.75 / 2) ** 2),
        ("c", 0.5 * (0.5 / 2) ** 2),
    ]
    assert [one.places for one in best] == [
        (("dense", 1, 0.5, 1.0), ("opening", 1, 0.5, 2.0)),
        (("dense", 2, 0.25, 1.0), ("tree", 2, 0.5, 0.5)),
        (("tree", 1, 1.0, 0.5),),
    ]
    assert [one.places for one in contest.best(3)] == [(), (), ()]
    assert contest.best(0) == contest.best(-1) == []
    assert [one.ref for one in contest.best(2)] == ["a", "b"]


def test_the_most_relevant_of_the_first_says_how_relevant_they_are_by_the_lists_of_an_index() -> None:
    names = [f"n{number:02}" for number in range(JUDGED + 2)]
    cues = np.linspace(9, 1, len(names))
    for relevant, top in ((0, 0.4), (JUDGED - 1, 0.4), (JUDGED, 0.1)):
        dense = [(name, 0.8 if number == relevant else 0.2) for number, name in enumerate(names)]
        contest = contest_of(
            {"dense": sorted(dense, key=lambda pair: -pair[1])}, {"dense": 0.1, "sparse": 0.1, "opening": 1.0}, limit=99
        )
        everyone = dict(zip(contest._candidates.refs, range(len(names)), strict=True))
        contest.cue("opening", np.array([cues[names.index(ref)] for ref in everyone]))
        best = contest.best(len(names))
        assert [one.ref for one in best] == names
        assert best[0].score == pytest.approx(top)


def test_without_any_relevance_nothing_scores() -> None:
    contest = contest_of({"tree": [("a", 0.5)]}, {"tree": 1.0}, limit=9)
    assert [one.score for one in contest.best(1)] == [0.0]
    contest = contest_of({"dense": [("a", 0.5)]}, {"dense": 1.0, "asking": -1.0}, limit=9)
    contest.cue("asking", np.array([1.0]))
    assert [one.score for one in contest.best(1)] == [0.0]
    assert contest_of({}, {"dense": 1.0}, limit=9).best(3) == []


def test_only_lists_of_an_index_say_how_relevant_a_turn_is_however_little_all_lists_count() -> None:
    weights = {"dense": 0.5, "sparse": 0.25, "tree": 0.125}
    contest = contest_of({"dense": [("a", 0.5)], "sparse": [("b", 4.0)], "tree": [("a", 1.0)]}, weights, limit=9)
    assert scores(contest) == {"a": 0.625, "b": 0.25}
    assert contest.best(1)[0].score == pytest.approx(0.25 / 0.75)


@pytest.mark.parametrize("count", [1, 3, 100, 299, 300, 301])
def test_the_best_of_many_are_those_that_sorting_all_would_give(count: int) -> None:
    found = np.random.default_rng(1).permutation(300)
    dense = [(f"n{number:03}", (1 + number) / 300) for number in found.tolist()]
    best = contest_of({"dense": dense}, {"dense": 1.0}, limit=999).best(count)
    assert [one.ref for one in best] == [f"n{number:03}" for number in range(299, -1, -1)][:count]
