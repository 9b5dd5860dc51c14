"""The SDK's slow work: a tenant sees and changes its own, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering import AsyncMemory, Job, Memory
from treering.client import jobs as module
from treering.errors import InvalidInput
from treering.schemas.dialogue import Scope
from treering.testing import ManualClock

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def memory(tmp_path: Path, clock: ManualClock) -> Iterator[Memory]:
    with Memory(tmp_path, embedder="hash", clock=clock, background=False) as opened:
        for tenant in ("default", "acme"):
            for user in ("ana", "bo"):
                opened.remember(user, "I live in Porto.", tenant=tenant)
        yield opened


def die(memory: Memory, scope: Scope) -> Job:
    with memory._engine.store.begin() as unit:
        job = unit.jobs.claim(NOW, lease_s=9, scope=scope)
        assert job is not None
        unit.jobs.fail(job, "it broke", NOW, retry_at=None)
    return job


def test_only_jobs_of_the_tenant_are_listed_and_counted(memory: Memory) -> None:
    assert {job.scope.tenant for job in memory.jobs()} == {"default"}
    assert {job.scope.tenant for job in memory.jobs(tenant="acme")} == {"acme"}
    assert {job.scope.tenant for job in memory.jobs("ana")} == {"default"}
    assert {job.scope.tenant for job in memory.jobs(tenant=None)} == {"default", "acme"}
    assert [one.queued for one in memory.queue_stats().kinds] == [2]
    assert [one.tenant for one in memory.queue_stats(tenant="acme").tenants] == ["acme"]
    assert [one.queued for one in memory.queue_stats(tenant=None).kinds] == [4]


def test_a_long_list_is_read_in_pieces(memory: Memory) -> None:
    [first] = memory.jobs(limit=1)
    [second] = memory.jobs(after=first.id)
    assert memory.jobs(after=second.id) == []
    with pytest.raises(InvalidInput, match="after: is -1"):
        memory.jobs(after=-1)


def test_a_job_of_another_tenant_is_not_there(memory: Memory) -> None:
    theirs = die(memory, Scope(tenant="acme", user="ana")).id
    for tenant in ("default", "other"):
        assert memory.job(theirs, tenant=tenant) is None
        assert memory.retry(theirs, tenant=tenant) is False
        assert memory.cancel(theirs, tenant=tenant) is False
    assert memory.job(theirs) is None
    assert memory.retry(theirs) is False
    assert memory.cancel(theirs) is False
    found = memory.job(theirs, tenant="acme")
    assert found is not None
    assert found.state == "dead"
    assert memory.retry(theirs, tenant="acme")
    assert memory.cancel(theirs, tenant=None)


def test_what_is_done_here_is_the_tenants_own_in_its_order(
    memory: Memory, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOKED_AT", 1)
    told: list[tuple[str, str, str]] = []
    done = memory.drain(
        tenant="acme", limit=2, progress=lambda job, outcome: told.append((job.scope.tenant, job.scope.user, outcome))
    )
    assert told == [("acme", "ana", "done"), ("acme", "bo", "done")]
    assert (done.outcomes, done.left, done.due_at, done.is_idle) == ({"done": 2}, 2, NOW, False)
    assert memory.drain(tenant="acme").outcomes == {"done": 2}
    assert len(memory.jobs()) == 2, "nobody else's"
    assert memory.drain(limit=0).left == 2
    assert memory.drain("bo").left == 0
    assert memory.drain(tenant=None).outcomes == {"done": 2}


def test_what_is_left_says_when_it_is_due(memory: Memory) -> None:
    memory.drain(tenant=None)
    later = NOW + timedelta(hours=1)
    with memory._engine.store.begin() as unit:
        unit.jobs.enqueue(Scope(user="ana"), "listen", later)
    done = memory.drain()
    assert (done.outcomes, done.left, done.due_at, done.is_idle) == ({}, 1, later, True)


@pytest.mark.parametrize(
    "wrong",
    [{"states": "dead"}, {"states": ["asleep"]}, {"kinds": ["dream"]}, {"limit": 0}, {"tenant": ""}],
    ids=str,
)
def test_what_makes_no_sense_is_refused(memory: Memory, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        memory.jobs(**wrong)  # type: ignore[arg-type]


async def test_event_loops_have_it_too(tmp_path: Path) -> None:
    async with AsyncMemory(Memory(tmp_path, embedder="hash", background=False)) as memory:
        await memory.remember("ana", "I live in Porto.")
        [job] = await memory.jobs("ana")
        assert (await memory.queue_stats()).kinds[0].queued == 1
        assert await memory.cancel(job.id)
        assert (await memory.job(job.id)).state == "cancelled"  # type: ignore[union-attr]
        assert (await memory.drain()).left == 0
        assert await memory.retry(job.id) is False
