"""Text is judged in a plain form, and the way back to how it was written is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.wording.folding import fold, folded, hides_text


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("\uff29\uff47\uff4e\uff4f\uff52\uff45", "Ignore"),
        ("i\u200bg\u00adno\u2060re", "ignore"),
        ("\u0456gn\u043er\u0435", "ignore"),
        ("\u0430\u0435\u043e in a Latin text", "aeo in a Latin text"),
        ("\U0001d422\U0001d420\U0001d427\U0001d428\U0001d42b\U0001d41e", "ignore"),
        ("i\u0307g\u0301nore \u0130g\u1e45\u022fr\u00e9", "ignore Ignore"),
        ("\u24d8gnore", "ignore"),
        ("\u201cyes\u201d \u2014 it\u2019s", '"yes" - it\'s'),
        ("\u043f\u0440\u0438\u0432\u0435\u0442", "\u043f\u0440\u0438\u0432\u0435\u0442"),
        ("\u03ba\u03b1\u03bb\u03b7\u03bc\u03ad\u03c1\u03b1", "\u03ba\u03b1\u03bb\u03b7\u03bc\u03ad\u03c1\u03b1"),
        ("\u0441\u043e ab", "\u0441\u043e ab"),
        ("\u0441\u043e\u043a ab", "\u0441\u043e\u043a ab"),
        ("\u043f\u0440\u0430\u0432 and more of it", "\u043f\u0440\u0430\u0432 and more of it"),
        ("\u0939\u093e\u0901 \u662f\u7684", "\u0939\u093e\u0901 \u662f\u7684"),
    ],
)
def test_tricks_are_seen_through_and_languages_stay(written: str, plain: str) -> None:
    assert fold(written) == plain
    assert folded(written).text == plain


@given(st.text(max_size=60))
def test_every_place_leads_back_to_its_character(text: str) -> None:
    plain = folded(text)
    assert plain.text == fold(text)
    for place in range(len(plain.text)):
        start, end = plain.original(place, place + 1)
        assert fold(text[start:end]) or not text[start:end].isascii()
        assert 0 <= start < end <= len(text)


@pytest.mark.parametrize(
    ("text", "hides"),
    [
        ("I love \u202esdrawkcab\u202c", True),
        ("I love tea\U000e0049\U000e0067", True),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f is my flag", False),
        ("\u200f\u05e9\u05dc\u05d5\u05dd\u200e", False),
        ("\U0001f469\u200d\U0001f4bb at work", False),
    ],
)
def test_what_reverses_or_hides_text(text: str, hides: bool) -> None:
    assert hides_text(text) is hides


def test_a_span_ends_just_behind_its_last_character() -> None:
    text = "le\u0301che"
    assert [folded(text).original(start, end) for start, end in ((0, 1), (1, 3), (0, 5))] == [(0, 1), (1, 4), (0, 6)]


def test_a_flag_alone_hides_no_override_behind_it() -> None:
    flag = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    assert hides_text(f"{flag} I love \u202esdrawkcab")
