"""Shared by tests of what runs jobs: a moment, a clock that stands at it, and a listener that does as it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from treering.memory.tree import PersonaTree
from treering.schemas.listening import Reply, Window
from treering.testing import ManualClock, TurnListener


class Listening(TurnListener):
    """A listener that does what the test wants done while it listens."""

    name = "test/1"

    def __init__(self) -> None:
        self.meanwhile: Callable[[], None] = lambda: None
        self.calls = 0

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        self.calls += 1
        self.meanwhile()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2024, 6, 1, 12, tzinfo=UTC))


@pytest.fixture
def listener() -> Listening:
    return Listening()
