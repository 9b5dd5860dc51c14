"""A migration is checked as a whole against both of its trunks."""

from __future__ import annotations

from typing import Literal

import pytest

from treering.errors import InvalidMigration
from treering.memory.charting import chart
from treering.schemas.migration import Drop, Merge, Migration, Portion, Rename, Split, Step
from treering.schemas.trunk import Branch, Slot, Trunk


def trunk(version: int, *paths: str, cardinality: Literal["one", "many"] = "many") -> Trunk:
    branches = sorted({path.rpartition(".")[0] for path in paths} - {""})
    return Trunk(
        name="t",
        version=version,
        description="For tests.",
        branches=tuple(Branch(path=path, description="A branch.") for path in branches),
        slots=tuple(Slot(path=path, description="A slot.", cardinality=cardinality) for path in paths),
    )


OLD = trunk(1, "a.x", "a.y", "b", "c", "d")


def migration(*steps: Step) -> Migration:
    return Migration(origin="t/1", target="t/2", steps=steps, where="m.yaml")


def test_every_kind_of_step_leads_where_it_says_and_the_rest_stays() -> None:
    new = trunk(2, "z.x", "z.y", "bc", "d")
    found = chart(migration(Rename(source="a", to="z"), Merge(sources=("b", "c"), to="bc")), OLD, new)
    assert {path: [portion.path for portion in portions] for path, portions in found.portions.items()} == {
        "a.x": ["z.x"],
        "a.y": ["z.y"],
        "b": ["bc"],
        "c": ["bc"],
        "d": ["d"],
    }
    assert found.homes == {"z.x": "a.x", "z.y": "a.y", "bc": "b", "d": "d"}


def test_a_split_may_leave_a_part_where_it_was() -> None:
    new = trunk(2, "a.x", "a.y", "b", "c", "d", "e")
    split = Split(source="d", to=(Portion(path="e", when="tea"), Portion(path="d")))
    found = chart(migration(split), OLD, new)
    assert found.portions["d"] == split.to
    assert found.homes["d"] == found.homes["e"] == "d"


def test_slots_may_change_places() -> None:
    new = trunk(2, "a.x", "a.y", "b", "c", "d")
    found = chart(migration(Rename(source="b", to="c"), Rename(source="c", to="b")), OLD, new)
    assert found.homes["b"] == "c"
    assert found.homes["c"] == "b"


def test_what_is_only_on_the_new_trunk_has_no_home() -> None:
    assert "e" not in chart(migration(), OLD, trunk(2, "a.x", "a.y", "b", "c", "d", "e")).homes


@pytest.mark.parametrize(
    ("steps", "paths", "why"),
    [
        ((), ("a.x", "b", "c"), "a.y, d of t/1 is not on t/2, and no step says"),
        ((Drop(path="a"), Drop(path="a.x")), ("b", "c", "d"), "a.x is named twice"),
        ((Rename(source="b", to="e"), Drop(path="b")), ("a.x", "a.y", "c", "d", "e"), "b is named twice"),
        ((Merge(sources=("b", "b"), to="e"),), ("a.x", "a.y", "c", "d", "e"), "b is named twice"),
        ((Rename(source="bb", to="e"),), ("a.x", "a.y", "c", "d", "e"), "t/1: the trunk has no slot 'bb'"),
        ((Rename(source="b", to="ee"),), ("a.x", "a.y", "c", "d", "e"), "t/2: the trunk has no slot 'ee'"),
        ((Rename(source="a", to="e"),), ("e.x", "b", "c", "d"), "t/2: the trunk has no slot 'e.y'"),
        ((Rename(source="b", to="a"),), ("a.x", "a.y", "c", "d"), "'a' is a branch of t/2"),
        ((Merge(sources=("a", "b"), to="e"),), ("c", "d", "e"), "'a' is a branch of t/1"),
        ((Split(source="a", to=(Portion(path="b", when="x"), Portion(path="c"))),), ("b", "c", "d"), "is a branch"),
        ((Drop(path="d"),), ("a.x", "a.y", "b", "c", "d"), "d is on t/2 too"),
        ((Rename(source="b", to="c"),), ("a.x", "a.y", "c", "d"), "c takes the claims of c too; write a merge"),
        (
            (Rename(source="b", to="e"), Rename(source="c", to="e")),
            ("a.x", "a.y", "d", "e"),
            "e takes the claims of c too; write a merge",
        ),
    ],
)
def test_what_does_not_fit_is_refused(steps: tuple[Step, ...], paths: tuple[str, ...], why: str) -> None:
    with pytest.raises(InvalidMigration) as raised:
        chart(migration(*steps), OLD, trunk(2, *paths))
    assert why in raised.value.why


def test_a_fault_is_at_its_step() -> None:
    steps = (Drop(path="b", where="m.yaml:7"),)
    with pytest.raises(InvalidMigration) as raised:
        chart(migration(*steps), OLD, trunk(2, "a.x", "a.y", "b", "c", "d"))
    assert raised.value.source == "m.yaml:7"
    with pytest.raises(InvalidMigration) as raised:
        chart(migration(Drop(path="a"), Drop(path="b")), OLD, trunk(2, "b", "c", "d"))
    assert raised.value.source == "m.yaml, step 2"


def test_it_is_about_these_two_trunks() -> None:
    with pytest.raises(InvalidMigration, match="is about t/2, not about t/3"):
        chart(migration(), OLD, trunk(3, "a.x"))
    with pytest.raises(InvalidMigration, match="is about t/1, not about t/2"):
        chart(migration(), trunk(2, "a.x"), trunk(2, "a.x"))
