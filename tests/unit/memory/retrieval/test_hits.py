"""Where and when a turn was said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from treering.memory.retrieval.hits import ALWAYS, During, Place
from treering.schemas.dialogue import Role, Turn

BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("during", "moments"),
    [
        (ALWAYS, [0, 1, 2, 3]),
        (During(begin=1), [1, 2, 3]),
        (During(end=2), [0, 1]),
        (During(begin=1, end=3), [1, 2]),
        (During(begin=2, end=2), []),
    ],
)
def test_a_stretch_of_time_holds_its_begin_and_not_its_end(during: During, moments: list[int]) -> None:
    assert [second for second in range(4) if during.holds(BEGIN + timedelta(seconds=second))] == moments


@pytest.mark.parametrize(
    ("role", "content", "is_users", "asks"),
    [("user", "Figs? Yes.", True, False), ("assistant", "Figs?\n ", False, True), ("user", "? figs", True, False)],
)
def test_the_place_of_a_turn_tells_who_said_it_when_and_whether_it_asks(
    role: Role, content: str, is_users: bool, asks: bool
) -> None:
    at = BEGIN + timedelta(seconds=90, milliseconds=900)
    turn = Turn(message_id="m", session="s", index=4, seq=9, role=role, content=content, at=at)
    assert Place.of(turn) == Place(session="s", index=4, at=90, is_users=is_users, asks=asks)


def test_what_was_said_before_1970_lies_in_the_second_that_had_begun() -> None:
    at = BEGIN - timedelta(milliseconds=500)
    turn = Turn(message_id="m", session="s", index=0, seq=1, role="user", content="Hi", at=at)
    assert Place.of(turn).at == -1
    assert During(begin=-1, end=0).holds(at)
    assert not During(begin=0).holds(at)
