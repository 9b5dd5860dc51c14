"""The words of the user that an operation rests on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.listeners.model_evidence import best_sentence, best_turn, find_quote
from treering.schemas.dialogue import Turn
from treering.schemas.listening import Window

CONTENT = "I said \u201cno\u201d. My  dog\u2019s called Rex!\nHe is \u2014 well \u2014 old\u2026 I live in Porto"


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("I live in Porto", "I live in Porto"),
        ("i LIVE in porto", "I live in Porto"),
        ("My dog's called Rex", "My  dog\u2019s called Rex"),
        ('I said "no".', "I said \u201cno\u201d."),
        ('"I live in Porto\u2026"', "I live in Porto"),
        ("He is - well - old", "He is \u2014 well \u2014 old"),
        ("I live in Faro", None),
        ("\u2026", "\u2026"),
        ("''", None),
    ],
)
def test_a_loose_quote_becomes_the_words_as_they_stand(quote: str, found: str | None) -> None:
    assert find_quote(quote, CONTENT) == found


@given(st.text(), st.text())
def test_the_best_sentence_occurs_in_the_text(about: str, content: str) -> None:
    assert best_sentence(about, content) in content


def test_the_best_sentence_shares_the_most_words() -> None:
    assert best_sentence("has an old dog called Rex", CONTENT) == "My  dog\u2019s called Rex!"


def test_the_best_turn_shares_the_most_words_or_is_none() -> None:
    at = datetime(2024, 3, 4, tzinfo=UTC)
    said = ["I like figs.", "My dog likes figs."]
    turns = [
        Turn(message_id=text, session="s", index=n, seq=n, role="user", content=text, at=at)
        for n, text in enumerate(said)
    ]
    window = Window(session="s", turns=tuple(turns))
    assert best_turn("has a dog that likes figs", window) == turns[1]
    assert best_turn("likes figs", window) == turns[0]
    assert best_turn("plays chess", window) is None
    assert best_turn("plays chess", Window(session="s", turns=(turns[0],))) == turns[0]
