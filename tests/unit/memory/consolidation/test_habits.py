"""What was done again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from treering.memory.consolidation.habits import habit_of, habits
from treering.schemas.operations import Add

if TYPE_CHECKING:
    from tests.unit.memory.consolidation.conftest import Life


def climbs(life: Life, *days: int, text: str = "went climbing") -> None:
    for number, day in enumerate(days):
        life.claim(text, "self.events", day=day, words=f"I went climbing, story {number}")


def test_three_weeks_make_a_habit(life: Life) -> None:
    climbs(life, 0, 8, 16)
    [step] = habits(life.case())
    [operation] = step.operations
    assert isinstance(operation, Add)
    claim = operation.claim
    assert (claim.text, claim.origin, claim.confidence) == ("often goes climbing", "inferred", 0.8)
    assert len(claim.evidence) == 3
    assert claim.valid_from == life.turns["m1"].at


@pytest.mark.parametrize(
    "days", [(0, 8), (0, 1, 2), (0, 8, 8), (0, 200, 400)], ids=["two", "one week", "a day", "years"]
)
def test_less_is_none(life: Life, days: tuple[int, ...]) -> None:
    climbs(life, *days)
    assert list(habits(life.case())) == []


def test_reports_that_were_taken_for_repetitions_count(life: Life) -> None:
    event = life.claim("went climbing", "self.events")
    life.again(event, "Went climbing with the others.")
    life.again(event, "My arms hurt, I went climbing again.")
    assert [step.rule for step in habits(life.case())] == ["habit"]


def test_a_habit_that_is_known_or_denied_is_not_concluded(life: Life) -> None:
    climbs(life, 0, 8, 16)
    life.claim("often goes climbing", "self.events", day=3)
    assert list(habits(life.case())) == []


def test_it_is_concluded_once(life: Life) -> None:
    climbs(life, 0, 8, 16)
    case = life.case()
    assert list(habits(case.after(list(habits(case))))) == []


@pytest.mark.parametrize(
    ("text", "habit"),
    [
        ("went climbing", "often goes climbing"),
        (" went climbing.", "often goes climbing"),
        ("played SpaceX", "often plays SpaceX"),
        ("went climbing again on 2024-05-03", "often goes climbing"),
        ("went climbing on the morning of 2024-05-03", "often goes climbing"),
        ("went to the gym", "often goes to the gym"),
        ("went to a yoga class this morning", "often goes to a yoga class"),
        ("played tennis last weekend", "often plays tennis"),
        ("went shopping", None),
        ("went to the dentist", None),
        ("went to Rome", None),
        ("played tennis with a broken arm", None),
        ("goes climbing", None),
        ("wants to go climbing", None),
    ],
)
def test_only_plain_reports_of_doing_something_are_counted(text: str, habit: str | None) -> None:
    assert habit_of(text) == habit
