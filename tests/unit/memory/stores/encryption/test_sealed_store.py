"""A store with keys: sealed from the first word, unreadable without its keys, and without the key of its time."""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from treering.errors import KeyUnavailable, StoreUnreadable
from treering.memory.stores import SqlStore
from treering.memory.stores.encryption.ciphers import MasterKey, new_key
from treering.memory.stores.encryption.keyring import Keyring, Owner
from treering.memory.stores.encryption.keys import Keys
from treering.memory.stores.encryption.resealing import PAGE_ROWS
from treering.memory.stores.words import TOMBSTONE_KEY_BYTES
from treering.memory.tombstones import KEY_BYTES
from treering.schemas.dialogue import Message, Scope

Lab = Any
"""The fixture's class stands in conftest.py."""

ANA = Scope(user="ana")
BO = Scope(user="bo")
NOW = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


def say(store: SqlStore, scope: Scope, *texts: str) -> None:
    with store.begin() as unit:
        unit.turns.append(scope, "s1", [Message(content=text) for text in texts], NOW)


def heard(store: SqlStore, scope: Scope) -> list[str]:
    with store.begin(write=False) as unit:
        return [turn.content for turn in unit.turns.turns(scope)]


def rekey(store: SqlStore, scope: Scope) -> bool:
    with store.begin() as unit:
        return unit.rekey(scope)


def dying(lab: Lab) -> Keys:
    """The keys of a process that dies between the commit and destroying the old key."""
    keys: Keys = lab.new_keys()
    keys.destroy = lambda *_, **__: True  # type: ignore[method-assign]
    return keys


def test_words_are_sealed_and_read_again(sealed: SqlStore, lab: Lab) -> None:
    say(sealed, ANA, "I keep bees.")
    assert heard(sealed, ANA) == ["I keep bees."]
    assert b"bees" not in lab.bytes()


def test_each_person_has_a_key_of_their_own(sealed: SqlStore, lab: Lab) -> None:
    say(sealed, ANA, "I keep bees.")
    say(sealed, BO, "I keep hens.")
    assert len(lab.ask("SELECT DISTINCT scope FROM keyring_keys", keyring=True)) == 2
    assert lab.versions() == [1, 1]


def test_another_process_reads_them_with_the_same_master_key(sealed: SqlStore, lab: Lab) -> None:
    say(sealed, ANA, "I keep bees.")
    assert heard(lab.open(), ANA) == ["I keep bees."]


def test_without_a_master_key_a_sealed_store_is_not_opened(sealed: SqlStore, lab: Lab) -> None:
    say(sealed, ANA, "I keep bees.")
    with pytest.raises(KeyUnavailable, match="TREERING_MASTER_KEY"):
        heard(lab.open_plain(), ANA)


def test_a_process_without_keys_that_runs_on_cannot_write_plain_words_among_sealed_ones(lab: Lab) -> None:
    plain = lab.open_plain()
    say(plain, ANA, "I keep bees.")
    say(lab.open(), ANA, "And hens.")
    with pytest.raises(KeyUnavailable, match="TREERING_MASTER_KEY"):
        say(plain, ANA, "And ducks.")
    with pytest.raises(KeyUnavailable, match="TREERING_MASTER_KEY"), plain.begin(write=False) as unit:
        unit.ledger.trees(ANA)


def test_a_wrong_master_key_is_refused_and_damages_nothing(sealed: SqlStore, lab: Lab) -> None:
    say(sealed, ANA, "I keep bees.")
    wrong = lab.open(lab.new_keys(master=MasterKey(new_key())))
    for attempt in (lambda: heard(wrong, ANA), lambda: say(wrong, ANA, "x"), lambda: rekey(wrong, ANA)):
        with pytest.raises(KeyUnavailable, match="another master key"):
            attempt()
    assert heard(lab.open(), ANA) == ["I keep bees."]


def test_a_keyring_without_the_key_is_named(sealed: SqlStore, lab: Lab) -> None:
    say(sealed, ANA, "I keep bees.")
    empty = lab.open(lab.new_keys(keyring=lab.path.with_name("empty.db")))
    with pytest.raises(KeyUnavailable, match=r"empty\.db has no key 1 of default/ana"):
        heard(empty, ANA)


def test_a_row_that_was_moved_to_another_person_is_refused(sealed: SqlStore, lab: Lab) -> None:
    say(sealed, ANA, "I keep bees.")
    say(sealed, BO, "I keep hens.")
    lab.ask("UPDATE turns SET content = (SELECT content FROM turns WHERE scope_id = 1) WHERE scope_id = 2")
    with pytest.raises(StoreUnreadable):
        heard(sealed, BO)
    assert heard(sealed, ANA) == ["I keep bees."]


def test_plain_words_among_sealed_ones_are_refused(sealed: SqlStore, lab: Lab) -> None:
    say(sealed, ANA, "I keep bees.")
    lab.ask("UPDATE turns SET content = 'I keep wasps.'")
    with pytest.raises(StoreUnreadable):
        heard(sealed, ANA)


def test_rekeying_keeps_the_words_and_destroys_the_key(sealed: SqlStore, lab: Lab) -> None:
    say(sealed, ANA, "I keep bees.", "And hens.")
    assert rekey(sealed, ANA)
    assert lab.versions() == [2]
    assert heard(sealed, ANA) == heard(lab.open(), ANA) == ["I keep bees.", "And hens."]


def test_without_keys_there_is_nothing_to_rekey(lab: Lab) -> None:
    plain = lab.open_plain()
    say(plain, ANA, "I keep bees.")
    assert not rekey(plain, ANA)
    assert not rekey(plain, BO)
    assert heard(plain, ANA) == ["I keep bees."]


def test_words_are_sealed_with_the_new_key_within_the_transaction_that_changes_it(sealed: SqlStore, lab: Lab) -> None:
    with sealed.begin() as unit:
        unit.turns.append(ANA, "s1", [Message(content="I keep bees.")], NOW)
        words = unit.turns  # what was made before the change goes on after it
        unit.rekey(ANA)
        words.append(ANA, "s1", [Message(content="And hens.")], NOW)
        unit.rekey(ANA)
    assert heard(lab.open(), ANA) == ["I keep bees.", "And hens."]


def test_a_transaction_that_fails_leaves_the_old_key_in_use(sealed: SqlStore, lab: Lab) -> None:
    say(sealed, ANA, "I keep bees.")
    with suppress(InterruptedError), sealed.begin() as unit:
        unit.rekey(ANA)
        raise InterruptedError
    assert lab.versions() == [1, 2]  # one too many, never one too few
    assert heard(sealed, ANA) == heard(lab.open(), ANA) == ["I keep bees."]
    assert rekey(sealed, ANA)
    assert lab.versions() == [3]


def test_a_key_that_outlived_a_death_is_destroyed_when_the_next_one_is_loaded(sealed: SqlStore, lab: Lab) -> None:
    say(sealed, ANA, "I keep bees.")
    rekey(lab.open(dying(lab)), ANA)
    assert lab.versions() == [1, 2]
    assert heard(lab.open(), ANA) == ["I keep bees."]
    assert lab.versions() == [2]


def test_an_old_copy_of_the_store_never_destroys_the_key_of_the_present_one(sealed: SqlStore, lab: Lab) -> None:
    say(sealed, ANA, "I keep bees.")
    copied = lab.copy()
    rekey(lab.open(dying(lab)), ANA)
    old = lab.open(path=copied)
    say(old, ANA, "In the copy.")  # its key is still there, because somebody died
    assert heard(lab.open(), ANA) == ["I keep bees."]


def test_a_copy_from_before_a_change_of_keys_cannot_be_opened_any_more(sealed: SqlStore, lab: Lab) -> None:
    say(sealed, ANA, "I keep bees.")
    copied = lab.copy()
    assert heard(lab.open(path=copied), ANA) == ["I keep bees."]
    rekey(sealed, ANA)
    old = lab.open(path=copied)
    for attempt in (lambda: heard(old, ANA), lambda: say(old, ANA, "x"), lambda: rekey(old, ANA)):
        with pytest.raises(KeyUnavailable, match="has no key 1"):
            attempt()


def test_a_process_lets_go_of_a_destroyed_key_when_it_sees_the_new_head(sealed: SqlStore, lab: Lab) -> None:
    say(sealed, ANA, "I keep bees.")
    elsewhere = lab.new_keys()
    other = lab.open(keys=elsewhere)
    assert heard(other, ANA) == ["I keep bees."]
    assert elsewhere.kept(1, 1) is not None
    rekey(sealed, ANA)
    with other.begin(write=False) as unit:
        unit.ledger.head(ANA)
    assert elsewhere.kept(1, 1) is None
    say(other, ANA, "And hens.")
    assert heard(sealed, ANA) == ["I keep bees.", "And hens."]


def test_keys_at_hand_are_few(lab: Lab) -> None:
    keys = Keys(Keyring(f"sqlite:///{lab.keyring_path}"), lab.master, keep=2)
    store = lab.open(keys=keys)
    people = [Scope(user=f"p{number}") for number in range(4)]
    for person in people:
        say(store, person, f"I am {person.user}.")
    assert [keys.kept(scope_id, 1) is not None for scope_id in (1, 2, 3, 4)] == [False, False, True, True]
    assert [heard(store, person) for person in people] == [[f"I am {person.user}."] for person in people]


def test_whoever_was_stored_plain_is_sealed_as_a_whole_with_the_next_word(lab: Lab) -> None:
    plain = lab.open_plain()
    say(plain, ANA, "I keep bees.")
    say(plain, BO, "I keep hens.")
    plain.close()
    store = lab.open()
    assert heard(store, ANA) == ["I keep bees."]  # reading changes nothing
    assert lab.ask("SELECT key_version FROM heads ORDER BY scope_id") == [(0,), (0,)]
    say(store, ANA, "And ducks.")
    assert heard(store, ANA) == ["I keep bees.", "And ducks."]
    content = lab.bytes()
    assert b"bees" not in content
    assert b"hens" in content  # nothing was written of Bo


def test_the_key_of_tombstones_outlives_every_data_key(sealed: SqlStore, lab: Lab) -> None:
    assert TOMBSTONE_KEY_BYTES == KEY_BYTES
    with sealed.begin() as unit:
        key = unit.tombstones.key(ANA)
    say(sealed, ANA, "I keep bees.")
    rekey(sealed, ANA)
    with lab.open().begin() as unit:
        assert unit.tombstones.key(ANA) == key
    [(stored,)] = lab.ask("SELECT key FROM tombstone_keys")
    assert isinstance(stored, bytes)
    assert key not in stored


def test_a_plain_tombstone_key_is_wrapped_with_the_rest(lab: Lab) -> None:
    plain = lab.open_plain()
    with plain.begin() as unit:
        key = unit.tombstones.key(ANA)
    plain.close()
    store = lab.open()
    say(store, ANA, "I keep bees.")
    [(stored,)] = lab.ask("SELECT key FROM tombstone_keys")
    assert isinstance(stored, bytes)
    assert key not in stored
    with store.begin() as unit:
        assert unit.tombstones.key(ANA) == key


def test_two_stores_may_share_a_keyring(sealed: SqlStore, lab: Lab) -> None:
    elsewhere = lab.path.with_name("other.db")
    other = lab.open(path=elsewhere)
    say(sealed, ANA, "I keep bees.")
    say(other, ANA, "I keep hens.")
    rekey(sealed, ANA)
    rekey(sealed, ANA)
    assert heard(lab.open(path=elsewhere), ANA) == ["I keep hens."]
    assert heard(lab.open(), ANA) == ["I keep bees."]


def test_a_long_memory_is_sealed_page_by_page(lab: Lab) -> None:
    texts = [f"Sentence {number}." for number in range(2 * PAGE_ROWS + 7)]
    plain = lab.open_plain()
    say(plain, ANA, *texts)
    plain.close()
    store = lab.open()
    rekey(store, ANA)
    rekey(store, ANA)
    assert heard(store, ANA) == texts


class StubbornKeyring(Keyring):
    """Destroys nothing for now."""

    is_away = True

    def destroy(self, owner: Owner, *, below: int) -> None:
        if self.is_away:
            raise KeyUnavailable("the keyring is away")
        super().destroy(owner, below=below)


def test_a_failed_destruction_is_told_and_made_up_for(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    keyring = StubbornKeyring(f"sqlite:///{lab.keyring_path}")
    store = lab.open(Keys(keyring, lab.master))
    say(store, ANA, "I keep bees.")
    assert rekey(store, ANA)  # what was committed stays done
    assert "still to be destroyed" in caplog.text
    assert lab.versions() == [1, 2]
    keyring.is_away = False
    assert heard(store, ANA) == ["I keep bees."]
    assert lab.versions() == [2]


def test_a_restored_copy_opens_with_a_copy_of_the_keyring_from_then(sealed: SqlStore, lab: Lab) -> None:
    say(sealed, ANA, "I keep bees.")
    copied = lab.copy()
    copied_keyring = shutil.copy(lab.keyring_path, lab.keyring_path.with_name("copied-keys.db"))
    rekey(sealed, ANA)
    assert heard(lab.open(lab.new_keys(keyring=copied_keyring), copied), ANA) == ["I keep bees."]
