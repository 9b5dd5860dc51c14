"""A turn that kills each process that listens to it is put aside; before that and after it, everybody else is heard."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering import Memory, Settings
from treering.schemas.dialogue import Turn
from treering.schemas.listening import Draft
from treering.testing import ManualClock, TurnListener, quoted
from treering.workers.runner import MAX_ATTEMPTS

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

LEASE_S = 60.0
START = datetime(2024, 6, 1, tzinfo=UTC)


class Mortal(TurnListener):
    """Takes every turn for a dish that is liked, and dies of one."""

    name = "mortal/1"

    def drafts(self, turn: Turn) -> list[Draft]:
        if turn.content == "death cap":
            os.kill(os.getpid(), signal.SIGKILL)
        return [quoted(turn, "preferences.food")]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """An empty store on each database."""
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    return Settings(home=tmp_path, database_url=url, embedder="hash", lease_s=LEASE_S)


def test_a_turn_that_is_deadly_is_put_aside_alone(
    settings: Settings, forked: Callable[[Callable[[], object]], int]
) -> None:
    def opened(nth: int) -> Memory:
        """The memory of the nth process, when the leases of those before are over."""
        clock = ManualClock(START + nth * timedelta(seconds=LEASE_S + 1))
        return Memory(settings=settings, listener=Mortal(), clock=clock, background=False)

    def says(memory: Memory, user: str, *dishes: str) -> None:
        memory.remember(user, [{"content": dish, "id": f"{user}-{dish}"} for dish in dishes])

    def likes(memory: Memory, user: str) -> set[str]:
        return {claim.text for claim in memory.tree(user).claims}

    def work(nth: int) -> None:
        with opened(nth) as memory:
            memory.flush()

    with opened(0) as memory:
        says(memory, "ana", "soup", "death cap", "bread")
        says(memory, "bo", "rice")
    died = 0
    while forked(lambda: work(died)) == -signal.SIGKILL:  # noqa: B023 - it is called at once
        died += 1
        assert died <= 2 * MAX_ATTEMPTS, "nobody learns from it"
        with opened(died) as memory:
            says(memory, "bo", f"dish {died}")
            memory.flush("bo")
            assert f"dish {died}" in likes(memory, "bo"), "nobody else waits"
    assert died >= MAX_ATTEMPTS
    with opened(died) as memory:
        assert likes(memory, "ana") == {"soup", "bread"}
        [dead] = memory.jobs()
        assert (dead.scope.user, dead.kind, dead.state) == ("ana", "window", "dead")
        assert "processes that began it died" in (dead.error or "")
        assert memory.doctor().findings == ()
