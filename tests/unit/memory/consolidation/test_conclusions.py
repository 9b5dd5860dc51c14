"""What a conclusion is once it is a claim, and what keeps it from becoming one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from treering.memory.consolidation.case import AUTHOR
from treering.memory.consolidation.habits import WITHIN, habits
from treering.memory.consolidation.traits import recounts, traits
from treering.memory.tombstones import Tombstones, claim_mark
from treering.schemas.operations import Add, NoOp, Update

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.unit.memory.consolidation.conftest import Life
    from treering.memory.consolidation.case import Step
    from treering.schemas.claims import Claim


def added(steps: Sequence[Step]) -> list[Claim]:
    return [one.claim for step in steps for one in step.operations if isinstance(one, Add | Update)]


def concluded(life: Life) -> list[Claim]:
    return added(list(traits(life.case())))


def unsay(life: Life, ref: str) -> None:
    life.turns[ref] = life.turns[ref].model_copy(update={"content": ""})


# -- traits


def test_the_fullest_words_are_taken_and_hold_since_the_first_support(life: Life) -> None:
    life.suggests("is patient", day=1)
    life.suggests("is patient, always patient", day=2)
    [claim] = concluded(life)
    assert (claim.text, claim.valid_from, claim.order) == ("is patient, always patient", life.turns["m1"].at, 1)


def test_each_conclusion_is_counted_by_itself(life: Life) -> None:
    for text in ("is patient", "is curious", "is patient", "is curious", "is shy"):
        life.suggests(text)
    assert [claim.text for claim in concluded(life)] == ["is patient", "is curious"]


def test_a_conclusion_replaces_what_was_concluded_in_its_slot_and_no_more(life: Life) -> None:
    before = life.claim("is hasty", "self.traits", origin="inferred")
    said = life.claim("is a gardener", "self.traits")
    elsewhere = life.claim("often rests", "self.events", origin="inferred")
    other = life.claim("is tall", "self.traits", origin="inferred")
    for _ in range(2):
        life.suggests("is patient", supersedes=[before, said, elsewhere])
    [claim] = concluded(life)
    assert claim.supersedes == (before.id,)
    assert other.id in life.case().live


def test_nothing_is_concluded_where_the_one_place_is_taken_by_what_was_said(life: Life) -> None:
    life.claim("works in Porto", "self.traits")  # a neighbour takes no place
    concluding = [life.suggests("lives in Faro", "self.city") for _ in range(2)]
    [step] = traits(life.case())
    assert step.released == tuple(one.id for one in concluding)
    life.claim("lives in Lisbon", "self.city", origin="inferred")
    assert len(list(traits(life.case()))) == 1, "what was concluded too gives way"
    life.claim("lives in Braga", "self.city")
    assert list(traits(life.case())) == []


@pytest.mark.parametrize("known", ["is always patient", "is patient in every quarrel"])
def test_what_says_the_same_or_more_makes_a_conclusion_needless(life: Life, known: str) -> None:
    life.claim("plays chess", "self.traits")
    said = life.claim(known, "self.traits")
    life.suggests("is patient")
    [step] = traits(life.case())
    assert step.claims == (said.id,)


def test_a_support_that_was_taken_back_waits_no_longer_and_changes_nothing(life: Life) -> None:
    for _ in range(2):
        life.suggests("is patient")
    [step] = traits(life.case())
    life.commit(step.operations, AUTHOR)
    [claim] = added([step])
    life.held = []
    late = life.suggests("is patient")
    unsay(life, "m3")
    [step] = traits(life.case())
    assert step.operations == (NoOp(why=step.why, target=claim.id),)
    assert step.released == (late.id,)


def test_a_conclusion_whose_reason_is_forgotten_needs_as_many_supports_as_ever(life: Life) -> None:
    for _ in range(2):
        life.suggests("is patient")
    for number in range(3):
        life.claim("went climbing", "self.events", words=f"I went climbing, story {number}")
    steps = [*traits(life.case()), *habits(life.case())]
    for step in steps:
        life.commit([one.model_copy(update={"why": None}) for one in step.operations], AUTHOR)
    assert list(recounts(life.case())) == []
    unsay(life, "m1")
    unsay(life, "m3")
    assert sorted(step.why.partition(" independent")[0] for step in recounts(life.case())) == [
        "demotion: 1 of 2",
        "demotion: 2 of 3",
    ]


def test_conclusions_come_by_branch(life: Life) -> None:
    for _ in range(2):
        life.suggests("likes tea", "taste.food")
        life.suggests("is patient")
    assert [claim.path for claim in concluded(life)] == ["self.traits", "taste.food"]


# -- habits


def climbs(life: Life, *days: int) -> list[Claim]:
    return [
        life.claim("went climbing", "self.events", day=day, words=f"I went climbing, story {number}")
        for number, day in enumerate(days)
    ]


def test_reports_count_up_to_half_a_year_before_the_last(life: Life) -> None:
    climbs(life, 0, 90, WITHIN.days)
    assert len(list(habits(life.case()))) == 1


@pytest.mark.parametrize("days", [(0, 90, WITHIN.days + 1), (0, 8, 190), (0, 8, 16, 400)])
def test_older_ones_do_not(life: Life, days: tuple[int, ...]) -> None:
    climbs(life, *days)
    assert list(habits(life.case())) == []


def test_words_that_were_taken_for_a_repetition_count_whatever_they_are(life: Life) -> None:
    event = life.claim("went climbing", "self.events")
    life.again(event, "The same as last week.")
    life.again(event, "My arms hurt, we were there again.")
    [claim] = added(list(habits(life.case())))
    assert len(claim.evidence) == 3


def test_what_was_only_concluded_is_no_report(life: Life) -> None:
    climbs(life, 0, 8)
    life.claim("went climbing", "self.events", day=16, origin="inferred")
    assert list(habits(life.case())) == []


def test_a_habit_goes_where_most_reports_are_and_names_each_once(life: Life) -> None:
    paths = ("self.events", "self.traits", "self.traits")
    events = [
        life.claim("went climbing", path, day=8 * number, words=f"I went climbing, story {number}")
        for number, path in enumerate(paths)
    ]
    [step] = habits(life.case())
    [claim] = added([step])
    assert claim.path == "self.traits"
    assert step.why.split(" of ")[1].split(" in ")[0] == ", ".join(one.id for one in events)


def test_of_as_many_reports_in_two_slots_the_name_decides(life: Life) -> None:
    for number, path in enumerate(("self.traits", "self.events", "self.traits", "self.events")):
        life.claim("went climbing", path, day=8 * number, words=f"I went climbing, story {number}")
    assert [claim.path for claim in added(list(habits(life.case())))] == ["self.events"]


def test_a_habit_is_known_since_its_first_report_and_has_nothing_of_a_single_event(life: Life) -> None:
    other = life.claim("loves trees", "self.events")
    told = climbs(life, 20, 30, 40)
    earlier = told[1].model_copy(update={"valid_from": told[0].valid_from - timedelta(days=90)})
    earlier = earlier.model_copy(update={"supersedes": (other.id,), "condition": "when travelling"})
    life.operations[2] = ("listener/1", Add(claim=earlier))  # of long ago, and told later
    [claim] = added(list(habits(life.case())))
    assert (claim.valid_from, claim.order) == (life.turns["m2"].at, 2)
    assert (claim.supersedes, claim.condition) == ((), None)


@pytest.mark.parametrize(
    ("known", "condition"),
    [
        ("always goes climbing", None),
        ("often goes climbing in big halls", None),
        ("often goes climbing", "in winter"),
    ],
)
def test_a_habit_that_is_known_in_other_words_is_not_concluded(life: Life, known: str, condition: str | None) -> None:
    life.claim("plays chess", "self.traits")
    climbs(life, 0, 8, 16)
    assert len(list(habits(life.case()))) == 1
    life.claim(known, "self.traits", condition=condition)
    assert list(habits(life.case())) == []


def test_a_habit_that_was_rejected_is_not_concluded(life: Life) -> None:
    climbs(life, 0, 8, 16)
    mark = claim_mark(b"k", "self", "self.events", "often goes climbing")
    life.tombstones = Tombstones(key=b"k", marks=frozenset({mark}))
    assert list(habits(life.case())) == []


def test_a_habit_has_no_place_where_only_one_claim_has(life: Life) -> None:
    event = life.claim("went climbing", "self.city")
    life.again(event, "I went climbing today.")
    life.again(event, "I went climbing once more.")
    assert list(habits(life.case())) == []


def test_only_kinds_of_events_with_a_new_report_are_looked_at(life: Life) -> None:
    first, *_ = climbs(life, 0, 8, 16)
    other = life.claim("plays chess", "self.events")
    assert len(list(habits(life.case(touched=[first.id])))) == 1
    assert list(habits(life.case(touched=[other.id]))) == []
