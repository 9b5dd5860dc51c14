"""The way to recall is chosen by rule, before any answer exists, and the rule is told."""

from __future__ import annotations

import pytest

from treering.memory.retrieval.decide import STRONG_MATCH, decide


@pytest.mark.parametrize(
    ("query", "best", "mode", "rule"),
    [
        ("Where does Ana live?", 0.8, "tree", "strong-match-in-tree"),
        ("Where does Ana live?", 0.3, "hybrid", "no-strong-match-in-tree"),
        ("Where does Ana live?", STRONG_MATCH, "tree", "strong-match-in-tree"),
        ("When did Ana move?", 0.8, "hybrid", "asks-about-time"),
        ("How many cats has Ana?", 0.8, "hybrid", "asks-for-a-count"),
        ("What exactly did Ana say of Tom?", 0.8, "hybrid", "asks-for-wording"),
        ("Does Ana still eat meat?", 0.8, "hybrid", "asks-about-change"),
        ("Why does Ana eat no meat?", 0.8, "hybrid", "asks-for-a-reason"),
    ],
)
def test_auto_goes_by_the_first_rule_that_speaks(query: str, best: float, mode: str, rule: str) -> None:
    decision = decide(query, "auto", best)
    assert (decision.mode, decision.rule) == (mode, rule)


def test_a_tree_that_lags_behind_does_not_answer_alone() -> None:
    decision = decide("Where does Ana live?", "auto", 0.8, is_all_heard=False)
    assert (decision.mode, decision.rule) == ("hybrid", "not-all-is-heard-yet")


def test_a_mode_that_was_asked_for_is_taken() -> None:
    assert decide("When did Ana move?", "tree", 0.0).rule == "asked-for"
