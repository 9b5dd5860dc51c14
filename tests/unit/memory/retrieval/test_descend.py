"""From the top of the summary tree down to single turns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval.descend import SummaryTree, descend

TREE = SummaryTree(
    parts={"r": ("t1", "t2"), "t1": ("s1", "s2"), "t2": ("s3",), "s1": ("e1",), "s2": ("e2",), "s3": ("e3", "e4")},
    turns={"e1": ("m1", "m2"), "e2": ("m3",), "e3": ("m4",), "e4": ("m5",)},
)


def test_the_tree_knows_its_tops_and_the_way_up() -> None:
    assert TREE.roots == ("r",)
    assert TREE.above["e4"] == "s3"
    assert TREE.episode_of["m2"] == "e1"
    assert SummaryTree(turns={"e": ("m",)}).roots == ("e",)


def test_the_best_way_leads_to_the_first_turns() -> None:
    found = descend(TREE, {"r": 0.4, "t2": 0.5, "s3": 0.5, "e4": 0.5, "e1": 0.42})
    assert [name for name, _ in found] == ["m5", "m4", "m1", "m2", "m3"]
    scores = dict(found)
    assert scores["m5"] > scores["m4"] > scores["m1"] == scores["m2"] > scores["m3"]


def test_only_the_best_branches_are_followed() -> None:
    scores = {"t1": 0.9, "t2": 0.1, "s1": 0.1, "s2": 0.8, "e4": 1.0}
    assert [name for name, _ in descend(TREE, scores, beam=1)] == ["m3"]


def test_only_the_best_tops_are_followed() -> None:
    loose = SummaryTree(turns={"e1": ("m1",), "e2": ("m2",), "e3": ("m3",)})
    assert descend(loose, {"e1": 0.1, "e2": 0.5, "e3": 0.4}, beam=2) == [("m2", 0.5), ("m3", 0.4)]


def test_of_equals_the_names_decide_and_without_scores_all_are_equal() -> None:
    loose = SummaryTree(turns={"e2": ("m4", "m2"), "e1": ("m3", "m1")})
    assert descend(loose, {}) == [("m1", 0.0), ("m2", 0.0), ("m3", 0.0), ("m4", 0.0)]


def test_what_is_part_of_nothing_is_a_top() -> None:
    """While a summary is made anew, what is below it is still found."""
    loose = SummaryTree(parts={"s3": ("e3",)}, turns={"e1": ("m1",), "e3": ("m4",)})
    assert descend(loose, {"e1": 1.0, "s3": 0.5}) == [("m1", 1.0), ("m4", 0.7 * 0.5 + 0.3 * 0.5)]
    assert descend(SummaryTree(), {}) == []


@given(scores=st.dictionaries(st.sampled_from(sorted({*TREE.parts, *TREE.turns})), st.floats(-1, 1)))
def test_a_beam_that_is_wide_enough_finds_every_turn_once(scores: dict[str, float]) -> None:
    found = descend(TREE, scores, beam=4)
    assert sorted(name for name, _ in found) == ["m1", "m2", "m3", "m4", "m5"]
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
