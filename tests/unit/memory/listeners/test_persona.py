"""What an assistant says of itself, and its small talk."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from treering.memory.listeners.persona import persona, speaks_of_itself
from treering.schemas.dialogue import Role, Turn

AT = datetime(2024, 3, 5, tzinfo=UTC)


def turn(content: str, role: Role = "assistant", seq: int = 2) -> Turn:
    return Turn(message_id=f"m{seq}", session="s", index=seq, seq=seq, role=role, content=content, at=AT)


def stated(content: str, asked: str = "Hello!") -> list[str]:
    return [heard.text for heard in persona(turn(content), turn(asked, "user", 1))]


@pytest.mark.parametrize(
    ("content", "claims"),
    [
        ("I'm Sol, I was made in Lisbon.", ["is named Sol", "was made in Lisbon"]),
        ("Hi there! My name is Ada Byte. I grew up in Leeds.", ["is named Ada Byte", "grew up in Leeds"]),
        ("Well, I come from Porto, and I have two cats. How about you?", ["comes from Porto", "has two cats"]),
        ("My favourite colour is green.", ["their favourite colour is green"]),
        ("Oh, I work as a park ranger.", ["works as a park ranger"]),
        ("I\u2019m Sol.", ["is named Sol"]),
    ],
)
def test_a_persona_is_heard(content: str, claims: list[str]) -> None:
    assert stated(content) == claims
    assert speaks_of_itself(turn(content))


@pytest.mark.parametrize(
    "content",
    [
        "I understand. I can help with that!",
        "I'm sorry to hear that.",
        "I'm happy to help you plan your trip to Porto.",
        "I'm Sorry, that did not work.",
        "I am an AI language model, so I have no birthday.",
        "I'm ChatBot, a language model.",
        "I was trained on data up to 2023.",
        "I love that idea! I'd go with the blue one.",
        "I have two suggestions for you.",
        "I work for you.",
        "I live in your phone.",
        'You could say: "I\'m Sol, I was made in Lisbon."',
        "> I'm Sol.\n> I was made in Lisbon.",
        "```\nI'm Sol.\n```\nI was made in Lisbon.",
        "Were you told that I was made in Lisbon?",
        "I'm Sol. " + "The next step is simple. " * 9,
        "",
    ],
)
def test_small_talk_and_texts_for_somebody_are_no_persona(content: str) -> None:
    assert stated(content) == []


@pytest.mark.parametrize("asked", ["Write a short bio of me.", "Please translate this.", "Pretend to be a pirate!"])
def test_what_was_asked_for_is_no_persona(asked: str) -> None:
    assert stated("I'm Sol, I was made in Lisbon.", asked) == []


def test_only_an_assistant_has_a_persona() -> None:
    assert persona(turn("I'm Sol, I was made in Lisbon.", "user")) == ()
    assert persona(turn("I'm Sol, I was made in Lisbon.", "tool")) == ()
