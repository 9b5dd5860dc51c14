"""Scores are those of the textbooks, and their errors know which questions belong together."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.bench.asking import Answer, Answers
from treering.bench.gold.key import Target
from treering.bench.score import Marks, by_category, difference, having, mark, mean, merged, ndcg, recall
from treering.bench.systems.port import Context


def marks(*values: tuple[str, float], category: str = "c") -> list[Marks]:
    return [
        Marks(conversation=who, question=f"q{n}", category=category, values={"m": value})
        for n, (who, value) in enumerate(values)
    ]


def test_recall_counts_distinct_gold_turns() -> None:
    assert recall(("a", "b", "c"), frozenset("az")) == 0.5
    assert recall((), frozenset("a")) == 0


def test_ndcg_is_that_of_the_definition() -> None:
    gold = frozenset({"a", "b"})
    assert ndcg(["a", "b", "x"], gold, 10) == 1
    assert ndcg(["x", "a"], gold, 10) == pytest.approx((1 / math.log2(3)) / (1 + 1 / math.log2(3)))
    assert ndcg(["x", "x", "a"], gold, 2) == 0
    assert ndcg(["a"], frozenset("abcdef"), 1) == 1, "no more gold than places can be asked for"


@given(st.lists(st.sampled_from("abcdefgh"), unique=True), st.frozensets(st.sampled_from("abcdefgh"), min_size=1))
def test_ndcg_stays_within_its_bounds_and_is_no_worse_with_the_gold_in_front(
    ranking: list[str], gold: frozenset[str]
) -> None:
    sorted_first = sorted(ranking, key=lambda turn: turn not in gold)
    assert 0 <= ndcg(ranking, gold, 5) <= ndcg(sorted_first, gold, 5) <= 1 + 1e-12


def test_the_error_is_clustered() -> None:
    """Four questions on two conversations that agree within are worth two: s / sqrt(2), s the spread of their means."""
    found = mean(marks(("a", 1), ("a", 1), ("b", 0), ("b", 0)), "m")
    assert found.mean == 0.5
    assert found.error == pytest.approx(math.sqrt(0.5) / math.sqrt(2))
    mixed = mean(marks(("a", 1), ("a", 0), ("b", 1), ("b", 0)), "m")
    assert mixed.error == 0


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_with_one_question_a_conversation_the_error_is_the_plain_one(values: list[float]) -> None:
    found = mean(marks(*((f"c{n}", value) for n, value in enumerate(values))), "m")
    centre = fmean(values)
    plain = math.sqrt(sum((value - centre) ** 2 for value in values) / (len(values) - 1) / len(values))
    assert found.error == pytest.approx(plain, abs=1e-9)


def test_one_conversation_alone_has_no_error() -> None:
    assert math.isnan(mean(marks(("a", 1), ("a", 0)), "m").error)
    assert math.isnan(mean([], "m").mean)


def test_a_difference_is_taken_question_by_question() -> None:
    ours, theirs = marks(("a", 1), ("b", 0.5)), marks(("a", 0.5), ("b", 0))
    assert (difference(ours, theirs, "m").mean, difference(ours, theirs, "m").error) == (0.5, 0)


def test_only_questions_of_the_key_are_marked_each_with_its_category() -> None:
    def answer(question: str) -> Answer:
        context = Context(tokens=7, turns=frozenset("ab"))
        return Answer(conversation="p", question=question, ranking=("x", "a"), context=context, seconds=0)

    answers = Answers(answers=(answer("q1"), answer("q2")), turns=3, ingest_seconds=(0.5,), flush_seconds=(0.5,))
    [one] = mark(answers, {("p", "q2"): Target(turns=frozenset("ay"), category="hard")})
    assert (one.question, one.category) == ("q2", "hard")
    assert one.values["recall@5"] == one.values["context_recall"] == 0.5
    assert one.values["context_tokens"] == 7
    assert list(by_category([one])) == ["hard"]


def test_each_number_of_a_question_comes_from_where_it_says() -> None:
    ranking = tuple(f"t{n}" for n in range(30))
    context = Context(tokens=7, turns=frozenset({"t29"}))
    answer = Answer(
        conversation="p", question="q", ranking=ranking, context=context, seconds=0.5, context_seconds=9, turns_before=3
    )
    answers = Answers(answers=(answer,), turns=3, ingest_seconds=(0.5,), flush_seconds=(0.5,))
    gold = frozenset({"t4", "t9", "t10", "t29"})
    [one] = mark(answers, {("p", "q"): Target(turns=gold, category="hard", cluster="pair")})
    best = sum(1 / math.log2(place + 2) for place in range(4))
    assert one.values == {
        "recall@5": 0.25,
        "recall@10": 0.5,
        "recall@20": 0.75,
        "ndcg@10": pytest.approx((1 / math.log2(6) + 1 / math.log2(11)) / best),
        "context_recall": 0.25,
        "context_tokens": 7,
        "ms": 500,
        "turns_before": 3,
    }
    assert (one.conversation, one.question, one.category, one.cluster) == ("p", "q", "hard", "pair")


def test_numbers_of_several_lists_become_one_mark_a_question_and_the_later_counts() -> None:
    first, second = marks(("a", 1), ("b", 2)), marks(("a", 3))
    first[0] = replace(first[0], values={"k": 0, "m": 1})
    second[0] = replace(second[0], values={"m": 3, "n": 4})
    whole = replace(first[0], values={"k": 0, "m": 3, "n": 4})
    assert merged(first, second) == (whole, first[1])
    assert having(merged(first, second), "n") == [whole]


def test_a_difference_goes_by_the_cluster_and_without_questions_nothing_is_known() -> None:
    ours = [replace(one, cluster=name) for one, name in zip(marks(("a", 1), ("a", 2), ("a", 6)), "xxy", strict=True)]
    found = difference(ours, marks(("a", 0), ("a", 0), ("a", 0)), "m")
    assert found.mean == 3
    assert found.error == pytest.approx(math.sqrt((9 + 9) * 2) / 3)
    assert math.isnan(difference([], [], "m").mean)
    assert math.isnan(difference([], [], "m").error)
    assert mean(marks(("a", 1), ("a", 0)), "m").mean == 0.5


def test_categories_stand_in_the_order_of_their_names() -> None:
    easy, hard = marks(("a", 1), category="easy"), marks(("a", 0), ("b", 1), category="hard")
    assert list(by_category([*hard, *easy]).items()) == [("easy", easy), ("hard", hard)]
