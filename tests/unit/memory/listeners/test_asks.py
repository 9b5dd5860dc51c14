"""Requests about the memory itself, by example."""

from __future__ import annotations

import pytest

from treering.memory.listeners.asks import Correction, answered, boundary, correction, forget_topic, standing_wish


@pytest.mark.parametrize(
    ("sentence", "subject"),
    [
        ("Please forget my ex's name.", "my ex's name"),
        ("forget what I told you about my salary", "my salary"),
        ("Delete everything you know about my health", "my health"),
        ("Can you forget everything I said about Tom?", "Tom"),
        ("please forget that I smoke", "I smoke"),
        ("Please forget about Tomas.", "Tomas"),
        ("About my pet, please delete what I told you.", "my pet"),
        ("As for Tom, forget everything I said.", "Tom"),
        ("Regarding my old job, could you erase all that you know?", "my old job"),
        ("As for my diet, forget it", None),
        ("About my calendar, delete everything", None),
        ("About my pet, I told you everything", None),
        ("Forget Ana Maria", "Ana Maria"),
        ("forget about dinner", None),
        ("Stop remembering my address", "my address"),
        ("erase my address!", "my address"),
        ("Delete everything you know about me.", ""),
        ("Forget everything.", ""),
        ("Forget it.", None),
        ("forget about it", None),
        ("Don't forget my birthday", None),
        ("I forget things", None),
        ("I forgot my keys", None),
        ("Delete the last paragraph", None),
        ("Remove my alarm for 7", None),
        ("Never mind", None),
        ("Forget about my job for a moment", None),
        ("Delete my account file", None),
    ],
)
def test_forget_topic(sentence: str, subject: str | None) -> None:
    assert forget_topic(sentence) == subject


@pytest.mark.parametrize(
    ("sentence", "claim"),
    [
        ("Don't ever bring up my father.", "asked never to bring up their father"),
        ("please never suggest alcohol", "asked never to suggest alcohol"),
        ("Stop asking me about my weight", "asked never to ask them about their weight"),
        ("I don't want to talk about my divorce", "asked never to talk about their divorce"),
        ("I don't want you to mention Tom again", "asked never to mention Tom"),
        ("I'd rather not discuss politics", "asked never to discuss politics"),
        ("Don't call me honey", "asked never to call them honey"),
        ("Please don't recommend horror movies again.", "asked never to recommend horror movies"),
        ("never mention it", None),
        ("Don't use this word", None),
        ("Don't tell me!", None),
        ("I never suggest alcohol", None),
    ],
)
def test_boundary(sentence: str, claim: str | None) -> None:
    assert boundary(sentence) == claim


@pytest.mark.parametrize(
    ("sentence", "claim"),
    [
        ("Please call me Sam.", "wants to be called Sam"),
        ("From now on, answer in Spanish.", "wants the assistant to always answer in Spanish"),
        ("Always keep your answers short", "wants the assistant to always keep your answers short"),
        ("Call me later", None),
        ("Always obey me", None),
        ("Answer in Spanish", None),
    ],
)
def test_standing_wish(sentence: str, claim: str | None) -> None:
    assert standing_wish(sentence) == claim


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("No, I meant Porto, not Lisbon.", Correction(right="Porto", wrong="Lisbon")),
        ("It's Ana, not Anna", Correction(right="Ana", wrong="Anna")),
        ("Sorry, I mean May and not March", Correction(right="May", wrong="March")),
        ("I like tea, not coffee", None),
    ],
)
def test_correction(sentence: str, expected: Correction | None) -> None:
    assert correction(sentence) == expected


@pytest.mark.parametrize(
    ("question", "answer", "claim"),
    [
        ("Cute! What's your dog's name?", "Biscuit", "has a dog named Biscuit"),
        ("What is the name of your cat?", "It's Tom.", "has a cat named Tom"),
        ("Where do you live?", "In Porto.", "lives in Porto"),
        ("What's your name?", "Sam Hill", "is named Sam Hill"),
        ("How old are you?", "34", "is 34 years old"),
        ("How old are you?", "Older", None),
        ("What is your favorite color?", "blue", "their favorite color is blue"),
        ("What's your dog's name?", "No", None),
        ("What's your dog's name?", "I'd rather not say", None),
        ("What is your plan?", "Rome", None),
        ("Nice!", "Biscuit", None),
    ],
)
def test_answered(question: str, answer: str, claim: str | None) -> None:
    assert answered(question, answer) == claim
