"""Who answers without a model: by length, by shared words, and by a line of the memory where there are no options."""

from __future__ import annotations

import pytest

from treering.bench.choice.answerers import LongestOption, SharedWords
from treering.bench.choice.prompts import UNKNOWN, Prompt

MEMORY = """\
2024-03-01 ada: I live in Porto with my greyhound.
2024-03-02 ada: The greyhound is called Comet.
2024-03-03 ada: I live near the greyhound stadium."""


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("What is the greyhound called?", 1),  # the rarer word decides
        ("Do I have a greyhound?", 2),  # of equal ones the last
        ("What do I live near, a stadium?", 2),
    ],
)
def test_words_reads_out_the_line_that_shares_most_rare_words(question: str, line: int) -> None:
    prompt = Prompt(memory=MEMORY, question=question, options=(), day="2024-03-04")
    assert SharedWords().answer(prompt).text == MEMORY.splitlines()[line]


@pytest.mark.parametrize(("memory", "question"), [("", "Where?"), (MEMORY, "Which bakery?"), (MEMORY, "Who is it?")])
def test_words_knows_nothing_where_no_line_shares_a_word(memory: str, question: str) -> None:
    assert SharedWords().answer(Prompt(memory=memory, question=question, options=(), day="")).text == UNKNOWN


def test_the_length_rule_knows_nothing_where_there_is_nothing_to_be_long() -> None:
    assert LongestOption().answer(Prompt(memory=MEMORY, question="Where?", options=(), day="")).text == UNKNOWN
