"""The listen job: every window once, cut alike however often the work is interrupted."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering import Memory, Message, Scope
from treering.errors import ModelReplyUnreadable, ModelUnavailable
from treering.memory.tree import PersonaTree
from treering.schemas.listening import Draft, Heard, Proposal, Reply, Window
from treering.testing import ManualClock
from treering.workers.runner import MAX_ATTEMPTS, MAX_BACKOFF_S

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
            if not memory.jobs("ana"):
                break
            clock.advance(timedelta(hours=1))
            memory.flush()
        assert memory.jobs("ana") == []
        return [window.id for window in listener.windows], memory.tree("ana").digest


@pytest.mark.parametrize("turns", [5, 127, 128, 140])
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
            self.memory.pop().forget("ana", claims=[claims["Turn 1."]])


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


class Parrot(Eraser):
    """Replies with everything it was shown, after the words in it were erased."""

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        super().ask(window, trees)
        shown = " ".join(claim.text for tree in trees.values() for claim in tree.claims.values())
        return self.answer(Reply(raw=f"I know: {shown}", model="parrot", prompt_version="1"))

    def answer(self, reply: Reply) -> Reply:
        return reply


class Babbler(Parrot):
    """Says so in a way that nobody can read."""

    def answer(self, reply: Reply) -> Reply:
        if self.memory or "Turn 2" in reply.raw:
            return reply
        raise ModelReplyUnreadable("babbler", reply.raw, f"it says {reply.raw!r}")


@pytest.mark.parametrize("kind", [Parrot, Babbler])
def test_a_reply_that_comes_after_an_erasure_is_not_kept(tmp_path: Path, kind: type[Parrot]) -> None:
    holder: list[Memory] = []
    listener = kind(holder)
    with Memory(tmp_path, embedder="hash", listener=listener, background=False) as memory:
        holder.append(memory)
        memory.remember("ana", [Message(content=f"Turn {n}.") for n in range(4)])
        memory.flush()
        assert "Turn 1" not in " ".join(claim.text for claim in memory.tree("ana").claims)
        assert "Turn 1" not in "".join(f"{job.error} {job.raw_reply}" for job in memory.jobs())
    for file in tmp_path.iterdir():
        assert b"Turn 1" not in file.read_bytes(), file.name


class Stumbler(Recorder):
    """Stumbles over one window, each time."""

    window_turns = 1

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        if window.turns[0].content == "Turn 1.":
            raise RecursionError("too deep")
        return super().read(window, trees, reply)


def test_a_window_that_no_listener_can_stand_is_put_aside_and_the_rest_is_heard(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    with Memory(tmp_path, embedder="hash", listener=Stumbler(), clock=clock, background=False) as memory:
        memory.remember("ana", [Message(content=f"Turn {n}.") for n in range(4)])
        for _ in range(MAX_ATTEMPTS + 2):
            memory.flush()
            clock.advance(timedelta(seconds=2 * MAX_BACKOFF_S))
        assert [claim.text for claim in memory.tree("ana").claims] == ["Turn 0.", "Turn 2.", "Turn 3."]
        [job] = memory.jobs()
        assert (job.kind, job.state, job.error) == ("window", "dead", "RecursionError: too deep")


def test_attempts_count_for_one_window_and_not_for_all(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    listener = Recorder(fail_at=set(range(1, MAX_ATTEMPTS + 3)))
    with Memory(tmp_path, embedder="hash", listener=listener, clock=clock, background=False) as memory:
        memory.remember("ana", [Message(content=f"Turn {n}.") for n in range(24)])
        for _ in range(MAX_ATTEMPTS + 5):
            memory.flush()
            clock.advance(timedelta(seconds=2 * MAX_BACKOFF_S))
        assert [job.payload for job in memory.jobs()] == [{"first": 1, "last": 6}]
        assert [window.id for window in listener.windows] == ["7-12", "13-18", "19-24"]


def test_an_observer_that_raises_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def watch(_: Scope, heard: Heard) -> None:
        raise KeyError(heard.message_ids[0])

    listener = Stumbler()
    with Memory(tmp_path, embedder="hash", listener=listener, observe=watch, background=False) as memory:
        memory.remember("ana", [Message(content="Turn 0."), Message(content="Turn 2.")])
        memory.flush()
        assert len(memory.tree("ana").claims) == 2
        assert memory.jobs() == []
    assert "the observer of window 1-1 raised KeyError" in caplog.text
