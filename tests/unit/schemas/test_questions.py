"""The questions of the default trunk: each slot says which questions and requests it matters for."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from treering.schemas.trunk import Slot
from treering.schemas.trunks import load_trunk

SLOTS = load_trunk("core").slots
BOUNDARIES = {"boundaries.never_mention", "boundaries.never_do", "boundaries.privacy"}
THE_PERSON = re.compile(r"\b(I|I'm|me|my|our|we)\b")
SOMEBODY = re.compile(r"\b(he|him|his|she|her|they|them|this person|Daniel)\b", re.IGNORECASE)
FOR_A_MEAL = {"health.allergies", "health.diet", "preferences.food"}


@pytest.mark.parametrize("slot", SLOTS, ids=lambda slot: slot.path)
def test_a_slot_has_a_few_different_questions(slot: Slot) -> None:
    assert 3 <= len(slot.questions) <= (10 if slot.path in FOR_A_MEAL else 6)
    assert [text for text, count in Counter(slot.questions).items() if count > 1] == []


@pytest.mark.parametrize("slot", SLOTS, ids=lambda slot: slot.path)
def test_the_person_asks_and_so_does_somebody_else(slot: Slot) -> None:
    others = [text for text in slot.questions if SOMEBODY.search(text)]
    assert others
    assert any(THE_PERSON.search(text) or text not in others for text in slot.questions)


@pytest.mark.parametrize("slot", SLOTS, ids=lambda slot: slot.path)
def test_a_question_is_short_and_names_nobody_but_a_stand_in(slot: Slot) -> None:
    for text in slot.questions:
        assert len(text) <= 80, text
        assert text[0].isupper(), text
        assert text[-1] == "?" or not re.match(r"(What|Who|Where|When|Which|How|Do|Does|Is|Can)\b", text), text


def test_what_a_meal_needs_shares_the_questions_about_meals() -> None:
    for path in FOR_A_MEAL:
        texts = load_trunk("core").by_path[path].questions
        assert {"What should I cook tonight?", "Where should I take her for dinner?"} <= set(texts), path


def test_what_always_stands_are_the_lines_drawn_for_the_assistant() -> None:
    assert {slot.path for slot in SLOTS if slot.always} == BOUNDARIES
