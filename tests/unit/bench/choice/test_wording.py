"""A free answer is compared by its words, however it is written, and "nothing is known" is told from an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.bench.choice.metrics.wording import ANSWER_WORDS, abstains, f1, has_all, is_exact

WORDS = st.lists(st.sampled_from(["Porto", "7", "May", "dogs", "running", "Leeds", "José", "1,200"]), max_size=6)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("2023-05-07", "7 May 2023"),
        ("May 7th, 2023.", "7 May 2023"),
        ("the cat and two dogs", "Two dogs, a cat"),
        ("JOSE", "José"),
        ("1,200 miles", "1200 mile"),
        ("Charlotte\u2019s Web", "Charlotte's web"),
    ],
)
def test_what_says_the_same_is_the_same(answer: str, right: str) -> None:
    assert is_exact(answer, right)
    assert has_all(answer, right)
    assert f1(answer, right) == 1.0


@pytest.mark.parametrize(
    ("answer", "right"), [("8 May 2023", "7 May 2023"), ("", "Porto"), ("Leeds", ""), ("a dog", "two dogs, a cat")]
)
def test_a_word_that_is_missing_is_missing(answer: str, right: str) -> None:
    assert not is_exact(answer, right)
    assert not has_all(answer, right)
    assert f1(answer, right) < 1.0


@given(WORDS, WORDS)
def test_the_measure_is_symmetric_between_nothing_and_the_same(one: list[str], other: list[str]) -> None:
    answer, right = " ".join(one), " ".join(other)
    assert f1(answer, right) == f1(right, answer)
    assert 0.0 <= f1(answer, right) <= 1.0
    assert (f1(answer, right) == 1.0) == is_exact(answer, right)
    assert has_all(answer, right) or not is_exact(answer, right)


def test_who_reads_out_everything_has_not_answered() -> None:
    assert has_all("so " * ANSWER_WORDS + "Porto", "Porto")
    assert not has_all("so " * (ANSWER_WORDS + 1) + "Porto", "Porto")


@pytest.mark.parametrize(
    "answer",
    [
        "I do not know.",
        "I don\u2019t know when she moved",
        "Unknown.",
        "Not mentioned",
        "Sorry, I cannot tell.",
        "I'm sorry, but I don't know.",
        "Based on the memory, I cannot determine this.",
        "The memory does not say when she moved.",
        "It is not mentioned in the memory. It only speaks of Porto.",
        "There is no information about that.",
        "We have no record of it",
        "This cannot be determined.",
    ],
)
def test_an_answer_that_says_that_nothing_is_known_abstains(answer: str) -> None:
    assert abstains(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "No",
        "None",
        "Porto",
        "an unknown street",
        "I have no car",
        "I could not swim",
        "She did not tell her sister",
        "He does not eat meat",
        "I do not know the day, but it was in May.",
        "2023-05-07 ada: I don't know what to do",
    ],
)
def test_an_answer_that_says_something_does_not(answer: str) -> None:
    assert not abstains(answer)
