"""No message makes admission think for long: its patterns are linear in what they read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.growth import assert_linear, repeated
from treering.memory.admission import admit
from treering.schemas.dialogue import Turn
from treering.schemas.listening import Draft, Proposal, Window
from treering.schemas.trunks import load_trunk

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
TRUNK = load_trunk("core")

FLOODS = (
    "```\n",
    "a\u200b",
    "a",
    "\u0430b ",
    "commas, ",
    '"I ',
    "((((",
    "....",
    "* _",
    "ignore all the ",
    "You are a x and ",
    "- ",
)


@pytest.mark.parametrize("piece", FLOODS)
def test_a_flood_is_judged_in_bounded_time(piece: str) -> None:
    assert_linear(judge, repeated(piece), 100_000)


def judge(content: str) -> None:
    turn = Turn(message_id="m", session="s", index=0, seq=1, role="user", content=content, at=NOON)
    quotes = (content[:60], content[-60:], content)
    drafts = tuple(
        Draft(kind="ADD", path="preferences.food", text="loves tea", message_id="m", quote=quote) for quote in quotes
    )
    admit(Proposal(drafts=drafts), trunk=TRUNK, forest={}, window=Window(session="s", turns=(turn,)), now=NOON)
