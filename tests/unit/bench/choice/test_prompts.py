"""A prompt asks for what is wanted, and what it quotes cannot leave its fence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.bench.choice.prompts import UNKNOWN, prompt_of
from treering.bench.samples import Question

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("question", "asks_for"),
    [
        (Question(id="q", text="Where?", at=NOON, options=("Porto", "Leeds")), "(b) Leeds"),
        (Question(id="q", text="Where?", at=NOON), UNKNOWN),
        (Question(id="q", text="Book me a flight.", at=NOON, is_request=True), "do what they ask"),
    ],
)
def test_each_kind_of_question_is_asked_in_its_own_words_over_the_same_memory(
    question: Question, asks_for: str
) -> None:
    text = prompt_of(question, "She lives in {Porto}.").text
    assert asks_for in text
    assert "She lives in {Porto}." in text
    assert sum(words in text for words in ("(b) Leeds", UNKNOWN, "do what they ask")) == 1


@given(st.lists(st.sampled_from(["<", "/", " ", "memory", "MESSAGE", ">", "</memory>", "x"]), max_size=12).map("".join))
def test_nothing_that_is_quoted_opens_or_closes_a_fence(quoted: str) -> None:
    plain = prompt_of(Question(id="q", text="?", at=NOON), "").text
    text = prompt_of(Question(id="q", text=quoted, at=NOON), quoted).text
    for tag in ("<memory>", "</memory>", "<message>", "</message>"):
        assert text.lower().count(tag) == plain.count(tag)
