"""Keys of callers, as the SDK makes, shows, rotates and ends them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering import AuditEntry, Memory
from treering.client.keys import PRUNED
from treering.errors import InvalidInput
from treering.schemas.access import Right
from treering.settings import Settings
from treering.telemetry.logs import hashed
from treering.testing import ManualClock

MONTH = timedelta(days=30)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2024, 3, 1, tzinfo=UTC))


@pytest.fixture
def memory(tmp_path: Path, clock: ManualClock) -> Iterator[Memory]:
    with Memory(tmp_path, embedder="hash", background=False, clock=clock) as memory:
        yield memory


def test_a_secret_is_shown_once_and_its_hash_is_stored(memory: Memory, tmp_path: Path) -> None:
    made = memory.create_key("read", label="dashboard", tenant="acme")
    prefix, key_id, secret = made.secret.split("_")
    assert (prefix, key_id, len(secret)) == ("tr", made.key.id, 64)
    assert memory.api_keys(tenant="acme") == [made.key]
    assert secret not in repr(made)
    memory.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert secret.encode() not in stored
    assert hashlib.sha256(secret.encode()).hexdigest().encode() in stored


def test_a_key_is_known_by_its_secret_alone(memory: Memory) -> None:
    made, other = memory.create_key(tenant="acme"), memory.create_key(tenant="acme")
    assert memory.check_key(made.secret) == made.key
    mixed = f"tr_{made.key.id}_{other.secret.rpartition('_')[2]}"
    assert memory.check_key(mixed) is None


@pytest.mark.parametrize(
    "presented", ["", "tr__", "tr_0123456789ab_" + "0" * 64, "tr_\x00", "ä" * 80, "TR_" + "0" * 77, "tr_" + "٣" * 77]
)
def test_what_is_no_key_opens_nothing(memory: Memory, presented: str) -> None:
    assert memory.check_key(presented) is None


def test_a_key_ends_when_it_expires_or_is_revoked(memory: Memory, clock: ManualClock) -> None:
    brief, lasting = memory.create_key(expires_in=MONTH), memory.create_key()
    clock.advance(MONTH)
    assert memory.check_key(brief.secret) is None
    assert memory.check_key(lasting.secret) == lasting.key
    assert memory.revoke_key(lasting.key.id)
    assert memory.check_key(lasting.secret) is None
    assert not memory.revoke_key(lasting.key.id), "it was before"
    [kept] = [key for key in memory.api_keys() if key.id == lasting.key.id]
    assert kept.revoked_at == clock.now()


def test_a_rotated_key_goes_on_for_its_grace(memory: Memory, clock: ManualClock) -> None:
    old = memory.create_key("admin", label="app", expires_in=MONTH, tenant="acme")
    clock.advance(timedelta(days=10))
    new = memory.rotate_key(old.key.id, grace=timedelta(hours=2), tenant="acme")
    assert (new.key.tenant, new.key.right, new.key.label) == ("acme", "admin", "app")
    assert new.key.expires_at == clock.now() + MONTH
    assert memory.check_key(old.secret) is not None
    clock.advance(timedelta(hours=2))
    assert memory.check_key(old.secret) is None
    assert memory.check_key(new.secret) == new.key
    with pytest.raises(InvalidInput, match="none that is good"):
        memory.rotate_key(old.key.id, tenant="acme")


def test_a_rotation_prolongs_no_life(memory: Memory, clock: ManualClock) -> None:
    old = memory.create_key(expires_in=timedelta(hours=1))
    memory.rotate_key(old.key.id)
    [kept, _] = sorted(memory.api_keys(), key=lambda key: key.id != old.key.id)
    assert kept.expires_at == old.key.expires_at


def test_keys_of_another_tenant_are_not_there(memory: Memory) -> None:
    made = memory.create_key(tenant="acme")
    assert memory.api_keys(tenant="other") == []
    assert memory.api_keys(tenant=None) == [made.key]
    assert not memory.revoke_key(made.key.id, tenant="other")
    with pytest.raises(InvalidInput):
        memory.rotate_key(made.key.id, tenant="other")
    assert memory.check_key(made.secret) == made.key


def test_what_makes_no_key_is_refused(memory: Memory) -> None:
    with pytest.raises(InvalidInput, match="right"):
        memory.create_key("root")  # type: ignore[arg-type]
    for life in (timedelta(0), timedelta(days=-1), timedelta.max):
        with pytest.raises(InvalidInput, match="expires_in"):
            memory.create_key(expires_in=life)
    for label in ("x" * 129, "two\nlines"):
        with pytest.raises(InvalidInput, match="label"):
            memory.create_key(label=label)
    assert not memory.revoke_key("a\x00b")
    assert memory.api_keys(tenant=None) == []


@pytest.mark.parametrize("right", ["read", "write", "admin"])
def test_a_key_has_its_right(memory: Memory, right: Right) -> None:
    found = memory.check_key(memory.create_key(right).secret)
    assert found is not None
    assert found.right == right


def test_the_audit_log_names_people_by_a_hash_and_outlives_them(memory: Memory, tmp_path: Path) -> None:
    memory.remember("ana-at-home", "I live in Porto.", tenant="acme")
    for person in (None, hashed("acme", "ana-at-home"), hashed("acme", "bo")):
        entry = AuditEntry(
            at=datetime(2024, 3, 1, tzinfo=UTC),
            tenant="acme",
            credential="k1",
            action="GET /v1/tree",
            person=person,
            status=200,
            request_id="r1",
        )
        memory.add_audit(entry)
    memory.forget("ana-at-home", tenant="acme")
    assert [one.id for one in memory.audit("ana-at-home", tenant="acme")] == [2]
    assert [one.id for one in memory.audit(tenant="acme", before=3, limit=1)] == [2]
    assert memory.audit(tenant="other") == []
    assert all("ana" not in one.model_dump_json() for one in memory.audit(tenant="acme"))


def test_entries_of_the_audit_log_go_when_they_are_too_old(tmp_path: Path, clock: ManualClock) -> None:
    def entry(request_id: str) -> AuditEntry:
        return AuditEntry(
            at=clock.now(), tenant="acme", credential="k1", action="GET /v1/tree", status=200, request_id=request_id
        )

    kept = Settings(home=tmp_path, embedder="hash", audit_days=30)
    with Memory(settings=kept, background=False, clock=clock) as memory:
        memory.add_audit(*(entry("old") for _ in range(PRUNED + 1)))
        clock.advance(timedelta(days=20))
        memory.add_audit(entry("young"))
        assert len(memory.audit(tenant="acme", limit=1_000)) == PRUNED + 2
        clock.advance(timedelta(days=11))
        memory.add_audit(entry("new"))
        found = [one.request_id for one in memory.audit(tenant="acme", limit=1_000)]
        assert found == ["new", "young", "old"], "so many go with one write, and no more"
        memory.add_audit(entry("newer"))
        assert [one.request_id for one in memory.audit(tenant="acme")] == ["newer", "new", "young"]
