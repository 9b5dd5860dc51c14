"""A process that is killed while it writes: what it acknowledged is there, and nothing is half done."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from treering.memory.operations import fold
from treering.memory.stores import SqlStore
from treering.schemas.claims import Claim, Evidence
from treering.schemas.dialogue import Message, Scope
from treering.schemas.operations import Add, Batch, Delete
from treering.schemas.trunk import Trunk

KilledWriter = Callable[..., Iterator[int]]

KILLS = 20
"""Moments at which a writer is killed."""

NOW = datetime(2024, 3, 1, tzinfo=UTC)
ANA = Scope(user="ana")

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


def claim(number: int) -> Claim:
    quote = Evidence(message_id=f"m{number}", quote="words", start=0)
    text = f"claim {number}"
    return Claim(id=f"{number:024x}", path="taste.food", text=text, valid_from=NOW, recorded_at=NOW, evidence=(quote,))


def write(store: SqlStore, number: int) -> None:
    """One round: a turn with a job, then a batch that plants a claim and ends the one before, then the job done."""
    with store.begin() as unit:
        unit.turns.append(ANA, f"s{number // 5}", [Message(content=f"turn {number}", id=f"m{number}")], NOW)
        unit.jobs.enqueue(ANA, "listen", NOW)
    with store.begin() as unit:
        job = unit.jobs.claim(NOW, lease_s=0)
        ending = Delete(path="taste.food", target=f"{max(number - 1, 0):024x}", reason="ended", at=NOW)
        done = (Add(claim=claim(number)), ending) if number != 1 else (Add(claim=claim(number)),)
        batch = Batch(id=f"b{number}", operations=done, recorded_at=NOW, author="tests/1", heard_through=number + 1)
        unit.ledger.commit(ANA, batch, expected_version=number, fence=job.fence)
        unit.jobs.finish(job)


def write_on(store: SqlStore, acknowledge: Callable[[int], None]) -> None:
    """Go on where the store stands, for ever."""
    with store.begin(write=False) as unit:
        number = unit.ledger.head(ANA).version
    while True:  # a turn that was stored without its batch comes again, and is known
        write(store, number)
        acknowledge(number)
        number += 1


def test_what_was_acknowledged_survives_every_kill(
    killed_writer: KilledWriter, tmp_path: Path, small_trunk: Trunk
) -> None:
    url = f"sqlite:///{tmp_path}/memory.db"
    moments = random.Random(11)
    acknowledged = -1
    for kill in range(KILLS):
        # Every other writer dies while it opens the store, the first while it makes it; the rest while they write.
        rounds = kill % 2 * moments.randrange(1, 4)
        for number in killed_writer(
            lambda tell: write_on(SqlStore(url, small_trunk), tell), rounds=rounds, after_s=moments.uniform(0, 0.01)
        ):
            acknowledged = number
        version = check(url, small_trunk, at_least=acknowledged + 1)
    assert version in (acknowledged + 1, acknowledged + 2)


def check(url: str, trunk: Trunk, *, at_least: int) -> int:
    """The store is whole, and as far as it was acknowledged; returns its version."""
    store = SqlStore(url, trunk)
    with store.begin(write=False) as unit:
        head, turns, entries = unit.ledger.head(ANA), unit.turns.turns(ANA), list(unit.ledger.entries(ANA))
        trees = unit.ledger.trees(ANA)
        assert unit.ledger.first_broken(ANA) is None
    assert head.version >= at_least
    assert [turn.content for turn in turns] == [f"turn {number}" for number in range(len(turns))]
    assert len(turns) - head.version in (0, 1)
    assert {entry.version for entry in entries} == set(range(1, head.version + 1))
    assert trees == fold(trunk, [entry.operation for entry in entries])
    store.close()
    return head.version
