"""What was erased is in no byte of the store's files, also after a crash, also beside a long reading."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from treering.memory.ports import UnitOfWork
from treering.memory.stores import SqlStore, sqlite
from treering.schemas.claims import Claim, Evidence
from treering.schemas.dialogue import Message, Scope
from treering.schemas.listening import Draft, Reply, Verdict
from treering.schemas.operations import Add, Batch, Delete, NoOp
from treering.schemas.recall import Passage


def secret(number: int) -> str:
    """Words that occur nowhere by chance, of many lengths."""
    return f"qz{number:05}zq" + " and more" * (number * 37 % 60)


def claim(number: int, now: datetime) -> Claim:
    quote = Evidence(message_id=f"m{number}", quote=secret(number), start=0)
    text = f"claims {secret(number)}"
    return Claim(id=f"{number:024x}", path="taste.food", text=text, valid_from=now, recorded_at=now, evidence=(quote,))


def bytes_of(path: Path) -> bytes:
    """Everything the store has on disk."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))


def let_go_of_connections(store: SqlStore) -> None:
    """As before a fork: the next use opens the store anew."""
    store.before_fork()
    store.after_fork(in_child=False)


def leaks(path: Path, numbers: range | list[int]) -> list[int]:
    content = bytes_of(path)
    return [number for number in numbers if f"qz{number:05}zq".encode() in content]


def fill(store: SqlStore, scope: Scope, now: datetime, number: int) -> None:
    """Let the words of a number stand wherever words can stand."""
    said, name, window = secret(number), f"m{number}", f"{number + 1}-{number + 1}"
    draft = Draft(kind="ADD", path="name", text=said, message_id=name, quote=said)
    verdict = Verdict(ruling="quarantine", rule="r", why=f"because {said}", draft=draft)
    reply = Reply(raw=said, model="m", prompt_version="p")
    with store.begin() as unit:
        unit.turns.append(scope, "s1", [Message(content=said, id=name, metadata={"note": said})], now)
        planted = Add(claim=claim(number, now))
        again = NoOp(why=f"known: {said}", target=planted.claim.id, evidence=planted.claim.evidence)
        version = unit.ledger.head(scope).version
        batch = Batch(id=name, operations=(planted, again), recorded_at=now, author="tests/1")
        unit.ledger.commit(scope, batch, expected_version=version)
        unit.passages.put(scope, [Passage(id=name, message_ids=(name,), text=said, at=now, seq=1)])
        unit.quarantine.hold(scope, window, [verdict], now)
        unit.quarantine.save_reply(scope, window, "l", reply)
        unit.jobs.enqueue(scope, "window", now, state="dead", error=said, raw_reply=said)


def erase(store: SqlStore, scope: Scope, now: datetime, number: int, *, deleting: bool = True) -> None:
    """Forget a number as the engine does."""
    target, name = f"{number:024x}", f"m{number}"
    with store.begin() as unit:
        if deleting:
            version = unit.ledger.head(scope).version
            gone = Delete(path="taste.food", target=target, reason="forgotten", at=now)
            batch = Batch(id=f"forget {name}", operations=(gone,), recorded_at=now, author="manual")
            unit.ledger.commit(scope, batch, expected_version=version)
        unit.ledger.erase(scope, [target])
        unit.turns.erase(scope, [name])
        unit.passages.remove_of(scope, [name])
        unit.quarantine.erase(scope, [name])


@pytest.mark.parametrize("deleting", [True, False])
def test_erased_words_are_in_no_byte(store: SqlStore, path: Path, ana: Scope, now: datetime, *, deleting: bool) -> None:
    order = list(range(24))
    random.Random(7).shuffle(order)
    for number in range(24):
        fill(store, ana, now, number)
    assert leaks(path, range(24)) == list(range(24))
    for number in order[:12]:
        erase(store, ana, now, number, deleting=deleting)
        assert leaks(path, [number]) == []
    assert leaks(path, order[:12]) == []
    assert leaks(path, order[12:]) == sorted(order[12:], key=order.index)
    with store.begin(write=False) as unit:
        assert unit.ledger.first_broken(ana) is None
        assert len(unit.turns.turns(ana)) == 24


@pytest.mark.parametrize("part", ["turns", "ledger", "quarantine"])
def test_each_erasing_store_scrubs_by_itself(store: SqlStore, path: Path, ana: Scope, now: datetime, part: str) -> None:
    fill(store, ana, now, 3)
    with store.begin() as unit:
        for table in ("turns", "ledger", "passages", "quarantine"):
            if table != part:
                _remove(unit, table, ana)
    with store.begin() as unit:
        _remove(unit, part, ana)
    assert leaks(path, [3]) == []


def _remove(unit: UnitOfWork, part: str, scope: Scope) -> None:
    if part == "ledger":
        unit.ledger.erase(scope, [f"{3:024x}"])
    elif part == "passages":
        unit.passages.remove_of(scope, ["m3"])
    else:
        getattr(unit, part).erase(scope, ["m3"])


def test_an_erasure_that_is_rolled_back_erases_nothing(store: SqlStore, path: Path, ana: Scope, now: datetime) -> None:
    fill(store, ana, now, 3)

    def erase_and_break() -> None:
        with store.begin() as unit:
            _remove(unit, "ledger", ana)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        erase_and_break()
    with store.begin(write=False) as unit:
        assert unit.ledger.trees(ana)["self"].claims[f"{3:024x}"].text == f"claims {secret(3)}"
    assert leaks(path, [3]) == [3]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scrub gives up at once."""
    monkeypatch.setattr(sqlite, "SCRUB_WAIT_S", 0.01)


@pytest.mark.usefixtures("impatient")
def test_a_long_reading_puts_the_scrub_off_and_the_next_opening_makes_up_for_it(
    store: SqlStore, path: Path, ana: Scope, now: datetime
) -> None:
    fill(store, ana, now, 3)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM turns").fetchone()
    erase(store, ana, now, 3)
    assert leaks(path, [3]) == [3]
    reader.execute("ROLLBACK")
    reader.close()
    let_go_of_connections(store)
    with store.begin():
        pass
    assert leaks(path, [3]) == []


DIE_AFTER_ERASING = """
import os, sys
from treering.memory.ports import UnitOfWork
from treering.memory.stores import SqlStore, sqlite
from treering.schemas.dialogue import Scope
from treering.schemas.trunk import Slot, Trunk

trunk = Trunk(name="t", version=1, description="t", branches=(), slots=(Slot(path="name", description="n"),))
sqlite.SqliteBackend.scrub = lambda self, engine, tables: os._exit(9)
with SqlStore(sys.argv[1], trunk).begin() as unit:
    unit.turns.erase(Scope(user="ana"), ["m3"])
"""


def test_a_process_that_dies_before_it_could_scrub_leaves_it_to_the_next(
    store: SqlStore, path: Path, ana: Scope, now: datetime
) -> None:
    with store.begin() as unit:
        unit.turns.append(ana, "s1", [Message(content=secret(3), id="m3")], now)
    let_go_of_connections(store)
    died = subprocess.run([sys.executable, "-c", DIE_AFTER_ERASING, f"sqlite:///{path}"], check=False, env=os.environ)
    assert died.returncode == 9
    assert leaks(path, [3]) == [3]
    with store.begin() as unit:
        assert unit.turns.turns(ana)[0].content == ""
    assert leaks(path, [3]) == []
