"""A policy says what may be kept, and refuses what it cannot mean."""

from __future__ import annotations

import pytest

from treering.errors import InvalidInput
from treering.schemas.policy import Policy
from treering.schemas.trunk import Slot, Trunk

DIET = Slot(path="home.diet", description="Diet.", sensitivity="special")


def test_the_most_exact_rule_counts_and_then_the_last() -> None:
    assert Policy().of(DIET) == "keep"
    assert Policy().of(DIET.model_copy(update={"consent": "ask"})) == "ask"
    assert Policy.read("special=ask").of(DIET) == "ask"
    assert Policy.read("home.*=never,special=ask").of(DIET) == "never"
    assert Policy.read("home.diet=keep,home.*=never").of(DIET) == "keep"
    assert Policy.read("special=ask,special=never").of(DIET) == "never"
    assert Policy.read("home.*=never").of(Slot(path="homely", description="x")) == "keep"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("special", "write WHERE=CONSENT"),
        ("special=perhaps", "choose keep, ask, never"),
        ("=ask", "write WHERE=CONSENT"),
        ("health.**=ask", "write WHERE=CONSENT"),
    ],
)
def test_what_cannot_be_read_says_how_to_write_it(text: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told) as raised:
        Policy.read(text)
    assert raised.value.what == "TREERING_CONSENT"


def test_a_rule_that_covers_nothing_is_refused(small_trunk: Trunk) -> None:
    Policy.read("special=ask,taste.*=never,name=ask").check(small_trunk)
    for unknown in ("health.*", "taste", "taste.wine"):
        with pytest.raises(InvalidInput, match=r"no sensitivity .*, no slot"):
            Policy.read(f"{unknown}=ask").check(small_trunk)
