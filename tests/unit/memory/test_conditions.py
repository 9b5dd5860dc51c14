"""The condition under which a statement holds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from treering.memory.conditions import condition_held, condition_key, condition_of, same_condition, without_condition
from treering.schemas.claims import MAX_CONDITION_CHARS, Claim, Evidence


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("is vegetarian on weekdays", "on weekdays"),
        ("only drinks wine on Fridays", "on Fridays"),
        ("likes to sleep in on Sunday mornings", "on Sunday mornings"),
        ("drinks tea every morning", "every morning"),
        ("skis in winter", "in winter"),
        ("drinks coffee at work", "at work"),
        ("is vegetarian at home", "at home"),
        ("eats fish when I'm travelling", "when travelling"),
        ("eats fish whenever they are travelling", "when travelling"),
        ("wears glasses while driving", "when driving"),
        ("When I travel I eat meat", "when they travel"),
        ("loves running when it rains", "when it rains"),
        ("hates flying unless I have an aisle seat", "unless they have an aisle seat"),
        ("sleeps badly if stressed", "if stressed"),
        ("doesn't drink coffee after dinner", "after dinner"),
        ("eats oats for breakfast", "for breakfast"),
        ("watches cartoons with the kids", "with the kids"),
        ("speaks Spanish with my parents", "with their parents"),
        ("is shy around strangers", "around strangers"),
        ("eats meat on business trips", "on business trips"),
        ("drinks coffee on weekdays at work", "on weekdays, at work"),
        ("EATS MEAT ON WEEKENDS", "on weekends"),
    ],
)
def test_a_condition_is_found(text: str, condition: str) -> None:
    assert condition_of(text) == condition


@pytest.mark.parametrize(
    "text",
    [
        "loves jazz",
        "went to Rome in the summer",
        "moved in the summer of 2020",
        "plays tennis on Monday",
        "has a dog at home",
        "lives at home",
        "works at home",
        "has trouble at work",
        "knows when to stop",
        "wonders if it rains",
        "would be happy if I won",
        "played chess when I was young",
        "when I moved to Lisbon I knew nobody",
        "started running last year",
        "has two cats and a dog",
        "prefers evening appointments, if possible",
        "wakes up gently, even on weekends",
        "prefers short answers, especially when working",
        "loves it when it rains",
        "is curious if it rains much",
        "will come back if I need more help",
        "wants two options when you recommend something",
        "is interested in morning departures",
        "",
    ],
)
def test_what_always_holds_or_happened_once_has_no_condition(text: str) -> None:
    assert condition_of(text) is None


def test_two_phrases_for_one_condition_are_the_same_and_always_is_like_none() -> None:
    assert same_condition("when travelling", "when they travel")
    assert same_condition("when travelling", "on trips")
    assert same_condition("in the morning", "every morning")
    assert same_condition("on workdays", "during the week")
    assert same_condition(None, None)
    assert not same_condition("on weekdays", "on weekends")
    assert not same_condition("before dinner", "after dinner")
    assert not same_condition("when it rains", "unless it rains")
    assert not same_condition("at work", None)


def test_every_condition_says_something_so_that_it_is_never_taken_for_always() -> None:
    assert condition_key("when they are") != condition_key(None)


def test_a_statement_is_left_without_its_condition() -> None:
    assert without_condition("When I travel I eat meat") == "I eat meat"
    assert without_condition("drinks coffee on weekdays at work") == "drinks coffee"
    assert without_condition("loves jazz") == "loves jazz"


def claim(text: str, condition: str | None = None) -> Claim:
    said = Evidence(message_id="m", quote=text, start=0)
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    return Claim(
        id="0" * 24, path="diet", text=text, condition=condition, valid_from=noon, recorded_at=noon, evidence=(said,)
    )


def test_a_claim_has_the_condition_it_was_given_else_the_one_in_its_text() -> None:
    assert condition_held(claim("is vegetarian", "on trips")) == "on trips"
    assert condition_held(claim("is vegetarian at home")) == "at home"
    assert condition_held(claim("is vegetarian")) is None


def test_a_condition_fits_a_claim_however_long_the_text() -> None:
    text = "eats fish " + " ".join(f"on {day}s at work with friends" for day in ("Monday", "Tuesday", "Friday") * 9)
    found = condition_of(text)
    assert found is None or len(found) <= MAX_CONDITION_CHARS
