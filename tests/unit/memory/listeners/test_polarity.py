"""Polarity, topics and names, by example."""

from __future__ import annotations

import pytest

from treering.memory.listeners.polarity import is_negative, shared, specifics, topic


@pytest.mark.parametrize(
    ("text", "negative"),
    [
        ("loves jazz", False),
        ("can't stand jazz", True),
        ("can't wait for jazz", False),
        ("doesn't dislike jazz", False),
        ("no longer eats meat", True),
        ("hates mushrooms", True),
        ("used to love jazz", True),
        ("never drinks alcohol", True),
        ("not only sings but also dances", False),
        ("lost interest in chess", True),
        ("", False),
    ],
)
def test_is_negative(text: str, negative: bool) -> None:
    assert is_negative(text) is negative


@pytest.mark.parametrize(
    ("text", "stems"),
    [
        ("loves hiking with their dog", {"hike", "dog"}),
        ("eats meat", {"meat"}),
        ("can't stand jazz any more", {"jazz"}),
        ("I forgot my ex's name", {"forgot", "ex", "name"}),
        ("", set()),
    ],
)
def test_topic(text: str, stems: set[str]) -> None:
    assert topic(text) == stems


def test_specifics_are_names_and_numbers() -> None:
    assert specifics("has a dog named Biscuit, born 2019.") == {"biscuit", "2019"}


def test_shared_is_a_part_of_the_shorter_topic() -> None:
    assert shared(frozenset("ab"), frozenset("bcd")) == 0.5
    assert shared(frozenset(), frozenset("a")) == 0.0
