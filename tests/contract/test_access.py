"""Keys of a server's callers, and the log of what they did, in every store."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from treering.memory.ports import Store
from treering.schemas.access import ApiKey, AuditEntry, Right

HASH = "f" * 64


@pytest.fixture
def key(make: SimpleNamespace) -> Callable[..., ApiKey]:
    def key(number: int, tenant: str = "acme", right: Right = "read") -> ApiKey:
        return ApiKey(id=f"{number:012x}", tenant=tenant, right=right, label="app", created_at=make.moment(number))

    return key


@pytest.fixture
def entry(make: SimpleNamespace) -> Callable[..., AuditEntry]:
    def entry(number: int, tenant: str = "acme", person: str | None = None) -> AuditEntry:
        return AuditEntry(
            at=make.moment(number),
            tenant=tenant,
            credential="k1",
            action="GET /v1/tree",
            person=person,
            status=200,
            request_id=f"r{number}",
        )

    return entry


def test_keys_are_found_by_id_with_their_hash(open_store: Callable[[], Store], key: Callable[..., ApiKey]) -> None:
    with open_store().begin() as unit:
        unit.api_keys.add(key(1), HASH)
    with open_store().begin(write=False) as unit:
        assert unit.api_keys.find(key(1).id) == (key(1), HASH)
        assert unit.api_keys.find(key(2).id) is None


def test_keys_are_listed_oldest_first_and_by_tenant(store: Store, key: Callable[..., ApiKey]) -> None:
    several = [key(3), key(1, "other"), key(2)]
    with store.begin() as unit:
        for one in several:
            unit.api_keys.add(one, HASH)
    with store.begin(write=False) as unit:
        assert unit.api_keys.keys() == [key(1, "other"), key(2), key(3)]
        assert unit.api_keys.keys(tenant="acme") == [key(2), key(3)]
        assert unit.api_keys.keys(tenant="nobody") == []


def test_of_a_key_only_its_end_changes(store: Store, key: Callable[..., ApiKey], make: SimpleNamespace) -> None:
    ended = key(1).model_copy(update={"expires_at": make.moment(9), "revoked_at": make.moment(5)})
    with store.begin() as unit:
        unit.api_keys.add(key(1), HASH)
        unit.api_keys.add(key(2), HASH)
        unit.api_keys.change(ended.model_copy(update={"right": "admin", "tenant": "other"}))
        unit.api_keys.change(key(7))
    with store.begin(write=False) as unit:
        assert unit.api_keys.keys() == [ended, key(2)]
        assert unit.api_keys.find(ended.id) == (ended, HASH)


def test_a_key_is_good_until_it_ends(key: Callable[..., ApiKey], make: SimpleNamespace) -> None:
    assert key(1).is_good(make.moment(10_000))
    expiring = key(1).model_copy(update={"expires_at": make.moment(9)})
    assert expiring.is_good(make.moment(8))
    assert not expiring.is_good(make.moment(9))
    assert not expiring.model_copy(update={"revoked_at": make.moment(2)}).is_good(make.moment(3))


def test_a_transaction_that_fails_keeps_nothing(
    store: Store, key: Callable[..., ApiKey], entry: Callable[..., AuditEntry]
) -> None:
    def fail() -> None:
        with store.begin() as unit:
            unit.api_keys.add(key(1), HASH)
            unit.audit.add(entry(1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.begin(write=False) as unit:
        assert unit.api_keys.keys() == []
        assert unit.audit.read("acme") == []


def test_the_log_is_read_backwards_by_pages_and_of_one_tenant(store: Store, entry: Callable[..., AuditEntry]) -> None:
    for number in range(5):
        with store.begin() as unit:
            unit.audit.add(entry(number))
            unit.audit.add(entry(number, "other"))
    with store.begin(write=False) as unit:
        first = unit.audit.read("acme", limit=2)
        rest = unit.audit.read("acme", before=first[-1].id)
        assert [one.request_id for one in first + rest] == ["r4", "r3", "r2", "r1", "r0"]
        assert first[0] == entry(4).model_copy(update={"id": first[0].id})
        assert unit.audit.read("acme", before=rest[-1].id) == []
        assert unit.audit.read("nobody") == []


def test_the_oldest_of_the_log_go_and_the_rest_keep_their_numbers(
    store: Store, entry: Callable[..., AuditEntry], make: SimpleNamespace
) -> None:
    with store.begin() as unit:
        for number, tenant in enumerate(["acme", "other", "acme", "acme", "other"]):
            unit.audit.add(entry(number, tenant))
        before = unit.audit.read("acme")
    with store.begin() as unit:
        assert unit.audit.prune(make.moment(4), limit=2) == 2, "no more at once than was said"
        assert unit.audit.prune(make.moment(3), limit=100) == 1
        assert unit.audit.prune(make.moment(3), limit=100) == 0
        assert unit.audit.read("acme") == before[:1]
        assert [one.request_id for one in unit.audit.read("other")] == ["r4"]
        unit.audit.add(entry(9))
        assert unit.audit.read("acme")[0].id > max(one.id for one in before)


def test_the_log_is_read_by_person(store: Store, entry: Callable[..., AuditEntry]) -> None:
    with store.begin() as unit:
        for number, person in enumerate(["a", "b", None, "a"]):
            unit.audit.add(entry(number, person=person))
    with store.begin(write=False) as unit:
        assert [one.request_id for one in unit.audit.read("acme", person="a")] == ["r3", "r0"]
