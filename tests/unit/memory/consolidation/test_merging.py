"""Which of several claims that say the same stays, and what it has of the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from treering.memory.consolidation.duplicates import MAX_EVIDENCE, SAME_COSINE, duplicates, refinements, repetitions
from treering.schemas.operations import Add, NoOp, Update
from treering.schemas.trunk import Trunk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.unit.memory.consolidation.conftest import Life
    from treering.memory.consolidation.case import Case, Step
    from treering.schemas.claims import Claim


def put(steps: Sequence[Step]) -> list[Claim]:
    return [one.claim for step in steps for one in step.operations if isinstance(one, Add | Update)]


def whole(life: Life) -> Claim:
    """The claim that says what all have said."""
    [step] = duplicates(life.case())
    [claim] = put([step])
    return claim


def without_music(case: Case) -> Case:
    slots = tuple(slot for slot in case.trunk.slots if slot.path != "taste.music")
    return replace(case, trunk=Trunk.model_validate(case.trunk.model_dump() | {"slots": slots}))


def test_what_stays_holds_since_the_earliest_that_said_so(life: Life) -> None:
    first = life.claim("loves sushi", day=1)
    confirmed = life.claim("really enjoys sushi", origin="manual", day=9)
    claim = whole(life)
    assert (claim.id, claim.valid_from, claim.order) == (confirmed.id, first.valid_from, first.order)


def test_the_one_claim_of_its_slot_keeps_its_date(life: Life) -> None:
    life.claim("is based in Lisbon", "self.traits", day=1)
    there = life.claim("is based in Lisbon", "self.city", origin="manual", day=9)
    claim = whole(life)
    assert (claim.id, claim.valid_from, claim.order) == (there.id, there.valid_from, there.order)


def test_what_had_changed_in_between_keeps_its_date(life: Life) -> None:
    life.claim("loves sushi", "taste.music", day=1)
    no = life.claim("hates sushi", day=20)
    again = life.claim("is fond of sushi", day=30, origin="manual", supersedes=[no])
    claim = whole(life)
    assert (claim.id, claim.valid_from, claim.supersedes) == (again.id, again.valid_from, (no.id,))


def test_a_slot_that_the_trunk_has_no_more_keeps_its_dates(life: Life) -> None:
    life.claim("loves sushi", "taste.music", day=1)
    confirmed = life.claim("really enjoys sushi", "taste.music", origin="manual", day=9)
    [claim] = put(list(duplicates(without_music(life.case()))))
    assert claim.valid_from == confirmed.valid_from


def test_what_was_said_takes_all_conclusions_in_one_go(life: Life) -> None:
    concluded = [life.claim("loves sushi", origin="inferred"), life.claim("enjoys sushi", origin="inferred")]
    said = life.claim("is fond of sushi")
    [step] = duplicates(life.case())
    assert step.claims == (said.id, *(one.id for one in concluded))


def test_of_equals_the_one_that_says_most_stays(life: Life) -> None:
    life.claim("loves sushi")
    longer = life.claim("loves sushi, just any sushi")
    assert whole(life).id == longer.id


@pytest.mark.parametrize("is_older", [True, False])
def test_no_claim_replaces_itself_or_what_went_into_it(life: Life, *, is_older: bool) -> None:
    old = life.claim("loves sushi", day=1 if is_older else 5)
    goes = life.claim("really enjoys sushi", "taste.music", day=40, supersedes=[old])
    stays = old.model_copy(update={"supersedes": (goes.id,)})
    life.operations[0] = ("listener/1", Add(claim=stays))
    claim = whole(life)
    assert (claim.id, claim.supersedes) == (old.id, ())


def test_a_condition_that_one_of_them_has_is_kept(life: Life) -> None:
    life.claim("loves sushi when travelling")
    life.claim("enjoys sushi when travelling", condition="when travelling")
    assert whole(life).condition == "when travelling"


def test_a_claim_is_merged_once_a_round_and_goes_with_nothing_that_its_heir_is_far_from(life: Life) -> None:
    first, other, second, another, third = (
        life.claim(text) for text in ("loves sushi", "loves jazz", "enjoys sushi", "enjoys jazz", "adores sushi")
    )
    case = life.case()
    far = {first.id: np.array([1.0, 0.0]), third.id: np.array([0.0, 1.0])}
    case = replace(case, vectors={ref: far.get(ref, np.array([0.8, 0.6])) for ref in case.vectors})
    assert [step.claims for step in duplicates(case)] == [(first.id, second.id), (other.id, another.id)]


def test_near_enough_is_at_the_bound(life: Life) -> None:
    life.claim("loves sushi")
    life.claim("enjoys sushi")
    assert len(list(duplicates(life.case(cosine=SAME_COSINE)))) == 1


def test_words_of_all_stand_in_the_order_in_which_they_were_said(life: Life) -> None:
    first, between = life.claim("loves sushi"), life.claim("enjoys sushi")
    late = life.says("I love sushi, as ever.")
    life.operations[0] = ("listener/1", Add(claim=first.model_copy(update={"evidence": (*first.evidence, late)})))
    assert whole(life).evidence == (*first.evidence, *between.evidence, late)
    del life.turns["m1"]
    assert whole(life).evidence == (*first.evidence, *between.evidence, late), "its claim says when, without its turn"


def test_why_a_third_claim_changes(life: Life) -> None:
    goes = life.claim("loves sushi", day=40)
    life.claim("cooks at home", supersedes=[goes], day=10)
    life.claim("loves sushi", "taste.music", day=5)
    [step] = duplicates(life.case())
    assert [operation.why for operation in step.operations] == [step.why] * 5


def test_each_claim_is_part_of_one_refinement_a_round(life: Life) -> None:
    texts = (
        "loves sushi",
        "loves jazz",
        "loves sushi in bars",
        "loves jazz in bars",
        "loves sushi in bars and clubs",
    )
    claims = [life.claim(text) for text in texts]
    assert [step.claims for step in refinements(life.case())] == [
        (claims[0].id, claims[2].id),
        (claims[1].id, claims[3].id),
    ]


def test_what_rests_on_no_words_is_not_replaced_by_what_does(life: Life) -> None:
    noted = life.claim("loves sushi").model_copy(update={"evidence": (), "origin": "imported"})
    life.operations[-1] = ("import", Add(claim=noted))
    life.claim("loves sushi in bars")
    assert list(refinements(life.case())) == []


def test_a_claim_that_is_full_keeps_the_words_it_has(life: Life) -> None:
    early = life.says("As I said: I love sushi!")
    claim = life.claim("loves sushi")
    pieces = (*claim.evidence, *(life.says(f"I love sushi, number {n}") for n in range(MAX_EVIDENCE - 1)))
    life.operations[-1] = ("listener/1", Add(claim=claim.model_copy(update={"evidence": pieces})))
    life.operations.append(("listener/1", NoOp(why="known already", target=claim.id, evidence=(early,))))
    assert list(repetitions(life.case())) == []
