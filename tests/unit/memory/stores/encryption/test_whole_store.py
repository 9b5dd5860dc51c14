"""Sealing a whole store goes on where it was stopped, and a new master key takes over without touching the words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from treering.errors import KeyUnavailable
from treering.memory.stores import SqlStore
from treering.memory.stores.encryption.ciphers import MasterKey, new_key
from treering.memory.stores.encryption.keyring import Keyring, KeyRow
from treering.memory.stores.encryption.whole_store import decrypt_all, encrypt_all, keys_standing, rewrap_all
from treering.schemas.dialogue import Message, Scope

Lab = Any
"""The fixture's class stands in conftest.py."""

PEOPLE = [Scope(user=f"p{number}") for number in range(5)]
NOW = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


def say(store: SqlStore, *people: Scope) -> None:
    for person in people:
        with store.begin() as unit:
            unit.turns.append(person, "s1", [Message(content=f"I am {person.user}.")], NOW)


def heard(store: SqlStore) -> list[str]:
    with store.begin(write=False) as unit:
        return [turn.content for person in PEOPLE for turn in unit.turns.turns(person)]


ALL = [f"I am {person.user}." for person in PEOPLE]


class StoppedError(Exception):
    """Somebody pressed Ctrl-C."""


def stop_after(steps: int) -> Callable[[int, int], None]:
    def report(done: int, _: int) -> None:
        if done == steps:
            raise StoppedError

    return report


@pytest.fixture
def plain(lab: Lab) -> SqlStore:
    store: SqlStore = lab.open_plain()
    say(store, *PEOPLE)
    store.close()
    return store


def test_sealing_goes_on_where_it_was_stopped(plain: SqlStore, lab: Lab) -> None:
    store = lab.open()
    with pytest.raises(StoppedError):
        encrypt_all(store, stop_after(2))
    assert sorted(lab.ask("SELECT key_version FROM heads")) == [(0,), (0,), (0,), (1,), (1,)]
    assert heard(store) == ALL
    assert encrypt_all(lab.open(), lambda *_: None) == 3
    assert heard(store) == ALL
    assert b"I am" not in lab.bytes()


def test_unsealing_goes_on_where_it_was_stopped(lab: Lab) -> None:
    say(lab.open(), *PEOPLE)
    with pytest.raises(StoppedError):
        decrypt_all(lab.open(), stop_after(2))
    assert decrypt_all(lab.open(), lambda *_: None) == 3
    assert heard(lab.open_plain()) == ALL


def test_numbers_of_keys_go_on_after_everything_was_plain_for_a_while(lab: Lab) -> None:
    """Or a process that has the old key at hand would seal with it."""
    before = lab.open()
    say(before, *PEOPLE)
    decrypt_all(lab.open(), lambda *_: None)
    encrypt_all(lab.open(), lambda *_: None)
    assert sorted(lab.ask("SELECT key_version FROM heads")) == [(2,)] * 5
    say(before, PEOPLE[0])
    assert len(heard(lab.open())) == 6


def test_a_new_master_key_opens_everything_and_the_old_one_nothing(lab: Lab) -> None:
    store, new = lab.open(), MasterKey(new_key())
    say(store, *PEOPLE)
    with store.begin() as unit:
        tombstones = unit.tombstones.key(PEOPLE[0])
    done = rewrap_all(store, lab.new_keys(), new)
    assert (done.rewrapped, done.already) == (6, 0)
    changed = lab.open(lab.new_keys(master=new))
    assert heard(changed) == ALL
    with changed.begin() as unit:
        assert unit.tombstones.key(PEOPLE[0]) == tombstones
    with pytest.raises(KeyUnavailable, match="another master key"):
        heard(lab.open())


class DyingKeyring(Keyring):
    """Dies after the first page of keys."""

    def replace(self, rows: Sequence[KeyRow]) -> None:
        super().replace(rows[:2])
        raise StoppedError


def test_a_change_of_the_master_key_goes_on_where_it_was_stopped(lab: Lab) -> None:
    store, new = lab.open(), MasterKey(new_key())
    say(store, *PEOPLE)
    keys = lab.new_keys()
    keys.keyring = DyingKeyring(f"sqlite:///{lab.keyring_path}")
    with pytest.raises(StoppedError):
        rewrap_all(store, keys, new)
    done = rewrap_all(store, lab.new_keys(), new)
    assert (done.rewrapped, done.already) == (3, 2)
    assert heard(lab.open(lab.new_keys(master=new))) == ALL


def test_a_third_master_key_stops_a_change_before_anything_is_changed(lab: Lab) -> None:
    store = lab.open()
    say(store, *PEOPLE)
    wrong = lab.new_keys(master=MasterKey(new_key()))
    with pytest.raises(KeyUnavailable):
        rewrap_all(store, wrong, MasterKey(new_key()))
    assert heard(lab.open()) == ALL


def test_nothing_of_the_old_wrapping_is_left(lab: Lab) -> None:
    store = lab.open()
    say(store, *PEOPLE)
    with store.begin() as unit:
        unit.tombstones.key(PEOPLE[0])
    old = [wrapped for (wrapped,) in lab.ask("SELECT wrapped FROM keyring_keys", keyring=True)]
    [(tombstones,)] = lab.ask("SELECT key FROM tombstone_keys")
    rewrap_all(store, lab.new_keys(), MasterKey(new_key()))
    content = b"".join(file.read_bytes() for file in lab.keyring_path.parent.iterdir())
    assert not any(wrapped in content for wrapped in old)
    assert tombstones not in lab.bytes()


def test_the_standing_tells_who_is_sealed_and_which_keys_are_not_as_they_should_be(plain: SqlStore, lab: Lab) -> None:
    store = lab.open()
    say(store, *PEOPLE[:3])
    found = keys_standing(store, lab.new_keys())
    assert found.is_sound
    assert (found.sealed, found.plain, found.missing, found.other_master, found.left_over) == (3, 2, 0, 0, 0)

    with pytest.raises(StoppedError), store.begin() as unit:
        raise StoppedError if unit.rekey(PEOPLE[0]) else AssertionError
    assert keys_standing(store, lab.new_keys()).left_over == 1

    assert keys_standing(store, lab.new_keys(master=MasterKey(new_key()))).other_master == 3
    lab.ask("DELETE FROM keyring_keys WHERE version = 1", keyring=True)
    found = keys_standing(store, lab.new_keys())
    assert (found.missing, found.is_sound) == (3, False)
