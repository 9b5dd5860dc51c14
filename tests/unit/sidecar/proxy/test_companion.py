"""Which conversation a request goes on with, over days, and what of it is stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering import Memory
from treering.schemas.dialogue import Scope
from treering.sidecar.proxy.companion import Companion, Turn
from treering.testing import ManualClock

MONDAY = datetime(2026, 3, 2, 22, tzinfo=UTC)
ANA = Scope(user="ana")


class Desk:
    """A companion whose days pass by hand."""

    def __init__(self, home: Path) -> None:
        self.clock = ManualClock(MONDAY)
        self.memory = Memory(home, embedder="hash", background=False, clock=self.clock)
        self.companion = Companion(self.memory, clock=self.clock)

    def hear(self, *texts: str, answer: str | None = None, session: str | None = None) -> None:
        roles = ("user", "assistant")
        messages = [{"role": roles[n % 2], "content": text} for n, text in enumerate(texts)]
        self.companion.remember(Turn(scope=ANA, session=session, messages=messages), answer)

    def stored(self) -> list[list[str]]:
        """What each session holds."""
        sessions = self.memory.sessions("ana")
        return [[turn.content for turn in self.memory.turns("ana", session=one.id)] for one in sessions]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.memory.close()


def test_a_conversation_goes_on_over_midnight(desk: Desk) -> None:
    desk.hear("Hi", answer="Hello!")
    desk.clock.advance(timedelta(hours=5))
    desk.hear("Hi", "Hello!", "I cannot sleep.", answer="Why?")
    assert desk.stored() == [["Hi", "Hello!", "I cannot sleep.", "Why?"]]


def test_the_same_opening_on_another_day_is_said_again(desk: Desk) -> None:
    desk.hear("I feel ill.", answer="Oh no!")
    desk.clock.advance(timedelta(days=30))
    desk.hear("I feel ill.", answer="Again?")
    desk.hear("I feel ill.", "Again?", "Yes.", answer="Rest.")
    assert desk.stored() == [["I feel ill.", "Oh no!"], ["I feel ill.", "Again?", "Yes.", "Rest."]]
    desk.hear("I feel ill.", "Oh no!", "It is over.", answer="Good.")
    assert desk.stored()[0] == ["I feel ill.", "Oh no!", "It is over.", "Good."], "each goes on by itself"


def test_the_same_opening_on_the_same_day_is_the_same_and_nothing_is_stored_twice(desk: Desk) -> None:
    for _ in range(3):
        desk.hear("I feel ill.", answer="Oh no!")
    desk.hear("I feel ill.", answer="Poor you!")
    assert desk.stored() == [["I feel ill.", "Oh no!", "Poor you!"]]


def test_what_an_application_puts_first_makes_no_endless_session(desk: Desk) -> None:
    """Examples begin each conversation with the same words, and an answer."""
    desk.hear("2 + 2?", "4", "Where is Porto?", answer="In Portugal.")
    desk.clock.advance(timedelta(days=1))
    desk.hear("2 + 2?", "4", "Where is Lyon?", answer="In France.")
    assert desk.stored() == [["Where is Porto?", "In Portugal."], ["Where is Lyon?", "In France."]]


def test_a_client_that_sends_the_end_of_a_named_session_loses_nothing(desk: Desk) -> None:
    desk.hear("One.", answer="1", session="s")
    desk.hear("One.", "1", "Two.", answer="2", session="s")
    desk.hear("Two.", "2", "Three.", answer="3", session="s")
    assert desk.stored() == [["One.", "1", "Two.", "2", "Three.", "3"]]


def test_where_nobody_spoke_nothing_is_remembered(desk: Desk) -> None:
    desk.companion.remember(Turn(scope=ANA, session=None, messages=[{"role": "system", "content": "x"}]), "Hello!")
    desk.companion.remember(Turn(scope=ANA, session="s", messages=[]), None)
    assert desk.stored() == []


def test_what_was_taken_back_does_not_come_again_with_the_history(desk: Desk) -> None:
    desk.hear("I live in Porto.", answer="Nice.")
    [first, _] = desk.memory.turns("ana")
    desk.memory.retract("ana", first.message_id)
    desk.hear("I live in Porto.", "Nice.", "Not any more.", answer="Oh.")
    assert desk.stored() == [["", "Nice.", "Not any more.", "Oh."]]
