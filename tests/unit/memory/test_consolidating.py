"""The consolidate job: what it reads, and how it commits beside others."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from treering.errors import FenceLost
from treering.memory.consolidating import Consolidating
from treering.memory.consolidation.case import MAX_IN_SLOT
from treering.schemas.claims import Claim, Evidence
from treering.schemas.dialogue import Message, Scope
from treering.schemas.jobs import Job
from treering.schemas.operations import Add, Batch, Head
from treering.schemas.trunk import Branch, Slot, Trunk
from treering.testing import ManualClock, MemoryStore, NotingEmbedder

ANA = Scope(user="ana")
NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
PLACES = 40

TRUNK = Trunk(
    name="wide",
    version=1,
    description="Many branches.",
    branches=tuple(Branch(path=f"b{number}", description="A branch.") for number in range(PLACES)),
    slots=tuple(Slot(path=f"b{number}.slot", description="A slot.") for number in range(PLACES)),
)


class Home:
    """A store without vectors, so that whatever is compared is embedded."""

    def __init__(self) -> None:
        self.store = MemoryStore(TRUNK)
        self.embedder = NotingEmbedder()
        self.clock = ManualClock(NOW)
        self.consolidating = Consolidating(
            store=self.store, index=None, embedder=self.embedder, trunk=TRUNK, clock=self.clock
        )
        with self.store.begin() as unit:
            unit.turns.append(ANA, "s", [Message(content="Hello.", id="m0")], NOW)

    def learn(self, path: str, *texts: str) -> None:
        """Claims, committed together."""
        head = self.head
        claims = [_claim(path, text, head.seq + number) for number, text in enumerate(texts)]
        batch = Batch(
            id=f"b{head.version}",
            operations=tuple(Add(claim=claim) for claim in claims),
            recorded_at=NOW,
            author="listener/1",
        )
        with self.store.begin() as unit:
            unit.ledger.commit(ANA, batch, expected_version=head.version)

    def job(self) -> Job:
        with self.store.begin() as unit:
            unit.jobs.enqueue(ANA, "consolidate", NOW)
            job = unit.jobs.claim(self.clock.now(), lease_s=60)
        assert job is not None
        return job

    def run(self) -> None:
        job = self.job()
        self.consolidating.consolidate(job)
        with self.store.begin() as unit:
            unit.jobs.finish(job)
            while (other := unit.jobs.claim(self.clock.now(), lease_s=60)) is not None:
                unit.jobs.finish(other)

    @property
    def head(self) -> Head:
        with self.store.begin(write=False) as unit:
            return unit.ledger.head(ANA)

    @property
    def texts(self) -> list[str]:
        with self.store.begin(write=False) as unit:
            return [claim.text for tree in unit.ledger.trees(ANA).values() for claim in tree.current()]


def _claim(path: str, text: str, number: int) -> Claim:
    at = NOW + timedelta(days=number)
    return Claim(
        id=hashlib.sha256(f"{path} {number}".encode()).hexdigest()[:24],
        path=path,
        text=text,
        valid_from=at,
        recorded_at=at,
        order=number,
        evidence=(Evidence(message_id="m0", quote=text, start=0),),
    )


@pytest.fixture
def home() -> Home:
    return Home()


def test_what_was_compared_is_not_compared_again(home: Home) -> None:
    home.learn("b1.slot", "loves jazz", "loves rock")
    home.run()
    embedded, head = len(home.embedder.texts), home.head
    assert (embedded, head.version, head.consolidated_version) == (2, 1, 1)
    home.run()
    assert (len(home.embedder.texts), home.head.version) == (embedded, head.version)


def test_only_slots_where_something_is_new_are_compared_however_large_the_tree_is(home: Home) -> None:
    for number in range(1, PLACES):
        home.learn(f"b{number}.slot", *(f"likes dish {number}-{one}" for one in range(20)))
    home.run()
    before = len(home.embedder.texts)
    home.learn("b0.slot", "loves jazz")
    home.run()
    assert len(home.embedder.texts) - before == 1
    home.learn("b1.slot", "loves jazz")
    home.run()
    assert len(home.embedder.texts) - before == 1 + 21


def test_a_large_slot_is_bounded(home: Home) -> None:
    home.learn("b1.slot", *(f"likes dish {number}" for number in range(3 * MAX_IN_SLOT)))
    home.run()
    assert len(home.embedder.texts) == MAX_IN_SLOT


def test_one_batch_and_the_mark_beyond_it(home: Home) -> None:
    home.learn("b1.slot", "has two cats", "has three cats", "really has three cats")
    home.run()
    assert len(home.texts) == 1
    head = home.head
    assert head.consolidated_version == head.version
    with home.store.begin(write=False) as unit:
        authors = [commit.author for commit in unit.ledger.commits(ANA)]
    assert authors[0] == "listener/1"
    assert set(authors[1:]) == {"consolidation/1"}


def test_whoever_commits_meanwhile_is_compared_too(home: Home) -> None:
    home.learn("b1.slot", "has two cats")
    home.embedder.meanwhile = lambda: home.learn("b1.slot", "has three cats")
    home.run()
    assert home.texts == ["has three cats"]
    assert home.head.consolidated_version == home.head.version


def test_a_worker_that_was_overtaken_commits_nothing(home: Home) -> None:
    home.learn("b1.slot", "has two cats", "has three cats")
    job = home.job()
    home.clock.advance(61)
    with home.store.begin() as unit:
        assert unit.jobs.claim(home.clock.now(), lease_s=60) is not None
    with pytest.raises(FenceLost):
        home.consolidating.consolidate(job)
    assert (home.head.version, home.head.consolidated_version) == (1, 0)


def test_a_look_before_changes_nothing_and_says_what_the_run_does(home: Home) -> None:
    home.learn("b1.slot", "has two cats", "has three cats")
    head = home.head
    [planned] = home.consolidating.preview(ANA).steps
    assert home.head == head
    home.run()
    [done] = home.consolidating.done_since(ANA, head.version).steps
    assert (done.rule, done.why) == (planned.rule, planned.why)
    assert [one.kind for one in done.operations] == [one.kind for one in planned.operations]


def test_of_somebody_unknown_there_is_nothing(home: Home) -> None:
    assert home.consolidating.preview(Scope(user="nobody")).steps == ()
