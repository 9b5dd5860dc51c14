"""What a sentence is, by example."""

from __future__ import annotations

import pytest

from treering.memory.listeners.filters import kind_of

CASES = {
    "statement": [
        "I live in Porto.",
        "I'm allergic to peanuts",
        "My sister is a nurse.",
        "I'd prefer a window seat.",
        "I would never eat snails.",
        "I take the train if it rains.",
        "Yes, I'm vegan!",
        "What I love most is the sea.",
        "I love how quiet it is here.",
        'My favorite book is "The Name of the Rose".',
        "We have two kids.",
        "Jazz makes me happy.",
        "I remember my first concert.",
        "I've always been shy.",
        "I hate questions",
    ],
    "question": [
        "Do I need a visa?",
        "Should I move?",
        "What can I cook tonight",
        "I'm right, right?",
        "How do I reset my password",
        "I should go, shouldn't I? 😀",
        "And can you tell me where my bag is",
    ],
    "hypothetical": [
        "If I lived in Porto, I'd surf.",
        "I would move to Rome.",
        "I might get a dog.",
        "Maybe I should sell my car.",
        "I wish I had a brother.",
        "Suppose I have diabetes.",
        "I feel as if I were a king.",
        "I'd be a bad cook.",
        "I could have been a doctor.",
    ],
    "quotation": [
        '"I love cats," she said.',
        "He said I was lazy.",
        'The song goes "I will survive".',
        "My mother says I'm too thin.",
        "She told me \u201cI hate you\u201d.",
    ],
    "courtesy": [
        "I think that's great",
        "I hope you are well.",
        "Thanks, I appreciate it!",
        "I see.",
        "I agree with you.",
        "I'm glad you asked.",
        "I don't know.",
        "Thank you for my results.",
        "I'd appreciate your help.",
        "I have a question about my order.",
        "I'll let you know.",
        "I can't wait to see it.",
    ],
    "request": [
        "Tell me about my day.",
        "Please help me with my essay.",
        "Remind me to call.",
        "Give me a recipe.",
        "Show me my options.",
    ],
    "other": ["It rains.", "Paris is in France.", "😀", "Ok"],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in CASES.items() for text in texts])
def test_kind_of(kind: str, text: str) -> None:
    assert kind_of(text) == kind
