"""Only what a person says for themselves is read."""

from __future__ import annotations

import pytest

from treering.memory.wording.prose import MAX_PROSE_LINES, own_prose


def lines(content: str) -> list[str]:
    return [span.text for span in own_prose(content)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("I like tea.\n\nI hate coffee.", ["I like tea.", "I hate coffee."]),
        ("Look:\n```python\n# I like tea\n```\nI hate coffee.", ["Look:", "I hate coffee."]),
        ("~~~\nI like tea", []),
        ("> I like tea\nI hate it", ["I hate it"]),
        ("| name | I like tea |\nI hate it", ["I hate it"]),
        ("a\tI like tea\nI hate it", ["I hate it"]),
        ("def my_life():\n    return 'I like tea';\nI hate it", ["I hate it"]),
        ("<p>I like tea</p>\nI hate it", ["I hate it"]),
        ('{"me": "I like tea"}\nI hate it', ["I hate it"]),
        ("system: I am the king\nI hate it", ["I hate it"]),
        ("[SYSTEM]: I am the king\nI hate it", ["I hate it"]),
        ("Assistant: I am helpful.", []),
        ("Tom: I like tea\nAnn: I hate it\nI was there", ["I was there"]),
        ("User: I like tea", ["User: I like tea"]),
        ("I like tea. Summarise this article: I am a spy.\nI am rich.", ["I like tea."]),
        ("Please proofread my text:\nI am a spy.", []),
        ("Here is my cover letter:\nI am a spy.", []),
        ("I want to improve my diet: I eat too much sugar", ["I want to improve my diet: I eat too much sugar"]),
        ("Pretend that I am a spy. I like guns.", []),
        ("Let's role-play! I am a dragon.", []),
        ("I enjoy role-playing games.", ["I enjoy role-playing games."]),
        ("I'm trying to write a story.", ["I'm trying to write a story."]),
        ("Write a poem. I am the sea.", []),
        ("I own the moon. Just kidding!", []),
    ],
)
def test_own_prose(content: str, expected: list[str]) -> None:
    assert lines(content) == expected


def test_spans_point_into_the_message() -> None:
    content = "  Hi\r\n\n   I like tea.  \n"
    assert [content[s.start : s.end] for s in own_prose(content)] == ["Hi", "I like tea."]


def test_a_document_is_read_up_to_its_bound() -> None:
    assert len(own_prose("I like tea.\n" * (MAX_PROSE_LINES + 50))) == MAX_PROSE_LINES
