"""A consolidation that is killed at one statement after another: the old state or the new one, and then the new one."""

from __future__ import annotations

import os
import shutil
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from treering import Memory, Settings
from treering.schemas.dialogue import Turn
from treering.schemas.listening import Draft
from treering.testing import TurnListener

LEASE_S = 0.05
STRIDE = 13
"""Statements between two kills; each is met by one store of its own."""

HEARS = {
    "I have two cats.": ("home.pets", "has two cats", "stated"),
    "I have three cats.": ("home.pets", "has three cats", "stated"),
    "I love hiking.": ("preferences.nature", "loves hiking", "stated"),
    "I really enjoy hiking.": ("preferences.travel", "really enjoys hiking", "stated"),
    "I queued an hour.": ("personality.traits", "is patient", "inferred"),
    "I waited all day.": ("personality.traits", "is patient", "inferred"),
}

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


class Scripted(TurnListener):
    """Hears what is written above."""

    name = "scripted/1"

    def drafts(self, turn: Turn) -> list[Draft]:
        path, text, origin = HEARS[turn.content]
        found = {"kind": "ADD", "path": path, "text": text, "origin": origin}
        return [Draft(**found, message_id=turn.message_id, quote=turn.content)]


def opened(folder: Path) -> Memory:
    settings = Settings(home=folder, embedder="hash", lease_s=LEASE_S)
    return Memory(settings=settings, listener=Scripted(), background=False)


def state(folder: Path) -> tuple[str, int]:
    """What is known, and how much waits."""
    with opened(folder) as memory:
        return memory.tree("ana").digest, len(memory.quarantine("ana"))


def killed_at(folder: Path, statement: int) -> bool:
    """Consolidate in a process that is killed before a statement; False if it ended before."""
    child = os.fork()
    if child == 0:
        try:
            count = 0

            def die(*_: object) -> None:
                nonlocal count
                count += 1
                if count == statement:
                    os.kill(os.getpid(), signal.SIGKILL)

            with opened(folder) as memory:
                memory.tree("ana")
                event.listen(Engine, "before_cursor_execute", die)
                event.listen(Engine, "commit", die)
                memory.consolidate("ana")
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    assert status in (0, signal.SIGKILL), "the run failed by itself"
    return status != 0


def test_a_kill_leaves_the_old_state_or_the_new_one(tmp_path: Path) -> None:
    first = datetime(2024, 3, 1, tzinfo=UTC)
    with opened(tmp_path / "old") as memory:
        for number, text in enumerate(HEARS):
            at = first + timedelta(days=number)
            session = "two" if text.startswith("I waited") else "one"
            memory.remember("ana", {"content": text, "id": f"m{number}", "at": at}, session=session)
        while any(job.kind in ("listen", "summarise") for job in memory.jobs("ana")):
            memory._runner.run_one()
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    with opened(tmp_path / "new") as memory:
        memory.consolidate("ana")
    old, new = state(tmp_path / "old"), state(tmp_path / "new")
    assert old != new
    seen = []
    statement, was_killed = 1, True
    while was_killed:
        folder = tmp_path / f"at {statement}"
        shutil.copytree(tmp_path / "old", folder)
        was_killed = killed_at(folder, statement)
        seen.append(state(folder))
        time.sleep(LEASE_S)
        with opened(folder) as memory:
            memory.consolidate("ana")
            assert memory.jobs() == []
            assert memory.doctor("ana").findings == ()
        assert state(folder) == new
        shutil.rmtree(folder)
        statement += STRIDE
    assert set(seen) == {old, new}
    assert seen == sorted(seen, key=[old, new].index), "it changes once"
