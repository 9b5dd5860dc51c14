"""Whom a question is about."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from treering.memory.retrieval.persons import ELSEWHERE, Focus, focus_on
from treering.memory.tree import PersonaTree
from treering.schemas.claims import Claim, Evidence, Subject
from treering.schemas.trunks import load_trunk

TRUNK = load_trunk("core")
AT = datetime(2024, 3, 5, tzinfo=UTC)


def claim(subject: Subject, text: str, number: int = 1) -> Claim:
    return Claim(
        id=f"{number:024x}",
        subject=subject,
        path="relationships.siblings",
        text=text,
        valid_from=AT,
        recorded_at=AT,
        order=number,
        evidence=(Evidence(message_id="m", quote=text, start=0),),
    )


def tree(subject: Subject, *texts: str) -> PersonaTree:
    claims = [claim(subject, text, number) for number, text in enumerate(texts, start=1)]
    return PersonaTree(trunk=TRUNK, subject=subject, claims={one.id: one for one in claims})


FOREST = {
    "self": tree(
        "self", "has a sister named Ines", "has a boss named Ines", "has a best friend named Jo Lee", "loves jazz"
    ),
    "agent:Sol": tree("agent:Sol", "was made in Lisbon"),
    "person:Ines": tree("person:Ines", "is a vet"),
    "person:Ines (boss)": tree("person:Ines (boss)", "is strict"),
    "person:Jo Lee": tree("person:Jo Lee", "is a cook"),
    "person:Bo": tree("person:Bo", "is vegan"),
    "person:Mary Jo Fox": tree("person:Mary Jo Fox", "is a potter"),
    "person:Will": tree("person:Will", "is tall"),
}


def focus(question: str) -> Focus:
    return focus_on(question, FOREST, text=question, own_names=["Ana"])


@pytest.mark.parametrize(
    ("question", "subjects", "text"),
    [
        ("Where does Bo live?", {"person:Bo"}, "Where does they live?"),
        ("What is Bo's job?", {"person:Bo"}, "What is their job?"),
        ("where does bo live?", {"person:Bo"}, "where does they live?"),
        ("Where does my best friend live?", {"person:Jo Lee"}, "Where does they live?"),
        ("Where does their friend Jo live?", {"person:Jo Lee"}, "Where does they live?"),
        ("Where does my sister live?", {"person:Ines"}, "Where does they live?"),
        ("What does Mary make?", {"person:Mary Jo Fox"}, "What does they make?"),
        ("What does Jo Lee cook?", {"person:Jo Lee"}, "What does they cook?"),
        ("What is my boss like?", {"person:Ines (boss)"}, "What is they like?"),
        ("Is Ines nice?", {"person:Ines", "person:Ines (boss)"}, "Is they nice?"),
        ("What do Bo and I eat?", {"self", "person:Bo"}, "What do they and I eat?"),
        ("What do I eat?", {"self"}, "What do I eat?"),
        ("What does Ana eat?", {"self"}, "What does Ana eat?"),
        ("Where will we go?", {"self"}, "Where will we go?"),
        ("will it rain on the boat?", set(), "will it rain on the boat?"),
        ("Who is vegan?", set(), "Who is vegan?"),
        ("Where is Boston?", set(), "Where is Boston?"),
    ],
)
def test_people_are_meant_by_name_or_by_what_they_are_to_the_user(
    question: str, subjects: set[Subject], text: str
) -> None:
    found = focus(question)
    assert (set(found.subjects), found.text) == (subjects, text)


def test_a_speaker_without_a_tree_is_the_user_and_one_with_a_tree_is_not() -> None:
    def subjects(question: str) -> frozenset[Subject]:
        return focus_on(question, FOREST, text=question, own_names=["Eva", "Bo"]).subjects

    assert subjects("Where does Eva live?") == {"self"}
    assert subjects("Where does Bo live?") == {"person:Bo"}
    assert subjects("Where do Eva and Bo live?") == {"self", "person:Bo"}


def test_claims_of_others_come_behind_and_those_that_say_who_it_is_do_not() -> None:
    found = focus("Where does my sister live?")
    assert found.share(claim("person:Ines", "lives in Porto")) == 1
    assert found.share(claim("self", "has a sister named Ines")) == 1
    assert found.share(claim("self", "lives in Lisbon")) == found.share(claim("person:Bo", "is vegan")) == ELSEWHERE
    nobody = focus("Who is vegan?")
    assert {nobody.share(claim(subject, "is vegan")) for subject in ("self", "person:Bo")} == {1}


def test_claims_about_the_assistant_are_for_questions_to_it() -> None:
    assert focus("Where were you made?").share(claim("agent:Sol", "was made in Lisbon")) == 1
    for question in ("Where was I born?", "Who was made in Lisbon?"):
        assert focus(question).share(claim("agent:Sol", "was made in Lisbon")) == ELSEWHERE


def test_where_nobody_else_is_known_nothing_changes() -> None:
    found = focus_on("Where does Bo live?", {"self": FOREST["self"]}, text="Where does Bo live?", own_names=[])
    assert found == Focus(text="Where does Bo live?")
    assert focus_on("Where do I live?", {"self": FOREST["self"]}, text="Where do I live?").subjects == frozenset()


def test_where_the_user_has_no_tree_nobody_knows_whose_sister_that_is() -> None:
    question = "Where does my sister Ines live?"
    found = focus_on(question, {"person:Ines": FOREST["person:Ines"]}, text=question)
    assert found == Focus(
        subjects=frozenset({"person:Ines", "self"}),
        names=frozenset({"Ines"}),
        text="Where does my sister they live?",
    )


def test_a_name_is_looked_for_as_it_is_written() -> None:
    forest = {"person:Bo.*(": tree("person:Bo.*(", "is vegan")}
    assert focus_on("Is Boris vegan?", forest, text="Is Boris vegan?").subjects == frozenset()
