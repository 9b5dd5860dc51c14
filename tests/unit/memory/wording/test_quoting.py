"""A quote is found with the slips of whoever copied it, and never with other words."""

from __future__ import annotations

import pytest

from tests.growth import assert_linear, repeated
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
    def look(content: str) -> None:
        assert locate("I definitely dislike green cheese on toast " * 4, content) is None

    assert_linear(look, repeated("I really like tea, and I am fond of caf\u00e9s. "), 250_000)


@pytest.mark.parametrize(
    ("quote", "content", "found"),
    [
        ("likes  TEA", "I think she likes\n tea", "likes\n tea"),
        ("alergic to nuts", "I am allergic to nuts.", "allergic to nuts"),
        ("abcdefghijkl", "xx abcdefghijkm", "abcdefghijkm"),
        ("a longer quote with two slipps and no moree", "It is a longer quote with two slips and no more.", None),
        ("I enjoy swiming and sailling", "I enjoy swimming and sailing", "I enjoy swimming and sailing"),
        ("I enjoy swiming and sailling a lott", "I enjoy swimming and sailing a lot", None),
        ("realy like mangos", "I really like mangoes", None),
        ("I often play tennsi with Tom", "I often play tennis with Tom", "I often play tennis with Tom"),
        ("I often play tinnes with Tom", "I often play tennis with Tom", None),
        ("I often play dennis with Tom", "I often play tennis with Tom", None),
        ("I have a lot of room1 here", "I have a lot of room2 here", None),
        ("the icecream is very cold", "So the ice cream is very cold, yes", "the ice cream is very cold"),
        ("I dont eat any peanuts", "Well, I don't eat any peanuts.", "I don't eat any peanuts"),
        ("I don't eat any peanuts", "Well, I dont eat any peanuts.", "I dont eat any peanuts"),
        ("swim every morning early", "I swim every mornings early", "swim every mornings early"),
        ("I love my grandmother dearly", "We know I love my grandmothe dearly, so", "I love my grandmothe dearly"),
        ("I love green apples most", "Do I love greens apples most?", "I love greens apples most"),
        ("yes I love grean tea", "But yes, I love green tea", "yes, I love green tea"),
        ("STRASSE ist hier lang", "Die Stra\u00dfe ist hier lang", None),
    ],
)
def test_how_many_slips_of_which_kind_are_forgiven(quote: str, content: str, found: str | None) -> None:
    span = locate(quote, content)
    assert (span and content[slice(*span)]) == found


TOLD = (
    "we often eat green apples and rice at home, my sister plays tennis with friends in summer, "
    "she bought another bicycle for the holidays, I really enjoy swimming in the river at night"
)


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("anothber bicycle for the", "another bicycle for the"),
        ("scister plays tennis with", "sister plays tennis with"),
        ("bicycle for the holidbays", "bicycle for the holidays"),
        ("plays tenns with friends", "plays tennis with friends"),
        ("boughbt aanother bicycle", "bought another bicycle"),
        ("placys tbennis with friends in", "plays tennis with friends in"),
        ("rally enjoy swimming", "really enjoy swimming"),
        ("sistaer plays taennis", "sister plays tennis"),
        ("bcycle for the", "bicycle for the"),
        ("reaally enjaoy swimming", "really enjoy swimming"),
        ("reaally enjoy sbwimming in the river", "really enjoy swimming in the river"),
        ("plaays tennis with frciends", "plays tennis with friends"),
        ("another bcycle for the holiday", "another bicycle for the holidays"),
        ("my siter plays tennis with frieds in", "my sister plays tennis with friends in"),
        ("I realy enjoy simming in", "I really enjoy swimming in"),
        ("reablly enjoy swimminx", "really enjoy swimming"),
        ("w often eat green apples", None),
        ("I really enjoy swimmmng", "I really enjoy swimming"),
    ],
)
def test_whole_words_are_found_wherever_the_slips_are(quote: str, found: str | None) -> None:
    """Where letters were added or left out, the best alignment begins or ends within a word, or a word too late."""
    if found is None:
        assert locate(quote, TOLD) is None
        return
    for content in (TOLD, found, f"so {found}", f"{found} too"):
        span = locate(quote, content)
        assert span is not None
        assert content[slice(*span)] == found


def test_of_two_places_the_first_is_meant_also_at_the_very_beginning() -> None:
    assert locate("tea", "tea and tea") == (0, 3)
    assert locate("TEA", "tea and tea") == (0, 3)


@pytest.mark.parametrize(("chars", "is_found"), [(11, False), (12, True), (1_000, True), (1_001, False)])
def test_slips_are_looked_for_in_quotes_of_some_length(chars: int, *, is_found: bool) -> None:
    rest = ("tea " * 300)[: chars - len("greeen ")]
    assert (locate(f"greeen {rest}", f"I like green {rest}") is not None) is is_found
