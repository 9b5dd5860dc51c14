"""A trunk is a tree of branches and slots, checked when it is made."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from treering.schemas.trunk import Branch, Slot, Trunk


def trunk_of(*slots: Slot, branches: tuple[Branch, ...] = ()) -> Trunk:
    return Trunk(name="t", version=1, description="For tests.", branches=branches, slots=slots)


def slot(path: str) -> Slot:
    return Slot(path=path, description=f"What belongs to {path}.")


def branch(path: str) -> Branch:
    return Branch(path=path, description=f"What is under {path}.")


def test_a_slot_without_options_holds_many_open_lasting_claims() -> None:
    plain = slot("name")
    assert (plain.cardinality, plain.sensitivity, plain.half_life_days, plain.always) == ("many", "open", None, False)


def test_slots_are_found_by_path_and_branches_are_no_slots(small_trunk: Trunk) -> None:
    assert list(small_trunk.by_path) == ["name", "home.city", "taste.food", "taste.music"]
    assert small_trunk.by_path["home.city"].cardinality == "one"
    assert small_trunk.branch_paths == {"home", "taste"}


@pytest.mark.parametrize(
    ("slots", "branches", "why"),
    [
        ((), (), "there are no slots"),
        ((slot("a"), slot("a")), (), "a is there twice"),
        ((slot("a"),), (branch("a"),), "a is there twice"),
        ((slot("a.b"),), (), "a.b stands under a, which is no branch"),
        ((slot("a"), slot("a.b")), (), "a.b stands under a, which is no branch"),
        ((slot("a.b.c"),), (branch("a.b"),), "a.b stands under a, which is no branch"),
    ],
)
def test_what_is_no_tree_is_refused(slots: tuple[Slot, ...], branches: tuple[Branch, ...], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        trunk_of(*slots, branches=branches)


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", "a b", "_a", "ä", "a-b", "a\n", "a" * 241])
def test_a_path_is_dotted_words(path: str) -> None:
    with pytest.raises(ValidationError):
        slot(path)


@pytest.mark.parametrize("days", [0, -1, float("inf"), float("nan")])
def test_a_half_life_is_a_positive_number_of_days(days: float) -> None:
    with pytest.raises(ValidationError):
        Slot(path="a", description="A.", half_life_days=days)


def test_the_digest_tells_trunks_apart_by_content() -> None:
    one = trunk_of(slot("a"), slot("b"))
    assert one.digest == trunk_of(slot("a"), slot("b")).digest
    changed = slot("b").model_copy(update={"half_life_days": 30.0})
    assert len({one.digest, trunk_of(slot("b"), slot("a")).digest, trunk_of(slot("a"), changed).digest}) == 3


def test_a_trunk_cannot_be_changed(small_trunk: Trunk) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        small_trunk.version = 2  # type: ignore[misc]  # the attempt is the test
