"""Sentences with the speaker as their object, by example."""

from __future__ import annotations

import pytest

from treering.memory.listeners.passive import from_object, in_first_person


@pytest.mark.parametrize(
    ("sentence", "claim"),
    [
        ("The doctor put me on metformin", "was put on metformin by the doctor"),
        ("My dentist referred me to a surgeon", "was referred to a surgeon by their dentist"),
        ("It was my father who taught me to sail", "was taught to sail by their father"),
        ("They diagnosed me with asthma in 2019", "was diagnosed with asthma in 2019"),
        ("The company laid me off", "was laid off by the company"),
        ("My grandmother taught me to knit", "was taught to knit by their grandmother"),
        ("It took me three years to learn the violin", "took three years to learn the violin"),
        ("Everyone calls me Bea", "is called Bea"),
        ("Heights scare me", "is scared of heights"),
        ("Red wine gives me headaches", "gets headaches from red wine"),
        ("What I really miss is the sea", "really misses the sea"),
        ("All I need is a quiet desk", "needs a quiet desk"),
        ("There's nothing I love more than sailing", "loves sailing more than anything"),
        ("It's my birthday on 2024-03-06", "has their birthday on 2024-03-06"),
        ("My friend told me a joke", None),
        ("He gave me the creeps", None),
        ("It made me laugh", None),
        ("Somebody left me a note", None),
        ("I love tea", None),
    ],
)
def test_what_is_done_to_the_speaker_is_told_of_the_speaker(sentence: str, claim: str | None) -> None:
    assert from_object(sentence) == claim


@pytest.mark.parametrize(
    ("sentence", "turned"),
    [
        ("Ana and I broke up", "I broke up with Ana"),
        ("Me and my wife have twins", "My wife and I have twins"),
        ("My wife and me bought a boat", "My wife and I bought a boat"),
        ("Biscuit, my dog, hates thunder", "my dog Biscuit hates thunder"),
        ("We're both vegetarians", "I'm a vegetarian"),
        ("I've got a daughter", "I have a daughter"),
        ("I've got to go", "I've got to go"),
        ("Jazz and blues are great", "Jazz and blues are great"),
    ],
)
def test_the_speaker_comes_first(sentence: str, turned: str) -> None:
    assert in_first_person(sentence) == turned
