"""Ties between people, as they are said."""

from __future__ import annotations

import pytest

from treering.memory.listeners.cast import Cast
from treering.memory.listeners.ties import Tie, may_be_one, ties_in


@pytest.mark.parametrize(
    ("text", "ties"),
    [
        ("My older sister Ana is a vet.", [("older sister", "Ana")]),
        ("I have a friend named Jo Lee, who sings.", [("friend", "Jo Lee")]),
        ("met their mother-in-law, Rosa", [("mother-in-law", "Rosa")]),
        ("has a boss who likes their wife Clara", [("wife", "Clara")]),
        ("my ex-husband Leo O'Neil and my son Max", [("ex-husband", "Leo O'Neil"), ("son", "Max")]),
        ("My sister Ana's birthday", [("sister", "Ana")]),
        ("My dog Rex", []),
        ("My brothers Tom and Jim", []),
        ("I called my mom Monday", []),
        ("I called my mom in May and my dad on Easter", []),
        ("my sister lives in Porto", []),
        ("the sister Ana", []),
    ],
)
def test_a_tie_is_a_relation_with_a_name(text: str, ties: list[tuple[str, str]]) -> None:
    assert [(tie.who, tie.name) for tie in ties_in(text)] == ties


@pytest.mark.parametrize(
    ("left", "right", "may"),
    [
        ("mum", "mother", True),
        ("girlfriend", "wife", True),
        ("best friend", "friend", True),
        ("older sister", "younger sister", True),
        ("sister", "boss", False),
        ("friend", "colleague", False),
    ],
)
def test_relations_may_be_one_persons(left: str, right: str, may: bool) -> None:
    assert may_be_one(left, right) is may_be_one(right, left) is may


def test_a_person_keeps_the_subject_that_was_made_for_them() -> None:
    cast = Cast("self", {})
    assert cast.is_empty
    assert cast.meet(Tie(who="sister", name="Ana")) == "person:Ana"
    assert cast.meet(Tie(who="boss", name="Ana")) == "person:Ana (boss)"
    assert cast.meet(Tie(who="twin", name="ANA")) == "person:Ana"
    assert cast.named("Ana") is None
    assert cast.called("boss") == "person:Ana (boss)"
    assert cast.called("friend") is None
    assert not cast.is_empty


def test_a_long_name_makes_a_subject_that_can_be_stored() -> None:
    name = " ".join(["Abcdefghijklmnop" * 5] * 3)
    subject = Cast("person:" + "y" * 120, {}).meet(Tie(who="mother-in-law", name=name))
    assert subject is not None
    assert len(subject.removeprefix("person:")) <= 120
