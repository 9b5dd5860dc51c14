"""What a question takes for granted, by example."""

from __future__ import annotations

import pytest

from treering.memory.listeners.presupposed import presupposed


@pytest.mark.parametrize(
    ("sentence", "claims"),
    [
        ("Any news of my favorite runner, Ana Lopes?", ["their favorite runner is Ana Lopes"]),
        (
            "Are my favourite bands like Low, Air and Beach House on tour?",
            ["their favourite bands are Low, Air and Beach House"],
        ),
        ("When does my favourite film 'Solaris' run?", ["their favourite film is 'Solaris'"]),
        ("What is your favorite film, Ana?", []),
        ("What could be my favourite film?", []),
    ],
)
def test_presupposed(sentence: str, claims: list[str]) -> None:
    assert list(presupposed(sentence)) == claims
