"""The index job over an index that knows no fence: what was erased meanwhile never stays there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.unit.memory.shelf import Shelf
from treering.errors import FenceLost
from treering.memory.catching_up import MAX_FRESH
from treering.memory.forgetting import Forgetting, Wish
from treering.memory.indexing import Indexing
from treering.memory.models.hashing import HashEmbedder
from treering.memory.ports import Vector, VectorEntry
from treering.memory.reading import Query, Reader
from treering.memory.retracting import Retracting
from treering.memory.retrieval.aspects import Extent
from treering.memory.retrieval.entities import entity_of
from treering.memory.retrieval.sparse import terms
from treering.memory.retrieval.times.timing import Timing
from treering.memory.stores import SqlStore
from treering.schemas.claims import Claim, Evidence
from treering.schemas.dialogue import Message, Scope
from treering.schemas.forgetting import ErasureReceipt
from treering.schemas.jobs import Job
from treering.schemas.operations import Add, Batch
from treering.schemas.trunk import Trunk
from treering.testing import ManualClock, NotingEmbedder

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
ANA = Scope(user="ana")
CLAIM = Claim(
    id="0" * 24,
    path="name",
    text="is called Ana",
    valid_from=NOW,
    recorded_at=NOW,
    evidence=(Evidence(message_id="m1", quote="Ana", start=8),),
)


class World:
    """A store with one turn and the claim it makes, and the index job for them."""

    def __init__(self, store: SqlStore, trunk: Trunk) -> None:
        self.trunk = trunk
        self.store, self.shelf, self.embedder, self.clock = store, Shelf(), NotingEmbedder(), ManualClock(NOW)
        self.indexing = Indexing(store=store, index=self.shelf, embedder=self.embedder, clock=self.clock)
        with store.begin() as unit:
            unit.turns.append(ANA, "s", [Message(content="My name Ana.", id="m1")], NOW)
            unit.ledger.commit(
                ANA, Batch(id="b", operations=(Add(claim=CLAIM),), recorded_at=NOW, author="x"), expected_version=0
            )
            unit.jobs.enqueue(ANA, "index", NOW)

    def lease(self) -> Job:
        job = self.next_job()
        assert job is not None
        return job

    def next_job(self) -> Job | None:
        with self.store.begin() as unit:
            job = unit.jobs.claim(self.clock.now(), lease_s=10)
        self.clock.advance(timedelta(seconds=60))
        return job

    def drain(self) -> None:
        while (job := self.next_job()) is not None:
            self.indexing.index(job)
            with self.store.begin() as unit:
                unit.jobs.finish(job)

    def forget(self) -> ErasureReceipt:
        forgetting = Forgetting(
            store=self.store, index=self.shelf, embedder=self.embedder, trunk=self.trunk, clock=self.clock
        )
        return forgetting.forget(ANA, Wish(claims=frozenset([CLAIM.id])))


@pytest.fixture
def world(tmp_path: Path, small_trunk: Trunk) -> Iterator[World]:
    store = SqlStore(f"sqlite:///{tmp_path}/memory.db", small_trunk)
    yield World(store, small_trunk)
    store.close()


def test_what_is_there_is_stored(world: World) -> None:
    world.indexing.index(world.lease())
    assert sorted(world.shelf.entries) == [f"claim:{CLAIM.id}", "turn:m1"]


def test_what_a_turn_mentions_follows_its_text(world: World) -> None:
    def linked() -> set[str]:
        with world.store.begin(write=False) as unit:
            return set(unit.mentions.graph(ANA).turns_of([entity_of("name", "ana")]))

    with world.store.begin() as unit:
        unit.turns.append(ANA, "s", [Message(content="I know Ana.", id="m2"), Message(content="Me too.", id="m3")], NOW)
    world.drain()
    assert linked() == {"m1", "m2"}
    retracting = Retracting(store=world.store, index=world.shelf, clock=world.clock)
    retracting.amend(ANA, "m2", "I know Bo.")
    assert linked() == {"m1"}
    retracting.amend(ANA, "m3", "I know Ana too.")
    world.drain()
    assert linked() == {"m1", "m3"}


def test_what_a_turn_mentioned_goes_when_it_is_forgotten_while_it_is_read(world: World) -> None:
    world.embedder.meanwhile = world.forget
    with pytest.raises(FenceLost):
        world.indexing.index(world.lease())
    world.drain()
    with world.store.begin(write=False) as unit:
        assert len(unit.mentions.graph(ANA)) == 0


def test_what_was_forgotten_while_it_was_embedded_is_taken_out_again(world: World) -> None:
    world.embedder.meanwhile = world.forget
    with pytest.raises(FenceLost):
        world.indexing.index(world.lease())
    assert world.shelf.entries == {}


def test_who_was_overtaken_takes_out_what_was_forgotten_too(world: World) -> None:
    job = world.lease()

    def overtaken() -> None:
        world.indexing.index(world.lease())
        world.forget()

    world.embedder.meanwhile = overtaken
    with pytest.raises(FenceLost):
        world.indexing.index(job)
    assert world.shelf.entries == {}


def test_what_one_stored_who_died_with_its_lease_is_swept_when_that_has_run_out(world: World) -> None:
    with world.store.begin() as unit:
        job = unit.jobs.claim(world.clock.now(), lease_s=10)
    assert job is not None
    receipt = world.forget()
    assert receipt.final_at == job.lease_until
    world.indexing.index(world.lease())  # the work that was taken away is done again …
    names = (f"claim:{CLAIM.id}", "turn:m1", "turn:m2")
    world.shelf.upsert(ANA, [VectorEntry(id=name, kind="turn", dense=np.ones(1), terms={}) for name in names])  # … late
    with world.store.begin() as unit:
        assert unit.jobs.claim(receipt.final_at - timedelta(seconds=1), lease_s=10) is None
    world.drain()
    assert sorted(world.shelf.entries) == ["turn:m2"]


def test_who_dies_before_it_can_settle_leaves_nothing_of_the_forgotten(world: World) -> None:
    world.lease()
    world.forget()
    entries = [
        VectorEntry(id=name, kind="turn", dense=np.ones(1), terms={}) for name in (f"claim:{CLAIM.id}", "turn:m1")
    ]
    world.shelf.upsert(ANA, entries)  # by the one that was leased first, which then dies
    world.indexing.index(world.lease())
    assert world.shelf.entries == {}


def test_an_index_that_is_down_brings_up_no_turn_that_is_the_applications_own(world: World) -> None:
    with world.store.begin() as unit:
        unit.turns.append(ANA, "s", [Message(role="system", content="The password for Ana is 12.", id="m2")], NOW)
    world.shelf.is_down = True
    question = "What is Ana's password?"
    query = Query(
        scope=ANA,
        vector=world.embedder.embed([question])[0],
        terms=terms(question),
        as_of=NOW,
        timing=Timing(question=question),
        with_turns=True,
    )
    with world.store.begin() as unit:
        unit.ledger.mark_indexed(ANA, version=1, seq=2)
        reader = Reader(index=world.shelf, embedder=world.embedder, router=NoRouter)
        reading = reader.read(unit, query, unit.ledger.trees(ANA))
    assert list(reading.turns.ranks("sparse")) == ["m1"]
    assert reading.degraded


def test_a_long_ledger_that_nobody_indexes_is_not_read_at_every_question(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world.store.begin() as unit:
        for number in range(1, 2 * MAX_FRESH):
            claim = CLAIM.model_copy(update={"id": f"{number:024x}", "path": "taste.food", "text": f"likes {number}"})
            batch = Batch(id=f"b{number}", operations=(Add(claim=claim),), recorded_at=NOW, author="x")
            unit.ledger.commit(ANA, batch, expected_version=number)
        reader = Reader(index=None, embedder=world.embedder, router=NoRouter)
        asked: list[Mapping[str, int]] = []
        honest = unit.ledger.entries
        monkeypatch.setattr(unit.ledger, "entries", lambda scope, **cut: asked.append(cut) or honest(scope, **cut))
        query = Query(
            scope=ANA,
            vector=world.embedder.embed(["food"])[0],
            terms=terms("food"),
            as_of=NOW,
            timing=Timing(question="food"),
            with_turns=False,
        )
        reading = reader.read(unit, query, unit.ledger.trees(ANA))
    assert asked == [{"after_version": MAX_FRESH}]
    assert len(reading.claim_lists["dense"]) == MAX_FRESH


class NoRouter:
    """Knows no slot."""

    def route(self, question: Vector, extent: Extent = "thing") -> dict[str, float]:
        return {}


def test_who_was_overtaken_by_an_amended_text_has_it_embedded_once_more(world: World) -> None:
    job = world.lease()

    def overtaken() -> None:
        Retracting(store=world.store, index=world.shelf, clock=world.clock).amend(ANA, "m1", "My name Eva.")
        world.drain()

    world.embedder.meanwhile = overtaken
    with pytest.raises(FenceLost):
        world.indexing.index(job)
    world.drain()
    [vector] = HashEmbedder().embed(["My name Eva."])
    assert world.shelf.entries["turn:m1"].dense == pytest.approx(vector)


def test_a_text_that_was_amended_while_it_was_embedded_is_not_searched_by(world: World) -> None:
    retracting = Retracting(store=world.store, index=world.shelf, clock=world.clock)
    world.embedder.meanwhile = lambda: retracting.amend(ANA, "m1", "My name Eva.")
    world.indexing.index(world.lease())
    assert "turn:m1" not in world.shelf.entries
    world.drain()
    assert sorted(world.shelf.entries) == ["turn:m1"]
