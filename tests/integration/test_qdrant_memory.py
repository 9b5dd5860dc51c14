"""A memory whose vectors are in Qdrant: derived data, that follow SQL, are forgotten with it, and may be missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from qdrant_client import QdrantClient

from treering import Memory, composition
from treering.errors import IndexUnavailable
from treering.memory.indexes.qdrant import QdrantVectorIndex
from treering.memory.models.hashing import HashEmbedder
from treering.schemas.dialogue import Scope
from treering.testing import ManualClock

ANA = Scope(user="ana")

#: Qdrant's local mode says that it does without what a server would use.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant:UserWarning"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact .brute-force. search:UserWarning"),
]


@pytest.fixture
def index() -> Iterator[QdrantVectorIndex]:
    client = QdrantClient(":memory:")
    yield QdrantVectorIndex(client, fingerprint=HashEmbedder().fingerprint)
    client.close()


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Memory]:
    """One with its vectors in SQL, to compare with."""
    with Memory(tmp_path / "embedded", embedder="hash", background=False) as opened:
        yield opened


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2024, 6, 1, 12, tzinfo=UTC))


@pytest.fixture
def memory(
    tmp_path: Path, index: QdrantVectorIndex, clock: ManualClock, embedded: Memory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Memory]:
    assert embedded.jobs() == [], "made before the index is replaced"
    monkeypatch.setattr(composition, "_index", lambda *_: index)
    with Memory(tmp_path / "qdrant", embedder="hash", clock=clock, background=False) as opened:
        yield opened


def test_it_recalls_what_the_embedded_index_recalls(memory: Memory, embedded: Memory) -> None:
    said = ["The spare key hangs behind the old clock.", "I live in Porto.", "I have a friend named Zebulon."]
    for one in (memory, embedded):
        one.remember("ana", [{"content": text, "at": datetime(2024, 5, 1, tzinfo=UTC)} for text in said])
        one.flush()
    for question in ("Where is the spare key?", "In which city do I live? Porto?", "Who is Zebulon?"):
        assert memory.recall("ana", question).context == embedded.recall("ana", question).context != ""


def test_the_vectors_are_in_qdrant_and_nowhere_else(memory: Memory, index: QdrantVectorIndex) -> None:
    memory.remember("ana", "I live in Porto.")
    memory.flush()
    assert index.count(ANA) == 2
    with memory._engine.store.begin(write=False) as unit:
        assert unit.vectors.count(ANA) == 0


def test_what_is_forgotten_goes_from_qdrant_too(memory: Memory, index: QdrantVectorIndex) -> None:
    memory.remember("ana", "I have a friend named Zebulon.")
    memory.flush()
    [claim] = memory.tree("ana").claims
    memory.forget("ana", claims=[claim.id])
    memory.flush()
    assert index.count(ANA) == 0
    assert memory.recall("ana", "Who is Zebulon?").context == ""


def test_with_qdrant_down_recall_goes_on_with_words_and_says_so(
    memory: Memory, index: QdrantVectorIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.remember("ana", "The spare key hangs behind the old clock.")
    memory.flush()

    def down(*_: object, **__: object) -> None:
        raise IndexUnavailable("http://qdrant:6333", "connection refused")

    monkeypatch.setattr(index, "search", down)
    recall = memory.recall("ana", "Where does the spare key hang? Behind the old clock?", mode="hybrid")
    assert "spare key" in recall.context
    assert len(recall.degraded) == 1
    assert "cannot be reached" in recall.degraded[0]


def test_with_qdrant_down_turns_are_remembered_and_indexed_later(
    memory: Memory, index: QdrantVectorIndex, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = index.upsert

    def down(*_: object, **__: object) -> None:
        raise IndexUnavailable("http://qdrant:6333", "connection refused")

    monkeypatch.setattr(index, "upsert", down)
    memory.remember("ana", "I live in Porto.")
    memory.flush()
    assert [claim.text for claim in memory.tree("ana").claims] == ["lives in Porto"]
    [job] = memory.jobs("ana")
    assert (job.kind, job.state) == ("index", "queued")
    monkeypatch.setattr(index, "upsert", honest)
    clock.advance(timedelta(minutes=5))
    memory.flush()
    assert index.count(ANA) == 2
    assert memory.jobs() == []


def test_what_is_taken_back_or_amended_is_so_in_qdrant_too(memory: Memory, index: QdrantVectorIndex) -> None:
    for number, text in enumerate(("I have a friend named Zebulon.", "I live in Porto.")):
        memory.remember("ana", {"content": text, "id": f"m{number}"})
    memory.flush()
    memory.retract("ana", "m0")
    assert index.count(ANA) == 2
    memory.amend("ana", "m1", "I live in Braga.")
    memory.flush()
    [claim] = memory.tree("ana").claims
    assert index.ids(ANA) == {"turn:m1", f"claim:{claim.id}"}
    assert "Braga" in memory.recall("ana", "Where does Ana live? Braga?").context


def test_a_memory_moves_to_qdrant_and_survives_a_dropped_collection(
    tmp_path: Path, index: QdrantVectorIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Memory(tmp_path, embedder="hash", background=False) as before:
        before.remember("ana", "The spare key hangs behind the old clock.")
        before.flush()
    monkeypatch.setattr(composition, "_index", lambda *_: index)
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        for _ in range(2):
            assert not memory.doctor().is_sound
            memory.doctor(repair=True)
            memory.flush()
            assert memory.doctor().is_sound
            assert index.ids(ANA) == {f"turn:{turn.message_id}" for turn in memory.turns("ana")}
            index.clear(ANA)
