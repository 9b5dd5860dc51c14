"""Two systems are compared question by question, and what belongs together is drawn again together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treering.bench import paired as paired_module
from treering.bench.paired import check_baseline, differences, paired
from treering.bench.score import Marks, difference
from treering.errors import InvalidInput


def marks(values: Sequence[float], *, cluster: int = 1) -> list[Marks]:
    """One question a value; so many of them are of one cluster."""
    return [
        Marks(conversation="c", question=f"q{n}", category="k", values={"m": value}, cluster=f"{n // cluster}")
        for n, value in enumerate(values)
    ]


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=2, max_size=12))
def test_turning_the_two_round_turns_the_interval_round(pairs: list[tuple[int, int]]) -> None:
    one, other = (marks([float(value) for value in values]) for values in zip(*pairs, strict=True))
    ours, theirs = paired(one, other, "m"), paired(other, one, "m")
    assert ours is not None
    assert theirs is not None
    assert ours.low is not None and ours.high is not None and theirs.low is not None and theirs.high is not None  # noqa: PT018
    assert ours.low <= ours.difference <= ours.high
    assert (ours.low, ours.high) == pytest.approx((-theirs.high, -theirs.low))
    assert ours.p == theirs.p


def test_the_interval_is_that_of_the_normal_distribution_where_there_are_many_clusters() -> None:
    chance = np.random.default_rng(1)
    ours, theirs = (marks(list(chance.normal(mean, 1, 400)), cluster=2) for mean in (0.2, 0.0))
    found, normal = paired(ours, theirs, "m"), difference(ours, theirs, "m")
    assert found is not None and found.low is not None and found.high is not None  # noqa: PT018
    assert found.clusters == 200
    assert found.high - found.low == pytest.approx(2 * 1.96 * normal.error, rel=0.05)


def test_questions_that_go_together_are_worth_less_than_as_many_that_do_not() -> None:
    ours, theirs = [1.0] * 30 + [0.0] * 10, [0.0] * 40
    alone, together = (paired(marks(ours, cluster=size), marks(theirs, cluster=size), "m") for size in (1, 10))
    assert alone is not None and together is not None  # noqa: PT018
    assert alone.p is not None and together.p is not None  # noqa: PT018
    assert alone.p < 0.001 < together.p


@pytest.mark.parametrize("clusters", [2, 5, 13])
def test_few_clusters_cannot_rule_chance_out(clusters: int) -> None:
    """All are on the same side: of 2^n ways to turn them round two are as far away."""
    found = paired(marks([1.0] * clusters), marks([0.0] * clusters), "m")
    assert found is not None
    assert found.p == 2 / 2**clusters


@settings(max_examples=20)
@given(st.lists(st.integers(-3, 3), min_size=14, max_size=14))
def test_a_sample_of_the_ways_to_turn_clusters_round_tells_what_all_of_them_do(values: list[int]) -> None:
    sums = np.array(values, float)
    with pytest.MonkeyPatch.context() as patch:
        found = []
        for most in (13, 14):
            patch.setattr(paired_module, "_ALL_SIGNS", most)
            found.append(paired_module._odds(sums))
    assert found[0] == pytest.approx(found[1], abs=0.03)


def test_systems_without_a_difference_differ_by_chance_alone() -> None:
    same = paired(marks([1, 0, 1, 0]), marks([0, 1, 0, 1]), "m")
    assert same is not None
    assert (same.difference, same.p) == (0, 1)


def test_one_cluster_tells_no_interval_and_no_common_question_nothing() -> None:
    single = paired(marks([1, 0], cluster=2), marks([0, 0], cluster=2), "m")
    assert single is not None
    assert (single.difference, single.low, single.p) == (0.5, None, None)
    assert paired(marks([1]), [], "m") is None


def test_all_are_compared_with_the_best_that_is_not_ours_or_with_the_one_that_is_named() -> None:
    measured = {"treering": marks([1, 1]), "weak": marks([0, 0]), "strong": marks([1, 0]), "silent": []}
    assert [(one.system, one.baseline, one.difference) for one in differences(measured, "m", None)] == [
        ("treering", "strong", 0.5),
        ("weak", "strong", -0.5),
    ]
    assert [(one.system, one.baseline) for one in differences(measured, "m", "weak")] == [
        ("treering", "weak"),
        ("strong", "weak"),
    ]
    assert differences(measured, "m", "silent") == differences(measured, "m", "unknown") == ()


def test_only_questions_of_the_same_name_and_conversation_are_compared_by_cluster() -> None:
    def one(conversation: str, question: str, value: float, cluster: str) -> Marks:
        return Marks(conversation=conversation, question=question, category="k", values={"m": value}, cluster=cluster)

    ours = [one("c", "q1", 3, "y"), one("c", "q2", 5, "x"), one("d", "q1", 9, "y"), one("c", "q3", 7, "x")]
    theirs = [one("c", "q1", 1, "y"), one("c", "q2", 1, "x"), one("d", "q1", 1, "y"), one("e", "q3", 0, "x")]
    found = paired(ours, theirs, "m")
    assert found is not None
    assert (found.metric, found.difference, found.questions, found.clusters) == ("m", 14 / 3, 3, 2)
    assert (found.low, found.high) == (4, 5), "the means of the one cluster and of the other"
    assert paired_module._by_cluster(ours, theirs, "m")[0].tolist() == [4, 10], "in the order of names"


def test_each_system_is_compared_on_the_questions_that_both_have_a_mark_for() -> None:
    blank = Marks(conversation="c", question="q0", category="k", values={}, cluster="0")
    found = differences({"treering-x": marks([1, 1, 1]), "b": [blank, *marks([0, 1, 0])[1:]]}, "m", None)
    assert [(one.system, one.baseline, one.metric, one.questions) for one in found] == [("treering-x", "b", "m", 2)]
    assert differences({"treering": marks([1])}, "m", None) == ()


def test_a_baseline_that_is_not_measured_is_refused_before_anything_is() -> None:
    check_baseline(None, ["a", "b"])
    check_baseline("b", ["a", "b"])
    with pytest.raises(InvalidInput, match=r"--baseline: 'c' is not measured; name one of a, b$"):
        check_baseline("c", ["a", "b"])


def test_the_same_marks_give_the_same_interval_and_the_same_odds() -> None:
    ours, theirs = marks([float(n % 3) for n in range(20)]), marks([float(n % 2) for n in range(20)])
    found = paired(ours, theirs, "m")
    assert found is not None
    assert found.clusters > paired_module._ALL_SIGNS, "so many that a sample is drawn"
    assert found == paired(ours, theirs, "m")
