"""A process that is killed while it changes keys: nothing acknowledged is lost, and no old key stays for long."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from treering.memory.stores import SqlStore
from treering.memory.stores.encryption.ciphers import MasterKey, new_key
from treering.memory.stores.encryption.keyring import Keyring
from treering.memory.stores.encryption.keys import Keys
from treering.memory.stores.encryption.whole_store import keys_standing
from treering.schemas.dialogue import Message, Scope
from treering.schemas.trunk import Trunk

KilledWriter = Callable[..., Iterator[int]]

KILLS = 16
"""Moments at which a writer is killed."""

NOW = datetime(2024, 3, 1, tzinfo=UTC)
ANA = Scope(user="ana")

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

Open = Callable[[], tuple[SqlStore, Keys]]


@pytest.fixture
def open_sealed(tmp_path: Path, small_trunk: Trunk) -> Open:
    master = MasterKey(new_key())

    def opener() -> tuple[SqlStore, Keys]:
        keys = Keys(Keyring(f"sqlite:///{tmp_path}/keys.db"), master)
        return SqlStore(f"sqlite:///{tmp_path}/memory.db", small_trunk, keys=keys), keys

    return opener


def write_on(store: SqlStore, acknowledge: Callable[[int], None]) -> None:
    """Go on where the store stands, for ever: a turn, and a change of keys with it, or after it."""
    with store.begin(write=False) as unit:
        number = len(unit.turns.turns(ANA))
    while True:
        with store.begin() as unit:
            unit.turns.append(ANA, "s", [Message(content=f"turn {number}", id=f"m{number}")], NOW)
            if number % 2:
                unit.rekey(ANA)
        with store.begin() as unit:
            unit.rekey(ANA)
        acknowledge(number)
        number += 1


def test_no_kill_between_two_steps_loses_a_word_or_leaves_an_old_key(
    killed_writer: KilledWriter, open_sealed: Open, tmp_path: Path
) -> None:
    moments = random.Random(5)
    acknowledged = -1
    left_over = 0
    for kill in range(KILLS):
        for number in killed_writer(
            lambda tell: write_on(open_sealed()[0], tell), rounds=kill % 3, after_s=moments.uniform(0, 0.05)
        ):
            acknowledged = number
        store, keys = open_sealed()
        left_over += keys_standing(store, keys).left_over
        with store.begin(write=False) as unit:
            said = [turn.content for turn in unit.turns.turns(ANA)]
        assert len(said) > acknowledged
        assert said == [f"turn {number}" for number in range(len(said))]
        assert all(version >= current(tmp_path) for version in versions(tmp_path)), (
            "an old key outlived the next reading"
        )
        store.close()
    assert left_over, "no writer was killed between two steps; the test has to be made sharper"


def versions(folder: Path) -> list[int]:
    """The keys of the store. A death within its very first write leaves one of a name that no store ever had."""
    [(name,)] = ask(folder / "memory.db", "SELECT sealed_as FROM store_state") or [("",)]
    return [
        version
        for (version,) in ask(
            folder / "keys.db", "SELECT version FROM keyring_keys WHERE wrapped NOT NULL AND store = ?", name
        )
    ]


def current(folder: Path) -> int:
    found = ask(folder / "memory.db", "SELECT key_version FROM heads")
    return int(found[0][0]) if found else 0


def ask(path: Path, query: str, *values: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()
