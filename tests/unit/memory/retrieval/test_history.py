"""Claims that are no longer so, and when they ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval.history import former
from treering.memory.tree import PersonaTree
from treering.schemas.claims import Claim
from treering.schemas.trunk import Slot, Trunk

START = datetime(2024, 3, 1, tzinfo=UTC)
TRUNK = Trunk(
    name="t",
    version=1,
    description="For tests.",
    branches=(),
    slots=(
        Slot(path="city", description="One.", cardinality="one"),
        Slot(path="music", description="Many."),
    ),
)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def claim(number: int, path: str, since: int, **fields: object) -> Claim:
    values = {
        "id": f"{number:024x}",
        "path": path,
        "text": f"claim {number}",
        "valid_from": day(since),
        "recorded_at": START,
        "origin": "manual",
    }
    return Claim.model_validate({**values, **fields})


def ends(*claims: Claim, as_of: int = 99) -> dict[int, datetime]:
    tree = PersonaTree(trunk=TRUNK, claims={one.id: one for one in claims})
    return {int(ref, 16): one.until for ref, one in former(tree, day(as_of)).items()}


def test_in_a_slot_of_one_a_claim_ends_where_the_next_begins() -> None:
    assert ends(claim(1, "city", 0), claim(2, "city", 5), claim(3, "city", 9)) == {1: day(5), 2: day(9)}


def test_in_a_slot_of_many_a_claim_ends_where_it_is_superseded() -> None:
    newer = claim(3, "music", 9, supersedes=(claim(1, "music", 0).id,))
    assert ends(claim(1, "music", 0), claim(2, "music", 5), newer) == {1: day(9)}


def test_a_claim_that_ended_ends_then_whatever_came_later() -> None:
    assert ends(claim(1, "music", 0, valid_to=day(7)), claim(2, "music", 3)) == {1: day(7)}
    assert ends(claim(1, "city", 0, valid_to=day(2)), claim(2, "city", 8)) == {1: day(2)}


def test_a_claim_of_a_slot_that_the_trunk_has_no_more_ended_as_it_began() -> None:
    assert ends(claim(1, "gone", 3), claim(2, "gone", 5)) == {1: day(3), 2: day(5)}


def test_what_had_not_begun_or_ended_by_then_is_not_former() -> None:
    claims = (claim(1, "city", 0), claim(2, "city", 5), claim(3, "music", 0, valid_to=day(7)))
    assert ends(*claims, as_of=4) == {}
    assert ends(*claims, as_of=6) == {1: day(5)}
    assert ends(*claims, as_of=8) == {1: day(5), 3: day(7)}


@given(
    spans=st.lists(st.tuples(st.sampled_from(["city", "music"]), st.integers(0, 9), st.integers(0, 9)), max_size=8),
    as_of=st.integers(0, 20),
)
def test_every_claim_that_had_begun_is_current_or_former(spans: list[tuple[str, int, int]], as_of: int) -> None:
    claims = [
        claim(number, path, since, valid_to=day(since + length) if length else None)
        for number, (path, since, length) in enumerate(spans)
    ]
    tree = PersonaTree(trunk=TRUNK, claims={one.id: one for one in claims})
    gone = former(tree, day(as_of))
    current = {one.id for one in tree.current(as_of=day(as_of))}
    begun = {one.id for one in claims if one.valid_from <= day(as_of)}
    assert gone.keys() | current == begun
    assert not gone.keys() & current
    assert all(one.claim.valid_from <= one.until <= day(as_of) for one in gone.values())
