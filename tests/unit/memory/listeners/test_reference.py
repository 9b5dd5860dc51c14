"""Pronouns that point to the sentence before, by example."""

from __future__ import annotations

import pytest

from treering.memory.listeners.reference import antecedent, resolved


@pytest.mark.parametrize(
    ("before", "sentence", "expected"),
    [
        ("I love my new job.", "It's at a hospital in Porto.", "my new job is at a hospital in Porto."),
        ("We moved into our, well, my first flat.", "It was near the river", "my first flat was near the river"),
        ("I have a dog.", "He's called Rex.", "my dog is called Rex"),
        ("We adopted a small rescue cat in May.", "Her name is Mia.", "my cat is called Mia"),
        ("I love my new job and my new flat.", "It's in Porto.", None),
        ("I have a dog and a cat.", "He's called Rex.", None),
        ("I have a sister.", "She is nice.", None),
        ("I love jazz.", "It's on at eight.", None),
        (None, "It's in Porto.", None),
    ],
)
def test_a_pronoun_is_resolved_where_one_thing_only_can_be_meant(
    before: str | None, sentence: str, expected: str | None
) -> None:
    assert resolved(sentence, before) == expected


def test_the_antecedent_must_be_the_only_one() -> None:
    assert antecedent("I sold my car.") == "my car"
    assert antecedent("My car is by my house.") is None
