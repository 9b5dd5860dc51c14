"""A text is found again whatever its case, spacing, punctuation and escapes, and nothing else is taken for it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.repetition import MAX_PHRASES, NOTHING_SOUGHT, Sought, is_telling, normal_form

SAID = "Ich heiße Zoë, and I'm allergic to peanuts"


@pytest.mark.parametrize(
    "text",
    [
        SAID,
        f"Well: {SAID.upper()}!",
        SAID.replace(" ", "\n  "),
        SAID.replace("I'm", "I\u2019m"),
        json.dumps(SAID),
        json.dumps({"raw": json.dumps([f"line\n{SAID}"])}),
    ],
)
def test_a_repetition_is_found(text: str) -> None:
    assert Sought.of([SAID]).is_said_in(text)


@pytest.mark.parametrize("text", ["I'm allergic to peanutsx", "xI'm allergic to peanuts", "I'm allergic. To nuts", ""])
def test_a_part_of_a_word_is_no_repetition(text: str) -> None:
    assert not Sought.of(["I'm allergic to peanuts"]).is_said_in(text)


def test_texts_do_not_run_into_each_other() -> None:
    assert not Sought.of(["likes green tea"]).is_said_in("likes", "green tea")


@pytest.mark.parametrize("text", ["I am vegan", "works as a nurse", "私は東京に住んでいます", "jest mi zimno"])
def test_a_telling_text_has_three_words_or_as_many_pairs_of_characters(text: str) -> None:
    assert is_telling(text)


@pytest.mark.parametrize("text", ["", "Yes.", "my sister", "so am I", "!!! ... ???", "[forgotten]"])
def test_what_too_many_say_is_not_telling(text: str) -> None:
    assert not is_telling(text)
    assert not Sought.of([text])


def test_what_was_asked_for_is_looked_for_however_short() -> None:
    sought = Sought.of((), about="My boat")
    assert sought.is_said_in("There is a boat of mine")
    assert sought.is_said_in("BOATS")
    assert not sought.is_said_in("my house")
    assert Sought.of((), about="yes").is_said_in("Yes!")


def test_nothing_is_sought_nowhere() -> None:
    assert not NOTHING_SOUGHT
    assert not NOTHING_SOUGHT.is_said_in("anything at all")


@given(st.text(max_size=30), st.text(max_size=20), st.text(max_size=20))
def test_whatever_holds_a_text_repeats_it(text: str, before: str, after: str) -> None:
    if is_telling(text):
        assert Sought.of([text]).is_said_in(f"{before} {text} {after}")


@given(st.lists(st.sampled_from(["red", "green", "blue tea", "tea cup", "cup"]), min_size=1, max_size=6))
def test_of_several_texts_any_is_enough(parts: list[str]) -> None:
    texts = ["red green blue", "tea cup cup red green", "blue tea cup"]
    said = " ".join(parts)
    expected = any(f" {normal_form(text)} " in f" {normal_form(said)} " for text in texts)
    assert Sought.of(texts).is_said_in(said) == expected


@given(st.lists(st.sampled_from(["red", "green", "blue", "tea", "cup"]), min_size=1, max_size=8))
def test_many_texts_are_found_as_few_are(parts: list[str]) -> None:
    texts = ["red green blue", "tea cup cup red", "blue tea cup"]
    others = [f"nobody says {number}" for number in range(MAX_PHRASES)]
    said = " ".join(parts)
    assert Sought.of([*texts, *others]).is_said_in(said) == Sought.of(texts).is_said_in(said)
