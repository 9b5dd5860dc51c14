"""Statements about other people, told apart from those about the speaker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.listeners.hearing import hear
from treering.memory.listeners.others import apart
from treering.memory.tree import PersonaTree
from treering.schemas.claims import Claim, Evidence, Subject
from treering.schemas.dialogue import Turn
from treering.schemas.trunks import load_trunk

AT = datetime(2024, 3, 5, tzinfo=UTC)
TRUNK = load_trunk("core")


def told(text: str, me: Subject = "self", known: Mapping[str, Sequence[str]] | None = None) -> dict[str, list[str]]:
    """What a turn states, by subject; `known` has claims that stand in the trees already."""
    turn = Turn(message_id="m", session="s", index=0, seq=9, role="user", content=text, at=AT)
    trees = {subject: tree(subject, claims) for subject, claims in (known or {}).items()}
    return {subject: [item.text for item in items] for subject, items in apart(hear(turn), turn, me, trees).items()}


def tree(subject: Subject, texts: Sequence[str]) -> PersonaTree:
    claims = [
        Claim(
            id=f"{number:024x}",
            subject=subject,
            path="relationships.siblings",
            text=text,
            valid_from=AT,
            recorded_at=AT,
            order=number,
            evidence=(Evidence(message_id=f"m{number}", quote=text, start=0),),
        )
        for number, text in enumerate(texts)
    ]
    return PersonaTree(trunk=TRUNK, subject=subject, claims={claim.id: claim for claim in claims})


SISTER = "has a sister named Ana"


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        (
            "My sister Ana is a vet and lives in Porto.",
            {"self": [SISTER], "person:Ana": ["is a vet", "lives in Porto"]},
        ),
        ("I have a sister, Ana, who lives in Porto.", {"self": [SISTER], "person:Ana": ["lives in Porto"]}),
        ("Ana is my sister.", {"self": [SISTER]}),
        ("My boss hates cats.", {"self": ["has a boss who hates cats"]}),
        ("My sister Ana loves jazz and he hates rock.", {"self": [SISTER], "person:Ana": ["loves jazz"]}),
        (
            "My friend Jo loves jazz and he hates rock.",
            {"self": ["has a friend named Jo"], "person:Jo": ["loves jazz", "hates rock"]},
        ),
        ("My dog Rex is 5 years old.", {"self": ["has a dog named Rex who is 5 years old"]}),
        ("My wife Clara and I moved to Porto.", {"self": ["moved to Porto with their wife Clara"]}),
        (
            "My sister Ana loves jazz and she hates rock.",
            {"self": [SISTER], "person:Ana": ["loves jazz", "hates rock"]},
        ),
        (
            "My sister Ana is a vet and I am a nurse.",
            {"self": [SISTER, "is a nurse"], "person:Ana": ["is a vet"]},
        ),
        (
            "My sister Ana's birthday is on 3 May.",
            {"self": [SISTER], "person:Ana": ["their birthday is on 2024-05-03"]},
        ),
        ("My sister Ana loves my cooking.", {"self": [SISTER], "person:Ana": ["loves the user's cooking"]}),
        ("My sister Ana and her husband Joe live in Porto.", {"self": [SISTER]}),
    ],
)
def test_what_is_said_of_a_named_person_is_theirs(text: str, stated: dict[str, list[str]]) -> None:
    assert told(text) == stated


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("She is allergic to nuts.", ["is allergic to nuts"]),
        ("She also sings, and she hates rock.", ["also sings", "hates rock"]),
        ("Ana's allergic to nuts.", ["is allergic to nuts"]),
        ("My sister lives in Porto.", ["lives in Porto"]),
        ("Ana moved to Porto in 2020 but I stayed.", ["moved to Porto in 2020"]),
        ("He is allergic to nuts.", []),
        ("They are allergic to nuts.", []),
        ("She might be allergic to nuts.", []),
        ("Is she allergic to nuts?", []),
        ("Ana Karenina is a long novel.", []),
        ("Ana said: I love sushi.", []),
        ("Ana said I love sushi.", []),
        ("She told me she loves sushi.", []),
        ('"I love sushi", says Ana.', []),
        ("If Ana moves to Porto, I'll cry.", []),
    ],
)
def test_a_person_who_was_named_is_met_again_where_nobody_else_can_be_meant(text: str, stated: list[str]) -> None:
    found = told(f"My sister Ana is a vet. {text}")
    assert found["person:Ana"] == ["is a vet", *stated]
    assert not any("sushi" in claim or "nuts" in claim for claim in found["self"])


@pytest.mark.parametrize(
    "before",
    [
        "My sister Ana met my aunt.",
        "My sister Ana met Julia.",
        "My sister Ana met our neighbour.",
        "My sister Ana is a vet. I like cats.",
        "My sister Ana and my aunt Rosa are vets.",
        "My aunt is a vet.",
    ],
)
def test_a_pronoun_that_may_mean_somebody_else_is_nobodys(before: str) -> None:
    found = told(f"{before} She is allergic to nuts.")
    assert not any("nuts" in claim for claims in found.values() for claim in claims)


def test_a_person_of_an_earlier_turn_is_met_again_by_name_and_by_relation() -> None:
    known = {"self": (SISTER,), "person:Ana": ("is a vet",)}
    assert told("Ana quit her job.", known=known)["person:Ana"] == ["quit her job"]
    assert told("My sister moved to Leeds.", known=known)["person:Ana"] == ["moved to Leeds"]
    assert told("My older sister moved to Leeds.", known=known) == {"self": ["has an older sister who moved to Leeds"]}
    assert told("Bo quit his job.", known=known) == {"self": []}


def test_two_people_of_one_name_are_two() -> None:
    found = told("My sister Ana is a vet. My boss Ana is strict with everybody. Ana loves tea.")
    assert found["person:Ana"] == ["is a vet"]
    assert found["person:Ana (boss)"] == ["is strict with everybody"]
    assert not any("tea" in claim for claims in found.values() for claim in claims)
    known = {"self": ("has a boss named Ana",), "person:Ana (boss)": ("is strict",)}
    later = told("My boss Ana retired early.", known=known)
    assert later["person:Ana (boss)"] == ["retired early"]


def test_one_person_may_become_another_relation() -> None:
    known = {"self": ("has a girlfriend named Clara",), "person:Clara": ("is a vet",)}
    found = told("My wife Clara moved to Leeds.", known=known)
    assert found["person:Clara"] == ["moved to Leeds"]


def test_a_relative_of_a_person_is_neither_that_person_nor_the_user() -> None:
    found = told("My sister Ana is a vet. Ana's brother-in-law Tom is 9 years old.")
    assert found["person:Ana"] == ["is a vet", "has a brother-in-law named Tom"]
    assert found["person:Tom (brother-in-law of Ana)"] == ["is 9 years old"]
    assert found["self"] == [SISTER]


def test_people_of_another_speaker_are_not_the_users() -> None:
    found = told("I'm vegan. My sister Zoe is a vet.", me="person:Bo", known={"self": ("has a sister named Zoe",)})
    assert found == {
        "person:Bo": ["is vegan", "has a sister named Zoe"],
        "person:Zoe (sister of Bo)": ["is a vet"],
    }
    assert told("Zoe is a cook.", me="person:Bo", known={"self": ("has a sister named Zoe",)}) == {"person:Bo": []}


SENTENCES = [
    "I love jazz.",
    "My boss hates cats.",
    "We moved to Porto in 2020.",
    "She is allergic to nuts.",
    "He quit his job.",
    "My sister {0} is a vet.",
    "{0} lives in Leeds.",
    "{0} said I am stubborn.",
    "My friend {0} and I run every morning.",
    "I hate it when {0} sings.",
    "Ana is a cook.",
]


@given(st.lists(st.sampled_from(SENTENCES), max_size=6), st.sampled_from(["Ana", "Jo Ann", "Émile", "O'Neil"]))
def test_nothing_is_said_of_others_but_of_those_whom_the_text_names(sentences: list[str], name: str) -> None:
    text = " ".join(sentences).format(name)
    for subject, claims in told(text).items():
        assert subject == "self" or not claims or subject.removeprefix("person:").partition(" (")[0] in text
        if subject == "self":
            assert not any(word in claim for claim in claims for word in ("nuts", "Leeds", "vet", "stubborn", "cook"))
