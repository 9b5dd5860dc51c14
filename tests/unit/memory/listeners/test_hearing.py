"""What a whole message states, asks for and takes for granted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from treering.memory.listeners.hearing import hear
from treering.schemas.dialogue import Role, Turn

AT = datetime(2024, 3, 5, 12, tzinfo=UTC)


def turn(content: str, role: Role = "user") -> Turn:
    return Turn(message_id="m", session="s", index=0, seq=1, role=role, content=content, at=AT)


def heard(content: str, question: str | None = None) -> list[tuple[str, str]]:
    before = None if question is None else turn(question, "assistant")
    return [(item.kind, item.text) for item in hear(turn(content), before)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "I'm planning a trip to Oslo, could you find a cabin with a sauna?",
            [("claim", "is planning a trip to Oslo"), ("wish", "wants a cabin with a sauna")],
        ),
        ("Any news of my favorite runner, Ana Lopes?", [("wish", "their favorite runner is Ana Lopes")]),
        (
            "I love my new job. It's in Porto.",
            [("claim", "loves their new job"), ("claim", "their new job is in Porto")],
        ),
        ("I have a dog. He's called Rex.", [("claim", "has a dog"), ("claim", "has a dog named Rex")]),
        ("The doctor put me on metformin.", [("claim", "was put on metformin by the doctor")]),
        ("I love jazz. Sure, I love being stuck in traffic.", [("claim", "loves jazz")]),
        ("I'm dying for a coffee.", []),
        ("What is the capital of Peru?", []),
        ("Could you write a poem about my sister?", []),
        ("She asked: could you find a cabin with a sauna?", []),
        ('He said "I want a cabin with a sauna".', []),
    ],
)
def test_a_message_gives_what_it_states_and_what_it_asks_for(content: str, expected: list[tuple[str, str]]) -> None:
    assert heard(content) == expected


def test_a_few_words_are_an_answer_where_a_choice_was_asked_for() -> None:
    assert heard("A bunk by the window.", "Which bed would you like?") == [("wish", "wants a bunk by the window")]
    assert heard("A bunk by the window.", "How did you sleep?") == []


def test_invisible_characters_hide_nothing_and_stay_in_the_quote() -> None:
    said = turn("Hi\u2060! I\u200b play\ufeff the harp. I don\u2019t eat meat.")
    found = hear(said)
    assert [item.text for item in found] == ["plays the harp", "doesn't eat meat"]
    assert [item.quote.text for item in found] == ["I\u200b play\ufeff the harp.", "I don\u2019t eat meat."]
    assert all(said.content[item.quote.start : item.quote.end] == item.quote.text for item in found)
