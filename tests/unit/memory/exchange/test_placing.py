"""Where facts go: given, named, nearest, or before a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from treering.errors import UnknownPath
from treering.memory.exchange.placing import NEAR_ENOUGH, Map, Placing, Route, as_statement, find_slot, statements
from treering.memory.operations import plant
from treering.memory.tombstones import Tombstones, claim_mark
from treering.schemas.foreign import Fact, Placement
from treering.schemas.operations import Add, Update
from treering.schemas.trunk import Trunk

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
RANKED = [("taste.food", 0.9), ("home.city", 0.8), ("taste.music", 0.1), ("name", 0.0)]


def fact(text: str = "likes figs", **more: object) -> Fact:
    return Fact.model_validate({"id": text, "text": text, **more})


def place(trunk: Trunk, *facts: tuple[Fact, str], **more: object) -> tuple[Placing, list[Placement], list[object]]:
    placing = Placing(source="mem0", trunk=trunk, forest=more.pop("forest", {}), now=NOON, **more)  # type: ignore[arg-type]
    placed = placing.place([(one, Route(path=path, rule="named")) for one, path in facts])
    return placing, [placed.placements[at] for at in range(len(facts))], [*placed.operations, *placed.held]


def outcomes(placements: Sequence[Placement]) -> list[str]:
    return [one.outcome for one in placements]


def test_what_a_person_gave_outweighs_all_else(small_trunk: Trunk) -> None:
    names = Map(small_trunk, {"Home Things": "home.city"})
    assert find_slot(fact(hints=("music", "home-things")), RANKED, small_trunk, names).path == "home.city"


def test_a_hint_that_names_a_slot_decides(small_trunk: Trunk) -> None:
    names = Map(small_trunk, {})
    assert find_slot(fact(hints=("x", "Music")), RANKED, small_trunk, names) == Route(path="taste.music", rule="named")
    assert find_slot(fact(hints=("taste.music",)), RANKED, small_trunk, names).path == "taste.music"


def test_a_hint_that_names_a_branch_leaves_the_slots_below_it(small_trunk: Trunk) -> None:
    ranked = [("home.city", 0.9), ("taste.food", 0.5), ("taste.music", 0.4)]
    found = find_slot(fact(hints=("Taste",)), ranked, small_trunk, Map(small_trunk, {}))
    assert (found.path, found.rule) == ("taste.food", "nearest")


def test_without_a_hint_the_nearest_slot_is_told_with_its_score(small_trunk: Trunk) -> None:
    found = find_slot(fact(), RANKED, small_trunk, Map(small_trunk, {}))
    assert (found.path, found.rule, found.score) == ("taste.food", "nearest", 0.9)


def test_a_name_that_two_places_share_names_none(small_trunk: Trunk) -> None:
    both = small_trunk.model_copy(
        update={"slots": (*small_trunk.slots, small_trunk.slots[0].model_copy(update={"path": "home.name"}))}
    )
    trunk = Trunk.model_validate(both.model_dump())
    assert Map(trunk, {}).named(fact(hints=("name",))) == "name", "a whole path stands for itself"
    third = trunk.model_copy(
        update={"slots": (*trunk.slots[1:], trunk.slots[0].model_copy(update={"path": "taste.name"}))}
    )
    assert Map(Trunk.model_validate(third.model_dump()), {}).named(fact(hints=("name",))) is None


def test_a_map_to_nowhere_is_refused(small_trunk: Trunk) -> None:
    with pytest.raises(UnknownPath, match=r"taste\.foods"):
        Map(small_trunk, {"food": "taste.foods"})


def test_a_fact_becomes_a_claim_without_evidence(small_trunk: Trunk) -> None:
    ended = NOON - timedelta(days=1)
    since = NOON - timedelta(days=9)
    [add] = place(small_trunk, (fact(valid_from=since, valid_to=ended), "taste.food"))[2]
    assert isinstance(add, Add)
    claim = add.claim
    assert (claim.origin, claim.evidence, claim.valid_from, claim.valid_to) == ("imported", (), since, ended)


def test_one_that_is_too_far_from_its_slot_waits(small_trunk: Trunk) -> None:
    placing = Placing(source="mem0", trunk=small_trunk, forest={}, now=NOON)
    near = Route(path="taste.food", rule="nearest", score=NEAR_ENOUGH)
    far = Route(path="taste.food", rule="nearest", score=NEAR_ENOUGH - 0.01)
    placed = placing.place([(fact("a"), near), (fact("b"), far)])
    assert [one.claim.text for one in placed.operations if isinstance(one, Add)] == ["a"]
    [verdict] = placed.held
    assert (verdict.rule, verdict.draft.text, verdict.draft.path) == ("no-slot-near", "b", "taste.food")
    assert verdict.operation is not None, "it can be confirmed"


def test_again_it_is_known(small_trunk: Trunk) -> None:
    facts = [(fact("likes figs"), "taste.food"), (fact("is called Ana"), "name")]
    _, first, operations = place(small_trunk, *facts)
    assert outcomes(first) == ["placed", "placed"]
    forest = plant(small_trunk, operations)  # type: ignore[arg-type]
    _, again, more = place(small_trunk, *facts, forest=forest)
    assert outcomes(again) == ["known", "known"]
    assert more == []


def test_the_same_words_from_elsewhere_are_known_too(small_trunk: Trunk) -> None:
    two = [(fact("likes figs"), "taste.food"), (fact("Likes figs!"), "taste.food")]
    assert outcomes(place(small_trunk, *two)[1]) == ["placed", "known"]


def test_one_that_says_something_else_than_before_waits(small_trunk: Trunk) -> None:
    _, _, operations = place(small_trunk, (fact("likes figs", id="1"), "taste.food"))
    forest = plant(small_trunk, operations)  # type: ignore[arg-type]
    _, [told], [verdict] = place(small_trunk, (fact("hates figs", id="1"), "taste.food"), forest=forest)
    assert (told.outcome, told.rule) == ("held", "changed-there")
    update = verdict.operation  # type: ignore[attr-defined]
    assert isinstance(update, Update)
    after = plant(small_trunk, [update], forest)
    assert [claim.text for claim in after["self"].current("taste.food")] == ["hates figs"]
    _, [again], more = place(small_trunk, (fact("hates figs", id="1"), "taste.food"), forest=after)
    assert (again.outcome, more) == ("known", [])


def test_in_a_one_valued_slot_the_newest_holds_whatever_the_order(small_trunk: Trunk) -> None:
    new = fact("lives in Lisbon", valid_from=NOON)
    old = fact("lives in Porto", valid_from=NOON - timedelta(days=9))
    for facts in ((new, old), (old, new)):
        _, placements, operations = place(small_trunk, *((one, "home.city") for one in facts))
        assert [one.text for one in placements] == [one.text for one in facts], "told in the order of the file"
        [tree] = plant(small_trunk, operations).values()  # type: ignore[arg-type]
        assert [claim.text for claim in tree.current("home.city")] == ["lives in Lisbon"]


def test_what_was_forgotten_does_not_come_back(small_trunk: Trunk) -> None:
    stones = Tombstones(key=b"k", marks=frozenset({claim_mark(b"k", "self", "taste.food", "likes figs")}))
    _, [told], operations = place(small_trunk, (fact("Likes figs."), "taste.food"), tombstones=stones)
    assert (told.outcome, operations) == ("forgotten", [])


def test_a_long_text_is_taken_apart_and_nothing_of_it_lost() -> None:
    text = "She likes figs very much indeed. " * 12 + "\n" + "one " * 70
    found, left_out = statements([fact(text.strip(), id="x"), fact("short")])
    assert left_out == []
    assert [one.id for one in found] == [*(f"x#{number}" for number in range(1, 14)), "short"]
    assert sum(len(one.text.split()) for one in found) == len(text.split()) + 1


def test_a_sentence_without_end_is_named() -> None:
    [_, _], [out] = statements([fact("x" * 2_001, id="1"), fact("a " * 61, id="2"), fact("b", id="3")])
    assert (out.where, out.why) == ("1#1", "one sentence has more than 2,000 characters")


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("User likes tea.", "likes tea"),
        ("The user's name is Ana", "name is Ana"),
        ("Users like tea", "users like tea"),
        ("Likes tea", "likes tea"),
        ("user", "user"),
    ],
)
def test_statements_are_compared_without_the_person(text: str, bare: str) -> None:
    assert as_statement(text) == bare
