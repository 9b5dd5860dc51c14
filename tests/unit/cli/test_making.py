"""`treering bench make` turns wishes to a dial, and says which of them cannot be."""

from __future__ import annotations

import pytest

from treering.bench.quartet.dial import LEVELS, Dial
from treering.cli.making import dialled, shipped
from treering.errors import InvalidInput


def test_wishes_change_a_level_and_what_is_not_wished_for_stays() -> None:
    assert dialled("hard", {"seed": 7, "talk": None}) == LEVELS["hard"].model_copy(update={"seed": 7})
    assert dialled("medium", {}) == Dial()


@pytest.mark.parametrize(
    ("level", "wishes", "told"),
    [("harder", {}, "--level"), ("easy", {"sessions": 5}, "--sessions"), ("easy", {"noise": 4}, "--noise")],
)
def test_what_cannot_be_is_named(level: str, wishes: dict[str, int | None], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        dialled(level, wishes)


def test_the_shipped_suite_is_gone_when_it_was_used() -> None:
    with shipped() as folder:
        assert {one.name for one in folder.iterdir()} == {"people.jsonl", "gold.jsonl", "manifest.json"}
    assert not folder.exists()
