"""Re-embedding beside a memory in use: what each embedder finds, before, meanwhile and after."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from qdrant_client import QdrantClient

from treering import Memory, Settings, composition
from treering.errors import DimensionMismatch, EmbedderUnavailable
from treering.memory import reindexing
from treering.memory.indexes.qdrant import QdrantVectorIndex
from treering.memory.models.hashing import HashEmbedder
from treering.memory.ports import Vector
from treering.memory.stores.encryption.ciphers import new_key
from treering.schemas.dialogue import Scope
from treering.testing import ManualClock, NotingEmbedder

ANA = Scope(user="ana")
NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)

#: Qdrant's local mode says that it does without what a server would use.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant:UserWarning"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact .brute-force. search:UserWarning"),
]

TALK = ("I moved to Lisbon.", "I play the tuba.", "My sister Bea is a doctor.", "I am allergic to peanuts.")


class World:
    """One store, an application with the old embedder, and one with the new."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.clock, self.new_embedder = settings, ManualClock(NOW), NotingEmbedder(64)
        self.old = self.open(HashEmbedder())
        self.new = self.open(self.new_embedder)

    def open(self, embedder: HashEmbedder) -> Memory:
        return Memory(settings=self.settings, embedder=embedder, background=False, clock=self.clock)

    def say(self, *texts: str, user: str = "ana", session: str = "s") -> None:
        self.old.remember(user, texts, session=session)
        self.old.flush()

    def found(self, memory: Memory, question: str, **conditions: Any) -> list[str]:  # noqa: ANN401 - as `search` has them
        return [hit.text for hit in memory.search("ana", question, **conditions)]

    def entries(self, memory: Memory, user: str = "ana") -> set[str]:
        with memory._engine.store.begin(write=False) as unit:
            return (memory._engine._index or unit.vectors).ids(Scope(user=user))


@pytest.fixture(params=["rows", "sealed rows", "qdrant"])
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    key = b64encode(new_key()).decode() if request.param == "sealed rows" else None
    if request.param == "qdrant":
        client = QdrantClient(":memory:")
        monkeypatch.setattr(
            composition, "_index", lambda _, embedder: QdrantVectorIndex(client, fingerprint=embedder.fingerprint)
        )
    made = World(Settings(home=tmp_path / "home", master_key=key, keys_url=f"sqlite:///{tmp_path}/keys.db"))
    made.say(*TALK)
    yield made
    made.old.close()
    made.new.close()


def test_an_embedder_without_vectors_is_refused_and_told_what_to_do(world: World) -> None:
    """And it does not begin by itself, neither by a question nor by a turn."""
    for _ in range(2):
        with pytest.raises(DimensionMismatch, match=r"hash.1.256.*hash:1:64.*`treering reindex --embedder"):
            world.new.recall("ana", "Where does Ana live?")
        world.new.remember("ana", "I like soup.", session="t")
        world.new.flush()
    assert world.entries(world.new) == set()
    assert any("treering reindex" in (job.error or "") for job in world.new.jobs("ana"))


def test_afterwards_both_find_everything_with_vectors_of_their_own(world: World) -> None:
    world.old.end_session("ana")
    world.old.flush()
    before = world.entries(world.old)
    assert {name.partition(":")[0] for name in before} == {"turn", "claim", "summary"}
    done = world.new.reindex()
    assert (done.scopes, done.dropped, list(done.others.values())) == (1, {}, [len(before)])
    assert world.entries(world.new) == world.entries(world.old) == before
    for memory in (world.old, world.new):
        assert "Lisbon" in memory.recall("ana", "Where does Ana live?", mode="hybrid").context
    assert world.new.doctor().is_sound
    assert world.old.doctor().is_sound


def test_a_second_run_embeds_only_what_is_new(world: World) -> None:
    world.new.reindex()
    world.new_embedder.asked.clear()
    world.new.reindex()
    assert world.new_embedder.texts == []
    world.say("I bought a canoe.")
    world.new.reindex()
    assert {"I bought a canoe."} <= set(world.new_embedder.texts)
    assert not set(TALK) & set(world.new_embedder.texts)
    assert world.entries(world.new) == world.entries(world.old)


def test_who_begins_with_the_new_embedder_indexes_only_the_difference(world: World) -> None:
    world.new.reindex()
    world.say("I bought a canoe.")
    world.new_embedder.asked.clear()
    world.new.remember("ana", "It is red.", session="s")
    world.new.flush()
    assert {"I bought a canoe.", "It is red."} <= set(world.new_embedder.texts)
    assert not set(TALK) & set(world.new_embedder.texts)


def test_what_is_forgotten_meanwhile_has_no_vector_afterwards(world: World) -> None:
    world.new_embedder.meanwhile = lambda: world.old.forget("ana", about="tuba")
    world.new.reindex()
    world.old.flush()
    assert world.entries(world.new) == world.entries(world.old)
    turns = {turn.message_id: turn.content for turn in world.old.turns("ana")}
    assert {turns[name.partition(":")[2]] for name in world.entries(world.new) if name.startswith("turn:")} == {
        text for text in TALK if "tuba" not in text
    }


def test_what_is_forgotten_afterwards_leaves_the_vectors_of_every_embedder(world: World) -> None:
    world.new.reindex()
    world.old.forget("ana", about="tuba")
    assert world.entries(world.new) == world.entries(world.old)
    assert world.found(world.new, "tuba", limit=1) != ["I play the tuba."]
    world.old.forget("ana")
    assert world.entries(world.new) == world.entries(world.old) == set()


def test_a_message_that_is_amended_afterwards_is_embedded_anew_by_each(world: World) -> None:
    world.new.reindex()
    [turn] = [turn for turn in world.old.turns("ana") if "tuba" in turn.content]
    world.old.amend("ana", turn.message_id, "I play the harp.")
    world.old.flush()
    assert f"turn:{turn.message_id}" in world.entries(world.old) - world.entries(world.new)
    world.new.reindex()
    assert world.entries(world.new) == world.entries(world.old)
    assert world.found(world.new, "Who plays the harp?", limit=1) == ["I play the harp."]


def test_other_work_on_a_person_is_waited_for_and_nobody_else_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.say("I live in Rome.", user="bo")
    store = world.old._engine.store
    with store.begin() as unit:
        job = unit.jobs.lease(ANA, "listen", world.clock.now(), lease_s=60)
    assert job is not None
    waited = []

    def wait(_: float) -> None:
        waited.append(world.entries(world.new, "bo"))
        with store.begin() as unit:
            unit.jobs.finish(job)

    monkeypatch.setattr(reindexing.time, "sleep", wait)
    world.new.reindex()
    assert len(waited) == 1
    assert waited[0] == world.entries(world.old, "bo")
    assert world.entries(world.new) == world.entries(world.old)


def test_the_progress_goes_up_to_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treering.memory.indexing.LONGEST_STEP", 1)
    monkeypatch.setattr("treering.memory.indexing.FIRST_STEP", 1)
    told: list[tuple[int, int]] = []
    world.new.reindex(progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[0][0] == 0
    assert len({total for _, total in told}) == 1
    assert told[-1][0] == told[-1][1]
    assert len(told) > len(TALK)


def test_a_run_that_fails_goes_on_where_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treering.memory.indexing.LONGEST_STEP", 1)
    monkeypatch.setattr("treering.memory.indexing.FIRST_STEP", 1)
    calls = 0

    def embed(texts: Sequence[str]) -> Vector:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise EmbedderUnavailable("new", "it is down")
        return NotingEmbedder.embed(world.new_embedder, texts)

    monkeypatch.setattr(world.new_embedder, "embed", embed)
    with pytest.raises(EmbedderUnavailable):
        world.new.reindex()
    begun = world.new_embedder.texts
    assert begun
    assert world.old.jobs("ana") == []
    world.new.reindex()
    again = world.new_embedder.texts[len(begun) :]
    assert not set(again) & set(begun)
    assert world.entries(world.new) == world.entries(world.old)


def test_a_run_that_died_is_taken_over_by_any_worker_and_does_no_harm(world: World) -> None:
    """Its lease lapses; whoever comes next with the old embedder finds nothing to do."""
    names = {"embedder": world.new_embedder.fingerprint}
    with world.new._engine.store.begin() as unit:
        assert unit.jobs.lease(ANA, "index", world.clock.now(), lease_s=30, payload=names) is not None
    before = world.entries(world.old)
    world.clock.advance(timedelta(seconds=31))
    world.old.flush()
    assert world.entries(world.old) == before
    assert world.entries(world.new) == set()
    world.new.reindex()
    assert world.entries(world.new) == before


def test_others_are_dropped_only_where_the_new_ones_are_complete(world: World) -> None:
    before = world.entries(world.old)
    assert world.new._engine.reindexing.others([ANA])
    world.new._engine.reindexing.drop_others([ANA])
    assert world.entries(world.old)
    dropped = world.new.reindex(drop_others=True)
    assert list(dropped.dropped.values()) == [len(before)]
    assert dropped.others == {}
    assert world.found(world.new, "tuba")
    with pytest.raises(DimensionMismatch, match=r"hash.1.64"):
        world.old.recall("ana", "Where does Ana live?")
    world.old.remember("ana", "I like soup.")
    world.old.flush()
    assert world.entries(world.old) == set()


def test_the_way_back_begins_from_nothing(world: World) -> None:
    """Marks of embedders whose vectors were dropped are gone with them."""
    before = world.entries(world.old)
    world.new.reindex(drop_others=True)
    world.old.reindex(drop_others=True)
    assert world.entries(world.old) == before
    assert world.entries(world.new) == set()
