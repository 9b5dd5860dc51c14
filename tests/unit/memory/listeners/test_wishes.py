"""What requests say of the one who makes them, by example."""

from __future__ import annotations

import pytest

from treering.memory.listeners.wishes import wish


@pytest.mark.parametrize(
    ("request_", "claim"),
    [
        ("Could you find a quiet hotel with a pool?", "wants a quiet hotel with a pool"),
        ("Can you please recommend some vegan bakeries near the harbour?", "wants vegan bakeries near the harbour"),
        ("Please book a table by the window", "wants to book a table by the window"),
        ("please keep it under $50", "wants to keep it under $50"),
        ("Help me plan a picnic for my twins", "wants to plan a picnic for their twins"),
        ("Could you help us with finding a pram with big wheels?", "wants a pram with big wheels"),
        ("Can you help me with booking a sleeper to Vienna?", "wants to book a sleeper to Vienna"),
        ("I need help setting up a wake-up call for Mondays", "wants to set up a wake-up call for Mondays"),
        ("I was wondering if you could find wheelchair-friendly tours", "wants wheelchair-friendly tours"),
        ("Any recommendations for gluten-free pizza?", "wants recommendations for gluten-free pizza"),
        (
            "Do you have any suggestions for rainy afternoons with toddlers?",
            "wants suggestions for rainy afternoons with toddlers",
        ),
        ("Could you book a table for my boss, who is vegan?", "wants to book a table for their boss"),
        ("Please remind me to water the orchids", "wants to be reminded to water the orchids"),
        ("make sure it's vegetarian", "wants it to be vegetarian"),
        ("Let's book the aisle seat", "wants to book the aisle seat"),
        ("Could you find a flat with a balcony and tell me about the area?", "wants a flat with a balcony"),
        ("Could you find a sunny flat, if possible?", "wants a sunny flat"),
    ],
)
def test_a_request_with_a_taste_in_it_is_a_wish(request_: str, claim: str) -> None:
    assert wish(request_) == claim


@pytest.mark.parametrize(
    "request_",
    [
        "Could you help me with that?",
        "Could you suggest something similar?",
        "Can you recommend some good books?",
        "Could you find more options?",
        "Please go ahead with the booking",
        "What is the capital of Peru?",
        "Could you explain recursion?",
        "Can you write a poem about Lisbon?",
        "Please translate this sentence into Danish",
        "Could you give me the definition of entropy?",
        "Could you show me a Python function that sorts names?",
        "Could you give me your opinion on jazz?",
        "The hotel has a pool",
        "Keep that in mind for ever",
        "Please keep this",
        "",
    ],
)
def test_a_request_that_anybody_would_make_is_none(request_: str) -> None:
    assert wish(request_) is None
