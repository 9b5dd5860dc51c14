"""What is not meant as it is said, by example."""

from __future__ import annotations

import pytest

from treering.memory.listeners.irony import is_figure, is_ironic


@pytest.mark.parametrize(
    "sentence",
    [
        "Sure, I love being stuck in traffic.",
        "I just love paperwork on a Sunday.",
        "Oh great, I love working weekends.",
        "I adore it when my laptop crashes.",
        "I'm thrilled about unpaid overtime.",
        "Yeah right, I love cold soup.",
        "I love Mondays, said no one ever.",
        "I love queues \U0001f644",
        "I love their new logo... not!",
        "I'm obviously a morning person (irony off).",
        "Thanks, computer, I really enjoy losing three hours of work.",
    ],
)
def test_sarcasm_with_a_clear_cue_is_seen(sentence: str) -> None:
    assert is_ironic(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "I love working nights, the ward is quiet then.",
        "Oh great, I live in Porto too!",
        "I just love rainbows.",
        "Sure, I love jazz.",
        "I love my job, not the commute.",
        "I hate being stuck in traffic.",
        "I enjoy getting up at six.",
        "I just love Mondays, no joke.",
        "I love being stuck in a good book.",
    ],
)
def test_what_is_meant_is_not_taken_for_sarcasm(sentence: str) -> None:
    assert not is_ironic(sentence)


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("I'm dying for a coffee", True),
        ("I'm so hungry I could eat a horse", True),
        ("I'm really tired today", True),
        ("I'm tired of night shifts", False),
        ("I'm full of ideas for the garden", False),
        ("I have two cats", False),
    ],
)
def test_figures_of_speech_and_passing_moods(clause: str, *, expected: bool) -> None:
    assert is_figure(clause) is expected
