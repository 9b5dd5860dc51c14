"""A yes is a yes in several languages, and nothing more than that."""

from __future__ import annotations

import pytest

from treering.memory.wording.assent import MAX_ASSENT_WORDS, is_assent

YES = [
    "Yes.",
    "yeah, exactly",
    "Yep!",
    "That's right",
    "Oh yes, I do",
    "Correct.",
    "S\u00ed",
    "Oui, c'est \u00e7a",
    "Genau!",
    "Ja, stimmt",
]
YES += ["\u662f\u7684", "\u306f\u3044", "\u0434\u0430", "\ub124", "\u0646\u0639\u0645", "Of course", "I do"]
NO = [
    "No",
    "Yes?",
    "Yes, but not now",
    "Not really",
    "I have three cats",
    "True crime",
    "Maybe",
    "Sure thing, who knows",
    "",
]
NO += ["Right now I live in Porto", "Ja, aber nicht im Winter", "yes " * 9, "Yes, just kidding"]


@pytest.mark.parametrize("text", YES)
def test_a_yes(text: str) -> None:
    assert is_assent(text)


@pytest.mark.parametrize("text", NO)
def test_no_yes(text: str) -> None:
    assert not is_assent(text)


def test_a_yes_has_a_few_words() -> None:
    assert is_assent("yes " * MAX_ASSENT_WORDS)
    assert not is_assent("yes " * (MAX_ASSENT_WORDS + 1))
