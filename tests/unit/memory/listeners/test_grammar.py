"""First person to third, by example."""

from __future__ import annotations

import pytest

from treering.memory.listeners.grammar import third_person_claim
from treering.memory.listeners.verbs import third_person


@pytest.mark.parametrize(
    ("clause", "claim"),
    [
        ("I love hiking with my dog", "loves hiking with their dog"),
        ("I'm allergic to peanuts.", "is allergic to peanuts"),
        ("I am a nurse", "is a nurse"),
        ("I've been vegan since 2019", "has been vegan since 2019"),
        ("I have a dog and work at a bank", "has a dog and works at a bank"),
        ("I wake up at 6 and run 5k", "wakes up at 6 and runs 5k"),
        ("I love food and travel", "loves food and travel"),
        ("I like to cook and bake", "likes to cook and bake"),
        ("I don't eat meat", "doesn't eat meat"),
        ("I didn't like it", "didn't like it"),
        ("I can't stand jazz", "can't stand jazz"),
        ("I'd prefer a window seat", "would prefer a window seat"),
        ("I'd been there before", "had been there before"),
        ("I'll move in May", "will move in May"),
        ("I was born in Lyon", "was born in Lyon"),
        ("I moved to Lisbon", "moved to Lisbon"),
        ("I went to Rome", "went to Rome"),
        ("I quit my job", "quit their job"),
        ("I put on music every morning", "puts on music every morning"),
        ("I read a lot of sci-fi", "reads a lot of sci-fi"),
        ("I read Dune in 2019", "read Dune in 2019"),
        ("I also really like jazz", "really likes jazz"),
        ("I no longer work at Google", "no longer works at Google"),
        ("I recently read Dune", "recently read Dune"),
        (
            "I prefer flights that are direct or have a short layover",
            "prefers flights that are direct or have a short layover",
        ),
        ("I'm planning a trip and need a car", "is planning a trip and needs a car"),
        ("I never drink alcohol", "never drinks alcohol"),
        ("I usually carry my own cup", "usually carries their own cup"),
        ("I need a hand", "needs a hand"),
        ("I taught myself piano when I was 12", "taught themselves piano when they were 12"),
        ("I live in the US", "lives in the US"),
        ("I think I'm too shy", "thinks they're too shy"),
        ("I, too, love jazz", "loves jazz"),
        ("We have two kids", "has two kids"),
        ("We're moving with our cat", "is moving with their cat"),
        ("My wife and I are buying a house", "is buying a house with their wife"),
        ("I love 'My Fair Lady' and my dog", "loves 'My Fair Lady' and their dog"),
        ("My name is Sam", "is named Sam"),
        ("My name is Anna, not Ana", "is named Anna"),
        ("My sister loves jazz and she hates rock", "has a sister who loves jazz and hates rock"),
        ("My brother Tom, who lives in Oslo, is a cook", "has a brother named Tom who lives in Oslo and is a cook"),
        ("I'm six feet tall and weigh 80 kg", "is six feet tall and weighs 80 kg"),
        ("My dog's name is Biscuit", "has a dog named Biscuit"),
        ("My boss is called Tom", "has a boss named Tom"),
        ("My dog's called Rex", "has a dog named Rex"),
        ("My sister Ana lives in Porto", "has a sister named Ana who lives in Porto"),
        ("My older brother is a cook", "has an older brother who is a cook"),
        ("My parents live in Porto", "has parents who live in Porto"),
        ("My favorite color is blue", "their favorite color is blue"),
        ("My knee hurts", "their knee hurts"),
        ("Hiking is my favorite hobby", "Hiking is their favorite hobby"),
        ("Jazz makes me happy", "Jazz makes them happy"),
        ("The weather is fine", None),
        ("I", None),
        ("I - 42", None),
        ("I as a nurse", None),
    ],
)
def test_third_person_claim(clause: str, claim: str | None) -> None:
    assert third_person_claim(clause) == claim


@pytest.mark.parametrize(
    ("verb", "third"),
    [
        ("go", "goes"),
        ("watch", "watches"),
        ("try", "tries"),
        ("play", "plays"),
        ("need", "needs"),
        ("found", "found"),
        ("were", "was"),
        ("haven't", "hasn't"),
        ("must", "must"),
    ],
)
def test_third_person_of_a_verb(verb: str, third: str) -> None:
    assert third_person(verb) == third
