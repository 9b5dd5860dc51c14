"""A quote is found with the slips of whoever copied it, and never with other words."""

from __future__ import annotations

from time import process_time

import pytest

from treering.memory.wording.quoting import locate

CONTENT = "Well, I\u2019m allergic to peanuts and shellfish, sadly. \u201cI love jazz\u201d, they say. I have 12 cats."


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("allergic to peanuts", "allergic to peanuts"),
        ("ALLERGIC  to\npeanuts", "allergic to peanuts"),
        ("I'm allergic to peanuts", "I\u2019m allergic to peanuts"),
        ("I'm allergic to peanuts and shellfish sadly", "I\u2019m allergic to peanuts and shellfish, sadly"),
        ("I'm alergic to peanuts and shelfish", "I\u2019m allergic to peanuts and shellfish"),
        ("allergic to penauts and shellfish", "allergic to peanuts and shellfish"),
        ('"I love jazz"', "\u201cI love jazz\u201d"),
    ],
)
def test_small_slips_are_forgiven(quote: str, found: str) -> None:
    span = locate(quote, CONTENT)
    assert span is not None
    assert CONTENT[slice(*span)] == found


@pytest.mark.parametrize(
    "quote",
    [
        "I'm not allergic to peanuts and shellfish",
        "I'm allergic to walnuts and shellfish",
        "allergic to peanuts and to shellfish",
        "I have 13 cats",
        "I have 12 cars",
        "I hate jazz, they say",
        "peanut",
        "   ",
    ],
)
def test_other_words_are_not(quote: str) -> None:
    found = locate(quote, CONTENT)
    assert found is None or CONTENT[slice(*found)] == quote


@pytest.mark.parametrize(
    ("said", "claimed"),
    [
        ("I do not like jazz in the evening at all", "I do like jazz in the evening at all"),
        ("I dislike jazz in the evening", "I like jazz in the evening"),
        ("I can't eat nuts or shellfish at home", "I can eat nuts or shellfish at home"),
        ("I am an atheist and proud of it", "I am a theist and proud of it"),
        ("It is impossible for me to eat fish", "It is possible for me to eat fish"),
    ],
)
def test_no_slip_turns_a_meaning_round(said: str, claimed: str) -> None:
    assert locate(claimed, said) is None
    assert locate(said, claimed) is None


def test_invisible_and_accented_letters_are_seen_through_and_kept() -> None:
    content = "I l\u200bove caf\u00e9 con le\u0301che"
    span = locate("I love cafe con leche", content)
    assert span is not None
    assert content[slice(*span)] == content


def test_languages_without_spaces_are_quoted_as_they_stand() -> None:
    assert locate("\u5bf9\u82b1\u751f\u8fc7\u654f", "\u6211\u5bf9\u82b1\u751f\u8fc7\u654f\u3002") == (1, 6)
    assert locate("\u5bf9\u725b\u5976\u8fc7\u654f", "\u6211\u5bf9\u82b1\u751f\u8fc7\u654f\u3002") is None


def test_the_largest_message_costs_a_moment() -> None:
    content = "I really like tea, and I am fond of caf\u00e9s. " * 5_500
    began = process_time()
    assert locate("I definitely dislike green cheese on toast " * 4, content) is None
    assert process_time() - began < 1.0
