"""Sentences keep their exact place in the message."""

from __future__ import annotations

import pytest

from treering.memory.wording.sentences import MAX_LINE_CHARS, Span, sentences


def texts(line: str) -> list[str]:
    return [sentence.text for sentence in sentences(Span(text=line, start=0))]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("I met Dr. Smith at 5 p.m. yesterday. He was late.", ["I met Dr. Smith at 5 p.m. yesterday.", "He was late."]),
        ("He's nice... I think.", ["He's nice... I think."]),
        ("I love it!! Really?", ["I love it!!", "Really?"]),
        ("I love jazz 🎷 I hate rock", ["I love jazz 🎷", "I hate rock"]),
        ("- I like tea", ["I like tea"]),
        ("2. I like tea. And coffee.", ["I like tea.", "And coffee."]),
        ("i moved to berlin. i have a dog", ["i moved to berlin.", "i have a dog"]),
        ("I live in the U.S. now.", ["I live in the U.S. now."]),
        ("   ", []),
        ("", []),
        ("x" * MAX_LINE_CHARS, ["x" * MAX_LINE_CHARS]),
        ("x" * (MAX_LINE_CHARS + 1), []),
    ],
)
def test_a_line_falls_into_its_sentences(line: str, expected: list[str]) -> None:
    assert texts(line) == expected


def test_a_sentence_knows_where_it_stands() -> None:
    content = "Hi!  1) I have a dog 🐶. I love him."
    for sentence in sentences(Span(text=content, start=0)):
        assert content[sentence.start : sentence.end] == sentence.text
