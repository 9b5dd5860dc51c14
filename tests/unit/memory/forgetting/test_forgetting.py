"""Forgetting: what goes with a claim, and what happens when two people decide at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from treering import Memory, Scope
from treering.errors import InvalidInput, UnknownClaim
from treering.memory.tree import PersonaTree
from treering.schemas.listening import Draft, Proposal, Reply, Window
from treering.schemas.operations import Add, Delete


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory(tmp_path, embedder="hash", background=False) as opened:
        yield opened


def said(memory: Memory, *texts: str, user: str = "ana") -> None:
    for text in texts:
        memory.remember(user, text)
    memory.flush()


def assert_gone(folder: Path, words: bytes) -> None:
    for file in folder.iterdir():
        assert words not in file.read_bytes(), file.name


class JobListener:
    """Takes each turn for a job, or for its end."""

    name = "jobs/1"
    window_turns = 1
    context_turns = 0

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        return None

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        [turn] = window.turns
        kind = "DELETE" if "quit" in turn.content else "ADD"
        draft = Draft(
            kind=kind,
            path="work.job",
            text=turn.content,
            message_id=turn.message_id,
            quote=turn.content,
            reason="ended",
        )
        return Proposal(drafts=(draft,))


def test_the_words_that_ended_a_claim_go_with_it(tmp_path: Path) -> None:
    with Memory(tmp_path, embedder="hash", listener=JobListener(), background=False) as memory:
        said(memory, "I work at Zebulon as a nurse.", "I quit my job at Zebulon.")
        added, ended = (entry.operation for entry in memory.history("ana"))
        assert isinstance(added, Add)
        assert isinstance(ended, Delete)
        assert len(memory.forget("ana", claims=[added.claim.id]).messages) == 2
        assert "Zebulon" not in memory.recall("ana", "What about the job at Zebulon?", mode="hybrid").context
        assert_gone(tmp_path, b"Zebulon")


def test_a_wish_goes_with_the_claim_however_the_claim_is_forgotten(memory: Memory, tmp_path: Path) -> None:
    said(memory, "I have a friend named Zebulon.", "Please forget my friend Zebulon.")
    [held] = memory.quarantine("ana")
    memory.forget("ana", claims=[memory.tree("ana").claims[0].id])
    assert memory.quarantine("ana") == []
    with pytest.raises(InvalidInput, match="nothing with id"):
        memory.confirm("ana", held.id)
    assert_gone(tmp_path, b"Zebulon")


def test_the_vectors_are_up_to_date_after_forgetting(memory: Memory) -> None:
    said(memory, "I have a friend named Zebulon.")
    memory.forget("ana", claims=[memory.tree("ana").claims[0].id])
    with memory._engine.store.begin(write=False) as unit:
        head = unit.ledger.head(Scope(user="ana"))
    assert head.indexed_version == head.version


def test_of_two_people_who_decide_at_once_one_does(memory: Memory) -> None:
    for number in range(12):
        user = f"user-{number}"
        said(memory, "I have a friend named Zebulon.", "Please forget my friend Zebulon.", user=user)
        [held] = memory.quarantine(user)
        start = threading.Barrier(2)
        done: list[str] = []

        def decide(call: str, user: str = user, held_id: str = held.id, start: threading.Barrier = start) -> None:
            start.wait()
            try:
                getattr(memory, call)(user, held_id)
            except (InvalidInput, UnknownClaim):
                return
            done.append(call)  # noqa: B023 - joined below, before the next round

        threads = [threading.Thread(target=decide, args=(call,)) for call in ("confirm", "drop")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(done) == 1
        assert bool(memory.tree(user).claims) == (done == ["drop"])
