"""The life of a memory beside its jobs: let go of without `close`, interrupted, closed, started by many at once."""

from __future__ import annotations

import gc
import sqlite3
import threading
import weakref
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering import Memory, Message
from treering.errors import DimensionMismatch, StoreError, StoreUnreadable
from treering.memory.models.hashing import HashEmbedder
from treering.memory.tree import PersonaTree
from treering.schemas.listening import Proposal, Reply, Window
from treering.testing import ManualClock


class Listening:
    """A listener that raises what it is given, once."""

    name = "test/1"
    window_turns = 1
    context_turns = 0

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.heard: list[str] = []

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        if self.failures:
            raise self.failures.pop()
        return None

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        self.heard += [turn.content for turn in window.turns]
        return Proposal()


Runners = Callable[[], list[threading.Thread]]


@pytest.fixture
def runners() -> Runners:
    """The runner threads that the test itself started; others of this process may have left theirs open."""

    def alive() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name == "treering-runner"]

    before = alive()
    return lambda: [thread for thread in alive() if thread not in before]


def test_a_memory_that_nobody_closes_goes_with_its_thread(
    tmp_path: Path, runners: Callable[[], list[threading.Thread]]
) -> None:
    memory = Memory(tmp_path, embedder="hash", listener=Listening())
    memory.remember("ana", "I live in Porto.")
    [thread] = runners()
    gone = weakref.ref(memory)
    del memory
    gc.collect()
    assert gone() is None
    thread.join(timeout=10)
    assert not thread.is_alive()


def test_many_threads_at_once_start_one_runner(tmp_path: Path, runners: Runners) -> None:
    with Memory(tmp_path, embedder="hash", listener=Listening()) as memory:
        start = threading.Barrier(8)

        def remember(number: int) -> None:
            start.wait()
            memory.remember("ana", f"This is sentence {number}.")

        threads = [threading.Thread(target=remember, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(runners()) == 1
    assert runners() == []


def test_who_interrupts_a_flush_need_not_wait_for_the_lease(tmp_path: Path) -> None:
    listener = Listening(KeyboardInterrupt())
    with Memory(tmp_path, embedder="hash", listener=listener, background=False) as memory:
        memory.remember("ana", "I live in Porto.")
        with pytest.raises(KeyboardInterrupt):
            memory.flush()
        assert [job.state for job in memory.jobs()] == ["queued"]
        memory.flush()
        assert listener.heard == ["I live in Porto."]


def test_a_closed_memory_does_not_pretend_to_flush(tmp_path: Path) -> None:
    memory = Memory(tmp_path, embedder="hash", background=False)
    memory.close()
    with pytest.raises(StoreError, match="was closed"):
        memory.flush()


def test_an_error_that_no_database_can_hold_is_recorded_all_the_same(tmp_path: Path) -> None:
    listener = Listening(ValueError("\ud800\x00" + "long " * 10_000))
    with Memory(tmp_path, embedder="hash", listener=listener, background=False) as memory:
        memory.remember("ana", "I live in Porto.")
        memory.flush()
        [job] = memory.jobs()
        assert (job.error or "").startswith("ValueError: ??long")
        assert len(job.error or "") < 10_000


def test_jobs_of_a_newer_kind_are_left_to_a_newer_treering(tmp_path: Path) -> None:
    listener = Listening()
    with Memory(tmp_path, embedder="hash", listener=listener, background=False) as memory:
        memory.remember("ana", "I live in Porto.")
        with sqlite3.connect(tmp_path / "treering.db") as connection:
            connection.execute("UPDATE jobs SET kind = 'dream'")
        connection.close()
        memory.remember("ana", "I live in Lisbon.")
        memory.flush()
        assert listener.heard == ["I live in Porto.", "I live in Lisbon."]
        assert memory.jobs() == []


def test_what_an_application_says_with_a_fast_clock_counts_at_once(tmp_path: Path) -> None:
    now = datetime(2024, 6, 1, 12, tzinfo=UTC)
    soon = now + timedelta(minutes=4)
    with Memory(tmp_path, embedder="hash", clock=ManualClock(now), background=False) as memory:
        memory.remember("ana", Message(content="I live in Porto.", at=soon))
        assert "Porto" in memory.recall("ana", "In which city do I live?", mode="hybrid").context
        memory.flush()
        assert [claim.text for claim in memory.tree("ana").claims] == ["lives in Porto"]


class Other(HashEmbedder):
    """Another embedder, whose vectors have the same length."""

    fingerprint = "other:1"


def test_vectors_of_another_embedder_are_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        memory.remember("ana", "I live in Porto.")
        memory.flush()
    with (
        Memory(tmp_path, embedder=Other(), background=False) as memory,
        pytest.raises(DimensionMismatch, match=r"hash:1:256 .*other:1 .*`treering reindex --embedder NAME`"),
    ):
        memory.recall("ana", "In which city do I live?")


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE vectors SET dense = substr(dense, 1, 10)",
        "UPDATE vectors SET terms = x'00'",
        "UPDATE claims SET claim = '{' || claim",
    ],
)
def test_a_damaged_row_is_a_typed_error_that_quotes_nobody(tmp_path: Path, damage: str) -> None:
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        memory.remember("ana", "I live in Porto.")
        memory.flush()
    with sqlite3.connect(tmp_path / "treering.db") as connection:
        connection.execute(damage)
    connection.close()
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        with pytest.raises(StoreUnreadable) as caught:
            memory.recall("ana", "In which city do I live?")
        assert "Porto" not in str(caught.value)


class Slow(Listening):
    """Waits over its first window until it is told that somebody closes."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = threading.Event(), threading.Event()

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        self.begun.set()
        assert self.go_on.wait(timeout=10)
        return None


def test_closing_waits_for_the_window_at_hand_and_not_for_a_long_backlog(tmp_path: Path) -> None:
    listener = Slow()
    memory = Memory(tmp_path, embedder="hash", listener=listener)
    memory.remember("ana", [f"It is day {number}." for number in range(20)])
    assert listener.begun.wait(timeout=10)
    closing = threading.Thread(target=memory.close)
    closing.start()
    assert memory._runner._stop.wait(timeout=10)
    listener.go_on.set()
    closing.join(timeout=10)
    assert listener.heard == ["It is day 0."]
    with Memory(tmp_path, embedder="hash", listener=listener, background=False) as again:
        again.flush()
        assert len(listener.heard) == 20
        assert again.jobs() == []


def test_indexing_stops_between_two_steps_and_goes_on_later(tmp_path: Path) -> None:
    with Memory(tmp_path, embedder="hash", listener=Listening(), background=False) as memory:
        memory.remember("ana", [f"It is day {number}." for number in range(200)])
        engine, [scope] = memory._engine, memory._engine.store.scopes()

        def indexed() -> int:
            with engine.store.begin(write=False) as unit:
                return unit.ledger.head(scope).indexed_seq

        memory._runner.run_one()
        with engine.store.begin() as unit:
            job = unit.jobs.claim(engine.clock.now(), lease_s=10)
        assert job is not None
        engine.run(job, last_try=False, is_stopping=lambda: True)
        assert 0 < indexed() < 200
        with engine.store.begin() as unit:
            unit.jobs.finish(job)
        memory.flush()
        assert indexed() == 200
