"""What holds of any life: consolidation ends, loses no words, and does not depend on the order of things."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from treering.memory.consolidating import MAX_ROUNDS
from treering.memory.consolidation.planning import plan

if TYPE_CHECKING:
    from tests.unit.memory.consolidation.conftest import Life
    from treering.memory.consolidation.case import Case

VERBS = ("loves", "really enjoys", "hates", "doesn't like", "has two", "has three", "went to see", "wants")
OBJECTS = ("sushi", "jazz", "cats")
ENDS = ("", " on weekdays", " when travelling", " with rice", " and ramen")
PATHS = ("taste.food", "taste.music", "self.traits", "self.city")

statements = st.lists(
    st.tuples(
        st.sampled_from(VERBS),
        st.sampled_from(OBJECTS),
        st.sampled_from(ENDS),
        st.sampled_from(PATHS),
        st.integers(0, 60),
        st.sampled_from(("stated", "inferred", "manual")),
    ),
    max_size=12,
)


def told(lives: type[Life], said: list[tuple[str, str, str, str, int, str]]) -> Life:
    life = lives()
    for verb, thing, end, path, day, origin in said:
        life.claim(f"{verb} {thing}{end}", path, day=day, origin=origin)  # type: ignore[arg-type]
    return life


def settled(case: Case) -> tuple[Case, int]:
    """The case when nothing is left to do, and after how many rounds."""
    for rounds in range(MAX_ROUNDS + 1):
        steps = plan(case)
        if not steps:
            return case, rounds
        case = case.after(steps)
    raise AssertionError("it does not end")


@settings(max_examples=150)
@given(said=statements, seed=st.integers(0, 9))
def test_it_ends_loses_nothing_and_knows_no_order(said: list[tuple[str, str, str, str, int, str]], seed: int) -> None:
    from tests.unit.memory.consolidation.conftest import Life  # noqa: PLC0415 - a fixture would be shared by examples

    life = told(Life, said)
    before = life.case()
    after, _ = settled(before)
    for origins in ({"stated", "manual"}, {"manual"}):
        words = [
            {piece for claim in case.live.values() if claim.origin in origins for piece in claim.evidence}
            for case in (before, after)
        ]
        assert words[0] <= words[1], "no words are lost, and what was confirmed goes into what was confirmed alone"
    random.Random(seed).shuffle(life.operations)
    again, _ = settled(life.case())
    digests = [{who: tree.digest for who, tree in case.forest.items()} for case in (after, again)]
    assert digests[0] == digests[1]
