"""The listen job: every window once, cut alike however often the work is interrupted."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering import Memory, Message
from treering.errors import ModelUnavailable
from treering.memory.tree import PersonaTree
from treering.schemas.listening import Draft, Proposal, Reply, Window
from treering.testing import ManualClock

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


class Recorder:
    """A listener with windows of six that notes what it hears, and fails when it is told to."""

    name = "recorder/1"
    window_turns = 6
    context_turns = 2

    def __init__(self, fail_at: set[int] | None = None) -> None:
        self.windows: list[Window] = []
        self.calls = 0
        self.fail_at = fail_at or set()

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        self.calls += 1
        if self.calls in self.fail_at:
            raise ModelUnavailable("recorder", "interrupted")

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        self.windows.append(window)
        turn = window.turns[0]
        fact = Draft(
            kind="ADD", path="experiences.events", text=turn.content, message_id=turn.message_id, quote=turn.content
        )
        return Proposal(drafts=(fact,))


def hear(folder: Path, listener: Recorder, turns: int) -> tuple[list[str], str]:
    clock = ManualClock(NOW)
    with Memory(folder, embedder="hash", listener=listener, clock=clock, background=False) as memory:
        for session in ("a", "b"):
            said = [Message(content=f"Turn {session}{n}.", id=f"{session}{n}") for n in range(turns)]
            memory.remember("ana", said, session=session)
            memory.end_session("ana", session)
        memory.flush()
        for _ in range(40):
            clock.advance(timedelta(hours=1))
            memory.flush()
        assert memory.jobs("ana") == []
        return [window.id for window in listener.windows], memory.tree("ana").digest


@pytest.mark.parametrize("turns", [5, 127, 128, 200])
def test_windows_are_cut_alike_however_often_the_work_is_interrupted(tmp_path: Path, turns: int) -> None:
    straight = hear(tmp_path / "straight", Recorder(), turns)
    dice = random.Random(turns)
    interrupted = hear(tmp_path / "cut", Recorder({dice.randrange(1, 40) for _ in range(12)}), turns)
    assert interrupted == straight
    heard = [int(edge) for window in straight[0] for edge in window.split("-")]
    assert heard[0] == 1
    assert heard[-1] == 2 * turns
    assert all(later == earlier + 1 for earlier, later in zip(heard[1:-1:2], heard[2::2], strict=True))


def test_an_open_session_keeps_its_last_window_waiting(tmp_path: Path) -> None:
    listener = Recorder()
    with Memory(tmp_path, embedder="hash", listener=listener, background=False) as memory:
        memory.remember("ana", [Message(content=f"Turn {n}.") for n in range(8)], session="a")
        memory.flush()
        assert [window.id for window in listener.windows] == ["1-6"]
        memory.remember("ana", "Hello again.", session="b")
        memory.flush()
        assert [window.id for window in listener.windows] == ["1-6", "7-8"]
        assert [turn.seq for turn in listener.windows[1].context] == [5, 6]


class Eraser(Recorder):
    """Forgets what the person said before, once, while their third turn is being thought about."""

    window_turns = 1

    def __init__(self, memory: list[Memory]) -> None:
        super().__init__()
        self.memory = memory

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        if window.turns[0].content == "Turn 2." and self.memory:
            claims = {claim.text: claim.id for claim in trees["self"].claims.values()}
            self.memory.pop().forget("ana", [claims["Turn 1."]])


def test_words_that_are_erased_while_a_window_is_thought_about_are_gone_from_it(tmp_path: Path) -> None:
    holder: list[Memory] = []
    listener = Eraser(holder)
    with Memory(tmp_path, embedder="hash", listener=listener, background=False) as memory:
        holder.append(memory)
        memory.remember("ana", [Message(content=f"Turn {n}.") for n in range(4)])
        memory.flush()
        assert [claim.text for claim in memory.tree("ana").claims] == ["Turn 0.", "Turn 2.", "Turn 3."]
        assert memory.jobs() == []
    read = [(window.id, [turn.content for turn in window.context]) for window in listener.windows]
    assert ("3-3", ["Turn 0.", "Turn 1."]) in read, "it was read before the words went"
    assert read[-2:] == [("3-3", ["Turn 0.", ""]), ("4-4", ["", "Turn 2."])]
