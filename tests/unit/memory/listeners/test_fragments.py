"""What is wanted without being asked for, by example."""

from __future__ import annotations

import pytest

from treering.memory.listeners.fragments import asks_for_a_choice, passing_wish


@pytest.mark.parametrize(
    ("sentence", "claim"),
    [
        ("A window seat would be ideal.", "would like a window seat"),
        ("I think a rooftop terrace would be lovely.", "would like a rooftop terrace"),
        ("Something with a garden would suit us well.", "would like something with a garden"),
        ("The cabin by the lake sounds perfect!", "likes the cabin by the lake"),
        ("If they have a sauna, that would be a bonus.", "would like a sauna"),
        ("It's important to me to fly without a stop.", "finds it important to fly without a stop"),
        ("Ideally, somewhere with free parking.", "wants somewhere with free parking"),
        ("Maybe something like 'Solaris'?", "wants 'Solaris'"),
        ("Nothing too spicy, please.", "wants nothing too spicy"),
        ("That would be great!", None),
        ("It sounds perfect.", None),
        ("Your plan sounds great.", None),
        ("That option would work well.", None),
        ("The weather is nice.", None),
        ("Sunny and steep.", None),
        ("No problem, thanks!", None),
        ("Sort the table, please.", None),
        ("Nothing beats a hot bath.", "loves a hot bath"),
        ("Maybe they will come.", None),
    ],
)
def test_a_wish_in_passing(sentence: str, claim: str | None) -> None:
    assert passing_wish(sentence) == claim


@pytest.mark.parametrize(
    ("answer", "claim"),
    [
        ("Just on weekdays, please.", "wants it just on weekdays"),
        ("Around 7:30 AM.", "wants it around 7:30 AM"),
        ("A double room with a bath.", "wants a double room with a bath"),
        ("Yes, please.", None),
        ("None of them.", None),
        ("The manager was rude.", None),
        ("Thanks a lot!", None),
    ],
)
def test_a_few_words_answer_a_question(answer: str, claim: str | None) -> None:
    assert passing_wish(answer, is_answer=True) == claim


def test_a_phrase_is_an_answer_only_to_a_question_of_choice() -> None:
    assert passing_wish("A double room with a bath.") is None
    assert asks_for_a_choice("Sure. Which room would you like?")
    assert not asks_for_a_choice("How was Lisbon?")
    assert not asks_for_a_choice("I would like to help.")
