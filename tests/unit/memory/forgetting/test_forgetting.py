"""Forgetting: what goes with a claim, and what happens when two people decide at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from treering import Memory, Scope
from treering.errors import (
    ErasureIncomplete,
    ForgottenBefore,
    InvalidInput,
    ModelReplyUnreadable,
    TreeringError,
    UnknownClaim,
    UnknownMessage,
    UnknownPath,
    UnknownUser,
)
from treering.memory.forgetting.forgetting import ABOUT_COSINE
from treering.memory.listeners.polarity import topic
from treering.memory.retrieval.sparse import term_of
from treering.memory.stores.turns import SqlTurnLog
from treering.memory.tree import PersonaTree
from treering.schemas.dialogue import Turn
from treering.schemas.listening import Draft, Reply, Verdict, Window
from treering.schemas.operations import Add, Delete
from treering.testing import TurnListener


@pytest.fixture
def memory(tmp_path: Path, sdk: Callable[[Memory], Memory]) -> Iterator[Memory]:
    with Memory(tmp_path, embedder="hash", background=False) as opened:
        yield sdk(opened)


def said(memory: Memory, *texts: str, user: str = "ana") -> None:
    for text in texts:
        memory.remember(user, text)
    memory.drain()  # at the store: over HTTP, waiting for it takes as long again


def assert_gone(folder: Path, words: bytes) -> None:
    for file in folder.iterdir():
        assert words not in file.read_bytes(), file.name


class JobListener(TurnListener):
    """Takes each turn for a job, or for its end."""

    name = "jobs/1"

    def drafts(self, turn: Turn) -> list[Draft]:
        kind = "DELETE" if "quit" in turn.content else "ADD"
        draft = Draft(
            kind=kind,
            path="work.job",
            text=turn.content,
            message_id=turn.message_id,
            quote=turn.content,
            reason="ended",
        )
        return [draft]


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
        memory.release("ana", held.id)
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

        threads = [threading.Thread(target=decide, args=(call,)) for call in ("release", "drop")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(done) == 1
        assert bool(memory.tree(user).claims) == (done == ["drop"])


def test_a_dry_run_shows_the_words_and_erases_nothing(memory: Memory) -> None:
    said(memory, "I'm allergic to peanuts.", "I live in Porto.")
    before = memory.tree("ana").digest
    receipt = memory.forget("ana", about="peanut", dry_run=True)
    assert receipt.preview is not None
    assert receipt.preview.claims == ("is allergic to peanuts",)
    assert receipt.preview.turns == ("I'm allergic to peanuts.",)
    assert (receipt.id, receipt.stores, receipt.tombstones) == (None, (), 0)
    assert memory.tree("ana").digest == before
    assert memory.receipts("ana") == []


def test_claims_that_mean_the_same_are_found_by_their_vectors(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    said(memory, "I'm allergic to peanuts.", "I live in Porto.")
    alike = np.array([[1.0, 0.0], [0.6, 0.8], [0.2, 0.98]], np.float32)
    claims = memory.tree("ana").claims
    order = {claim.text: row for claim, row in zip(claims, alike[1:], strict=True)}
    monkeypatch.setattr(
        memory._engine.forgetting,
        "_embedder",
        SimpleNamespace(embed=lambda texts: np.stack([order.get(text, alike[0]) for text in texts])),
    )
    assert ABOUT_COSINE == 0.5
    assert memory.forget("ana", about="something else", dry_run=True).claims == (claims[0].id,)


def test_what_nobody_said_changes_nothing(memory: Memory) -> None:
    said(memory, "I live in Porto.")
    before = memory.tree("ana").digest
    receipt = memory.forget("ana", about="elephants")
    assert receipt.is_empty
    assert receipt.digest_before == receipt.digest_after
    assert memory.tree("ana").digest == before
    assert memory.receipts("ana") == []
    assert memory.forget("ana", "health").is_empty


def test_what_was_forgotten_before_can_be_named_again(memory: Memory) -> None:
    said(memory, "I'm allergic to peanuts.")
    [claim] = memory.tree("ana").claims
    [message] = memory.forget("ana", claims=[claim.id]).messages
    assert memory.forget("ana", claims=[claim.id]).is_empty
    assert memory.forget("ana", messages=[message]).is_empty
    assert memory.forget("ana", claim.path).is_empty
    said(memory, "I live in Porto.")
    assert memory.forget("ana", "home").claims
    before = memory.tree("ana").digest
    for again in ("home", "home.city"):
        assert memory.forget("ana", again).is_empty
        assert memory.forget("ana", again, dry_run=True).is_empty
    assert memory.tree("ana").digest == before
    assert len(memory.receipts("ana")) == 2, "what is asked for again is proven once"
    memory.forget("ana")
    assert memory.forget("ana").is_empty


@pytest.mark.parametrize(
    ("error", "call"),
    [
        (UnknownUser, lambda memory: memory.forget("bo")),
        (UnknownUser, lambda memory: memory.forget("bo", about="peanuts", dry_run=True)),
        (UnknownUser, lambda memory: memory.allow_again("bo")),
        (UnknownPath, lambda memory: memory.forget("ana", "helth")),
        (UnknownMessage, lambda memory: memory.forget("ana", messages=["nothing"])),
        (UnknownClaim, lambda memory: memory.forget("ana", claims=["0" * 24])),
        (InvalidInput, lambda memory: memory.forget("ana", claims=[])),
        (InvalidInput, lambda memory: memory.forget("ana", messages=[])),
        (InvalidInput, lambda memory: memory.forget("ana", about="it was me")),
        (InvalidInput, lambda memory: memory.allow_again("ana", "")),
    ],
)
def test_what_cannot_be_meant_is_refused_and_changes_nothing(
    memory: Memory, error: type[TreeringError], call: Callable[[Memory], object]
) -> None:
    said(memory, "I live in Porto.")
    before = memory.tree("ana").digest
    with pytest.raises(error):
        call(memory)
    assert memory.tree("ana").digest == before
    assert memory.receipts("ana") == []


def test_claims_of_the_past_are_forgotten_too(memory: Memory, tmp_path: Path) -> None:
    said(memory, "I live in Zebulon City.", "I live in Porto.")
    old = next(entry for entry in memory.history("ana") if "Zebulon" in str(entry.operation))
    memory.retract("ana", memory.turns("ana")[0].message_id)
    assert isinstance(old.operation, Add)
    assert old.operation.claim.id not in {claim.id for claim in memory.tree("ana").claims}
    receipt = memory.forget("ana", about="Zebulon")
    assert receipt.claims == (old.operation.claim.id,)
    assert_gone(tmp_path, b"Zebulon")
    assert [claim.text for claim in memory.tree("ana").claims] == ["lives in Porto"]
    assert memory.doctor("ana").findings == ()


def test_a_store_in_which_something_is_left_is_as_it_was(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    said(memory, "I'm allergic to peanuts.")
    before = memory.tree("ana")
    monkeypatch.setattr(SqlTurnLog, "erase", lambda *_: 0)
    with pytest.raises(ErasureIncomplete, match="still in 1 row") as caught:
        memory.forget("ana", about="peanuts")
    assert caught.value.left == {"turns": 1}
    assert memory.tree("ana").digest == before.digest
    assert memory.receipts("ana") == []
    assert memory.turns("ana")[0].content == "I'm allergic to peanuts."


def test_what_was_held_and_says_what_was_forgotten_is_not_confirmed(memory: Memory) -> None:
    said(memory, "I'm allergic to peanuts.")
    [claim] = memory.tree("ana").claims
    memory.forget("ana", claims=[claim.id])
    again = claim.model_copy(update={"id": "1" * 24, "text": "Is allergic to peanuts"})
    held = Verdict(
        ruling="quarantine",
        rule="too-many",
        why="w",
        draft=Draft(kind="ADD", path=claim.path),
        operation=Add(claim=again),
    )
    with memory._engine.store.begin() as unit:
        [waiting] = unit.quarantine.hold(Scope(user="ana"), "w", [held], claim.recorded_at)
    with pytest.raises(ForgottenBefore):
        memory.release("ana", waiting.id)
    assert [one.id for one in memory.quarantine("ana")] == [waiting.id]
    assert memory.allow_again("ana", "is allergic to peanuts") == 1
    memory.release("ana", waiting.id)
    assert [one.text for one in memory.tree("ana").claims] == ["Is allergic to peanuts"]


def test_a_person_who_comes_back_begins_anew(memory: Memory) -> None:
    said(memory, "I'm allergic to peanuts.", "I live in Porto.")
    memory.forget("ana")
    said(memory, "I live in Lisbon.", "I live in Porto.")
    assert [claim.text for claim in memory.tree("ana").claims] == ["lives in Lisbon"], "the exact words stay forgotten"
    assert memory.doctor("ana").findings == ()


def test_what_only_a_cache_of_this_process_held_goes_too(memory: Memory) -> None:
    said(memory, "I have a friend named Zebulon.")
    memory.recall("ana", "Who is Zebulon?", mode="hybrid")
    memory.forget("ana", about="Zebulon")
    caches = memory._engine.store._connections.caches  # type: ignore[attr-defined]
    assert caches.vectors.nbytes == 0
    assert term_of.cache_info().currsize == 0
    assert not memory._engine._embedder._vectors  # type: ignore[attr-defined]
    assert topic.cache_info().currsize == 0
    listener = memory._engine._hearing._listener
    assert listener._vectors._known == {}  # type: ignore[attr-defined]


class Muddled(JobListener):
    """Answers with words that nobody said, holds back what it wants, or cannot be read."""

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        raw = "it is all about vexwort"
        if "unreadable" in window.turns[-1].content:
            raise ModelReplyUnreadable("muddled", raw, f"it says {raw!r}")
        return Reply(raw=raw, model="muddled", prompt_version="1")


@pytest.mark.parametrize("content", ["an unreadable thing", "a plain thing"], ids=["failed job", "model reply"])
def test_words_that_are_in_no_claim_and_no_turn_are_erased(tmp_path: Path, content: str) -> None:
    with Memory(tmp_path, embedder="hash", listener=Muddled(), background=False) as memory:
        memory.remember("ana", content)
        memory.flush()
        assert b"vexwort" in b"".join(file.read_bytes() for file in tmp_path.iterdir())
        seen = memory.forget("ana", about="vexwort", dry_run=True)
        assert seen.held
        assert not seen.is_empty
        receipt = memory.forget("ana", about="vexwort")
        assert receipt.held
        assert memory.receipts("ana") == [receipt]
        assert_gone(tmp_path, b"vexwort")
        assert memory.forget("ana", about="vexwort").is_empty
        assert memory.doctor().is_sound


def test_words_of_a_condition_are_erased_with_the_claim(memory: Memory, tmp_path: Path) -> None:
    added = memory.add_claim("ana", "preferences.drinks", "drinks tea", condition="after vexwort meetings").after
    assert added is not None
    assert memory.forget("ana", about="vexwort").claims == (added.id,)
    assert_gone(tmp_path, b"vexwort")
    assert memory.tree("ana").claims == ()
    assert memory.doctor().is_sound


def test_words_of_a_reason_are_erased_and_the_claim_stays(memory: Memory, tmp_path: Path) -> None:
    added = memory.add_claim("ana", "preferences.drinks", "drinks tea", why="told of vexwort").after
    assert added is not None
    receipt = memory.forget("ana", about="vexwort")
    assert (receipt.claims, receipt.blanked) == ((), (added.id,))
    assert_gone(tmp_path, b"vexwort")
    assert [claim.text for claim in memory.tree("ana").claims] == ["drinks tea"]
    assert memory.doctor().is_sound


def test_what_only_waits_in_quarantine_goes_with_its_slot(
    memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("treering.memory.admission.bounds.MAX_OPERATIONS_A_WINDOW", 0)
    said(memory, "I am allergic to peanuts.")
    [held] = memory.quarantine("ana")
    assert isinstance(held.verdict.operation, Add)
    claim = held.verdict.operation.claim
    receipt = memory.forget("ana", claim.path)
    assert receipt.claims == (claim.id,)
    assert receipt.messages == (claim.evidence[0].message_id,)
    assert memory.quarantine("ana") == []
    assert_gone(tmp_path, b"peanuts")
    monkeypatch.undo()
    said(memory, "I am allergic to peanuts.")
    assert memory.tree("ana").claims == ()
