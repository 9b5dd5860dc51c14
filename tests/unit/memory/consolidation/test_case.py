"""What the rules look at: how far they see, and what there is once steps are taken."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from treering.memory.consolidation.case import (
    LEAST_COSINE,
    MAX_IN_BRANCH,
    MAX_IN_SLOT,
    Step,
    Touched,
    branch_of,
    in_reach,
)
from treering.memory.consolidation.duplicates import duplicates
from treering.memory.consolidation.traits import traits

if TYPE_CHECKING:
    from tests.unit.memory.consolidation.conftest import Life


def test_pairs_are_near_enough_and_say_how_near(life: Life) -> None:
    old, new = life.claim("loves sushi"), life.claim("loves ramen", "taste.music")
    [pair] = life.case(cosine=0.8765).pairs
    assert (pair.old, pair.new, pair.cosine) == (old, new, 0.88)
    assert len(life.case(cosine=LEAST_COSINE).pairs) == 1
    assert life.case(cosine=LEAST_COSINE - 0.001).pairs == ()


def test_one_of_a_pair_was_touched_and_both_stand_in_one_branch(life: Life) -> None:
    old, middle, new = (life.claim(f"loves {what}") for what in ("sushi", "ramen", "udon"))
    other = life.claim("is patient", "self.traits")
    assert [(one.old, one.new) for one in life.case(touched=[middle.id]).pairs] == [(old, middle), (middle, new)]
    assert life.case(touched=[other.id]).pairs == ()
    assert life.case(touched=["f" * 24]).pairs == ()


def test_pairs_come_in_order_each_once(life: Life) -> None:
    claims = [life.claim(f"loves {what}") for what in ("sushi", "ramen", "udon")]
    traits_of = [life.claim(f"is {what}", "self.traits") for what in ("calm", "shy")]
    assert [(one.old, one.new) for one in life.case().pairs] == [
        (traits_of[0], traits_of[1]),
        (claims[0], claims[1]),
        (claims[0], claims[2]),
        (claims[1], claims[2]),
    ]


def test_a_claim_without_a_vector_is_in_no_pair(life: Life) -> None:
    first, second, third = (life.claim(f"loves {what}") for what in ("sushi", "ramen", "udon"))
    case = life.case()
    case = replace(case, vectors={ref: vector for ref, vector in case.vectors.items() if ref != second.id})
    assert [(one.old, one.new) for one in case.pairs] == [(first, third)]


def test_after_steps_all_is_looked_at_anew_and_what_was_released_waits_no_more(life: Life) -> None:
    first, second = life.claim("loves sushi"), life.claim("really enjoys sushi")
    life.suggests("is patient")
    held = life.suggests("is curious")
    life.suggests("is patient")
    case = life.case()
    case = replace(case, reach=in_reach(case.forest, case.touched, case.held))
    assert case.near("self", "taste.food") == (first, second)
    after = case.after([*duplicates(case), *traits(case)])
    assert [one.id for one in after.near("self", "taste.food")] == [first.id]
    assert after.held == [held]
    assert after.tombstones is case.tombstones


def test_steps_that_do_nothing_change_nothing(life: Life) -> None:
    case = life.case()
    assert case.after([Step(rule="kept apart", why="nothing")]) is case


def test_the_newest_of_a_slot_and_of_a_branch_are_in_reach_oldest_first(life: Life) -> None:
    late = [life.claim(f"loves dish {number}", day=1_000 - number) for number in range(MAX_IN_SLOT + 2)]
    other = life.claim("loves jazz", "taste.music", day=990)
    near = life.case().near("self", "taste.music")
    kept = sorted([*late[:MAX_IN_SLOT], other], key=lambda one: (one.valid_from, one.order))
    assert list(near) == kept


def test_a_branch_has_a_bound_of_its_own(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treering.memory.consolidation.case.MAX_IN_BRANCH", 3)
    assert MAX_IN_BRANCH > MAX_IN_SLOT
    claims = [life.claim(f"loves {n}", path) for n in range(4) for path in ("taste.food", "taste.music")]
    assert list(life.case().near("self", "taste.food")) == claims[-3:]


def test_only_branches_with_something_new_or_waiting_are_in_reach(life: Life) -> None:
    sushi, _ = life.claim("loves sushi"), life.claim("is calm", "self.traits")
    forest = life.case().forest
    touched = Touched(claims=frozenset({sushi.id, "f" * 24}))
    assert in_reach(forest, touched, ()) == {("self", "taste"): (sushi,)}
    assert life.case(touched=[sushi.id]).near("self", "self.traits") == ()
    assert life.case(touched=[sushi.id]).near("person:Bo", "taste.food") == ()
    assert in_reach(forest, Touched(), [life.suggests("is patient")]).keys() == {("self", "self")}


def test_a_branch_is_all_of_a_path_but_its_end() -> None:
    assert [branch_of(path) for path in ("name", "food.tastes", "food.tastes.sweet")] == ["", "food", "food.tastes"]
