"""Eight processes remember for twenty people, and two of them are killed: nothing is lost, doubled or half done."""

from __future__ import annotations

import itertools
import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from treering import Memory, Settings
from treering.memory.operations import fold, without_bare
from treering.memory.stores import SqlStore
from treering.schemas.dialogue import Scope, Turn
from treering.schemas.listening import Draft
from treering.schemas.trunk import Trunk
from treering.testing import ManualClock, TurnListener, quoted

PROCESSES = 8
PEOPLE = [f"u{number}" for number in range(20)]
TURNS = 16
"""What each process says; those that are killed would never end."""

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


class Eater(TurnListener):
    """Takes every turn for a dish that is liked."""

    name = "eater/1"

    def drafts(self, turn: Turn) -> list[Draft]:
        return [quoted(turn, "taste.food")]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store on each database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/memory.db"
    found: str = request.getfixturevalue("postgres_url")
    return found


def opened(url: str, folder: Path, trunk: Trunk, *, ahead: timedelta | None = None) -> Memory:
    settings = Settings(home=folder, database_url=url, embedder="hash", lease_s=1.0)
    clock = None if ahead is None else ManualClock(datetime.now(UTC) + ahead)
    return Memory(settings=settings, listener=Eater(), trunk=trunk, clock=clock, background=ahead is None)


def talk(memory: Memory, process: int, numbers: Iterable[int], acknowledge: int) -> None:
    """Say things to everybody in turn, in an order of its own, while the background listens."""
    dice = random.Random(process)
    with memory:
        for number in numbers:
            user = dice.choice(PEOPLE)
            said = {"role": "user", "content": f"dish {process}-{number}", "id": f"m{process}-{number}"}
            memory.remember(user, said, session=f"s{process}")
            os.write(acknowledge, f"{process} {user} dish {process}-{number}\n".encode())


def forked(action: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        action()
        status = 0
    finally:
        os._exit(status)


def test_what_was_acknowledged_is_there_whoever_is_killed(url: str, tmp_path: Path, small_trunk: Trunk) -> None:
    dice = random.Random(8)
    deaths = {victim: dice.randrange(3, TURNS // 2) for victim in dice.sample(range(PROCESSES), 2)}
    reading, writing = os.pipe()

    def write(process: int) -> None:
        os.close(reading)
        numbers = itertools.count() if process in deaths else range(TURNS)
        talk(opened(url, tmp_path, small_trunk), process, numbers, writing)

    children = [forked(partial(write, process)) for process in range(PROCESSES)]
    os.close(writing)
    acknowledged: set[tuple[str, str]] = set()
    said: Counter[int] = Counter()
    with os.fdopen(reading) as lines:
        for line in lines:
            process, user, text = line.rstrip("\n").split(" ", 2)
            acknowledged.add((user, text))
            said[int(process)] += 1
            if said[int(process)] == deaths.get(int(process)):
                os.kill(children[int(process)], signal.SIGKILL)
    statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert statuses == [-signal.SIGKILL if process in deaths else 0 for process in range(PROCESSES)]

    with opened(url, tmp_path, small_trunk, ahead=timedelta(minutes=5)) as memory:  # leases of the dead are over
        memory.flush()
        assert memory.jobs() == []
        assert memory.doctor().findings == ()
    check(url, small_trunk, acknowledged, killed=set(deaths))


def check(url: str, trunk: Trunk, acknowledged: set[tuple[str, str]], *, killed: set[int]) -> None:
    """Every tree is the fold of its ledger, and every turn that was acknowledged was stored and heard exactly once."""
    store = SqlStore(url, trunk)
    found: Counter[tuple[str, str]] = Counter()
    with store.begin(write=False) as unit:
        for user in PEOPLE:
            scope = Scope(user=user)
            turns = [turn.content for turn in unit.turns.turns(scope)]
            found.update((user, text) for text in turns)
            trees, entries = unit.ledger.trees(scope), list(unit.ledger.entries(scope))
            assert trees == without_bare(fold(trunk, [entry.operation for entry in entries]))
            assert unit.ledger.first_broken(scope) is None
            assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
            learned = [claim.text for tree in trees.values() for claim in tree.claims.values()]
            assert sorted(learned) == sorted(turns)
    store.close()
    assert set(found.values()) == {1}
    assert found.keys() >= acknowledged
    unacknowledged = found.keys() - acknowledged  # the last words of the dead may have been stored
    assert {int(text.split()[1].partition("-")[0]) for _, text in unacknowledged} <= killed
