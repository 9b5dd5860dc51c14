"""The keyring gives out versions once, and a destroyed key is in none of its bytes."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from treering.errors import KeyUnavailable, StoreReadOnly, StoreTooNew
from treering.memory.stores import SqlStore
from treering.memory.stores.encryption.keyring import Keyring, Owner
from treering.schemas.dialogue import Scope
from treering.schemas.trunk import Trunk

ANA = Owner.of("store", Scope(user="ana"))
BO = Owner.of("store", Scope(user="bo"))


@pytest.fixture
def keyring_path(tmp_path: Path) -> Path:
    return tmp_path / "safe" / "keys.db"


@pytest.fixture
def keyring(keyring_path: Path) -> Keyring:
    return Keyring(f"sqlite:///{keyring_path}")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def any_keyring(request: pytest.FixtureRequest, keyring_path: Path) -> Keyring:
    """On each database that can hold one."""
    if request.param == "sqlite":
        return Keyring(f"sqlite:///{keyring_path}")
    return Keyring(request.getfixturevalue("new_postgres_url")())


def add(keyring: Keyring, owner: Owner = ANA, *, above: int = 0) -> int:
    return keyring.add(owner, above=above, wrap=lambda version: f"key {version} of {owner.scope}".encode())


def test_a_key_is_found_under_its_owner_and_version_alone(any_keyring: Keyring) -> None:
    assert add(any_keyring) == 1
    assert any_keyring.find(ANA, 1).wrapped == f"key 1 of {ANA.scope}".encode()
    assert any_keyring.find(ANA, 2).wrapped is None
    assert any_keyring.find(BO, 1).wrapped is None
    assert any_keyring.find(Owner.of("other", Scope(user="ana")), 1).wrapped is None


def test_people_stand_there_by_a_hash_and_not_by_their_name(keyring: Keyring, keyring_path: Path) -> None:
    add(keyring, Owner.of("store", Scope(tenant="Umbrella", user="ana.ribeiro@example.org")))
    content = keyring_path.read_bytes()
    assert b"ana.ribeiro" not in content
    assert b"Umbrella" not in content


def test_a_version_is_never_given_twice(any_keyring: Keyring) -> None:
    assert [add(any_keyring), add(any_keyring), add(any_keyring, above=7)] == [1, 2, 8]
    any_keyring.destroy(ANA, below=8)
    any_keyring.destroy_all(ANA)
    assert add(any_keyring) == 9


def test_two_who_make_a_key_at_once_get_two(any_keyring: Keyring) -> None:
    given: list[int] = []
    threads = [threading.Thread(target=lambda: given.append(add(any_keyring))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [1, 2, 3, 4]


def test_older_keys_are_told_until_they_are_destroyed(any_keyring: Keyring) -> None:
    add(any_keyring)
    add(any_keyring)
    assert any_keyring.find(ANA, 2).has_older
    assert not any_keyring.find(ANA, 1).has_older  # the newer one is no matter
    any_keyring.destroy(ANA, below=2)
    assert not any_keyring.find(ANA, 2).has_older
    assert any_keyring.find(ANA, 1).wrapped is None


@pytest.mark.parametrize("everything", [True, False])
def test_a_destroyed_key_is_in_no_byte_of_the_files(keyring: Keyring, keyring_path: Path, everything: bool) -> None:
    for _ in range(50):
        add(keyring)
        add(keyring, BO)
    with closing(sqlite3.connect(keyring_path)) as other:  # another process has it open, so that its log stays
        assert other.execute("SELECT count(*) FROM keyring_keys").fetchall() == [(100,)]
        if everything:
            keyring.destroy_all(ANA)
        else:
            keyring.destroy(ANA, below=51)
        content = b"".join(file.read_bytes() for file in keyring_path.parent.iterdir())
    assert f"of {ANA.scope}".encode() not in content
    assert keyring.find(BO, 50).wrapped == f"key 50 of {BO.scope}".encode()


def test_the_file_is_readable_by_its_owner_alone(keyring: Keyring, keyring_path: Path) -> None:
    before = os.umask(0)
    try:
        add(keyring)
    finally:
        os.umask(before)
    assert keyring_path.stat().st_mode & 0o077 == 0
    assert keyring_path.parent.stat().st_mode & 0o077 == 0


def test_making_one_touches_nothing(keyring: Keyring, keyring_path: Path) -> None:
    assert keyring.where == str(keyring_path)
    assert not keyring_path.parent.exists()


def test_a_store_is_no_keyring(tmp_path: Path, small_trunk: Trunk) -> None:
    store = SqlStore(f"sqlite:///{tmp_path}/memory.db", small_trunk)
    with store.begin():
        pass
    store.close()
    with pytest.raises(KeyUnavailable, match="another database"):
        add(Keyring(f"sqlite:///{tmp_path}/memory.db"))


def test_a_keyring_from_the_future_is_left_alone(keyring: Keyring, keyring_path: Path) -> None:
    add(keyring)
    with sqlite3.connect(keyring_path) as connection:
        connection.execute("UPDATE keyring_state SET format = 99")
    connection.close()
    with pytest.raises(StoreTooNew):
        Keyring(f"sqlite:///{keyring_path}").find(ANA, 1)


def test_a_keyring_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreReadOnly, match="keys"):
        add(Keyring(f"sqlite:///{tmp_path}/file/keys.db"))


def test_a_keyring_server_that_does_not_answer_is_told_apart_from_the_store() -> None:
    with pytest.raises(KeyUnavailable, match="TREERING_KEYS_URL") as raised:
        Keyring("postgresql://ana:hunter2@127.0.0.1:1/keys").find(ANA, 1)
    assert "hunter2" not in str(raised.value)


def test_keys_are_wrapped_anew_in_their_places(any_keyring: Keyring) -> None:
    for owner in (ANA, BO):
        add(any_keyring, owner)
        add(any_keyring, owner)
    any_keyring.destroy(BO, below=2)
    rows = any_keyring.keys("store")
    assert sorted((row.owner.scope, row.version) for row in rows) == sorted(
        [(ANA.scope, 1), (ANA.scope, 2), (BO.scope, 2)]
    )
    any_keyring.replace([row._replace(wrapped=row.wrapped.upper()) for row in rows])
    any_keyring.scrub()
    assert any_keyring.find(ANA, 2).wrapped == f"KEY 2 OF {ANA.scope.upper()}".encode()
    assert any_keyring.keys("other") == []
