"""Jokes that say so, and the fixed forms of sarcasm."""

from __future__ import annotations

import pytest

from treering.memory.wording.irony import is_flagged_joke, is_sarcastic


@pytest.mark.parametrize(
    ("text", "jokes", "is_meant_otherwise"),
    [
        ("I own the moon, just kidding!", True, False),
        ("I am the queen of England", True, False),
        ("I love traffic /s", True, False),
        ("I'm not joking, I love it.", False, False),
        ("Oh great, another meeting.", False, True),
        ("I just love it when my train is late", False, True),
        ("I love it when my sister visits.", False, False),
    ],
)
def test_what_is_not_meant_has_a_sign(text: str, *, jokes: bool, is_meant_otherwise: bool) -> None:
    assert (is_flagged_joke(text), is_sarcastic(text)) == (jokes, is_meant_otherwise)
