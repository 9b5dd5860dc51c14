"""The contract of JobQueue: whose turn it is, and how what waits is counted."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from treering.errors import FenceLost
from treering.memory.ports import Store
from treering.schemas.dialogue import Scope
from treering.schemas.jobs import KindStats, QueueStats, TenantStats

BO = Scope(user="bo")


def people(tenant: str, count: int) -> list[Scope]:
    return [Scope(tenant=tenant, user=f"u{number}") for number in range(count)]


def claimed(jobs: SimpleNamespace, count: int) -> list[str]:
    """The tenants of the next jobs, each of which is done at once."""
    found = []
    for _ in range(count):
        job = jobs.claim(now=9)
        found.append(job.scope.tenant)
        jobs.finish(job)
    return found


def test_tenants_take_turns_however_much_one_has_queued(jobs: SimpleNamespace) -> None:
    for scope in people("noisy", 12):
        jobs.enqueue(scope)
    assert claimed(jobs, 3) == ["noisy"] * 3
    for scope in people("quiet", 3):
        jobs.enqueue(scope)
    for scope in people("other", 2):
        jobs.enqueue(scope)
    assert sorted(claimed(jobs, 3)) == ["noisy", "other", "quiet"]
    assert sorted(claimed(jobs, 3)) == ["noisy", "other", "quiet"]
    assert sorted(claimed(jobs, 2)) == ["noisy", "quiet"]
    assert claimed(jobs, 6) == ["noisy"] * 6
    assert jobs.claim(now=9) is None


def test_who_says_one_thing_at_a_time_waits_for_nobodys_backlog(jobs: SimpleNamespace) -> None:
    """Nor does the backlog wait for ever."""
    for scope in people("noisy", 20):
        jobs.enqueue(scope)
    [quiet] = people("quiet", 1)
    order = []
    for _ in range(6):
        jobs.enqueue(quiet)
        order += claimed(jobs, 2)
    assert order.count("quiet") == order.count("noisy") == 6


def test_what_is_urgent_goes_first_and_the_rest_has_its_turn(jobs: SimpleNamespace, ana: Scope) -> None:
    """However much that is urgent follows."""
    for scope in people("one", 5):
        jobs.enqueue(scope)
    jobs.enqueue(ana, "consolidate", priority=1)
    for scope in people("one", 40)[5:]:
        jobs.enqueue(scope)
    done = []
    for _ in range(41):
        job = jobs.claim(now=9)
        done.append(job.kind)
        jobs.finish(job)
    assert done == ["listen"] * 17 + ["consolidate"] + ["listen"] * 23


def test_who_says_one_thing_at_a_time_goes_before_what_is_not_urgent(jobs: SimpleNamespace, ana: Scope) -> None:
    """Also where the rank is the same, and what is not urgent has waited for longer; unless the oldest is asked for."""
    [quiet] = people("quiet", 1)
    jobs.enqueue(ana, "index")
    for _ in range(20):
        jobs.enqueue(quiet)
        assert claimed(jobs, 1) == ["quiet"]
    jobs.enqueue(quiet)
    assert jobs.claim(now=9, by_age=True).scope == ana


def test_claims_are_not_compared_while_there_is_something_to_hear(jobs: SimpleNamespace, ana: Scope) -> None:
    jobs.enqueue(ana, "consolidate")
    jobs.enqueue(ana, "listen", now=5)
    jobs.enqueue(BO, "listen")
    assert jobs.claim(now=6, kinds={"consolidate"}) is None
    early = jobs.claim(now=4, kinds={"consolidate"})
    assert early.scope == ana
    jobs.fail(early, retry_at=4)
    jobs.finish(jobs.claim(now=6, scope=ana))
    assert jobs.claim(now=6, scope=ana).kind == "consolidate"


def test_a_queued_job_becomes_as_urgent_as_it_is_asked_for(jobs: SimpleNamespace, ana: Scope) -> None:
    jobs.enqueue(ana, priority=5)
    jobs.enqueue(BO, priority=3)
    jobs.enqueue(ana, priority=1)
    jobs.enqueue(ana, priority=8)
    assert [(job.scope, job.priority) for job in jobs.list()] == [(ana, 1), (BO, 3)]
    assert jobs.claim(now=9).scope == ana


def test_what_nobody_was_heard_of_again_goes_before_what_waits(jobs: SimpleNamespace, ana: Scope) -> None:
    jobs.enqueue(BO, "consolidate")
    dropped = jobs.claim(now=0, lease_s=1)
    jobs.enqueue(ana, now=0)
    assert jobs.claim(now=2).id == dropped.id


def test_a_job_knows_whether_others_wait(
    jobs: SimpleNamespace, store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    def others_wait(now: float, **only: Any) -> bool:  # noqa: ANN401 - as the port has them
        with store.begin(write=False) as unit:
            return unit.jobs.others_wait(mine, make.moment(now), **only)

    jobs.enqueue(ana)
    mine = jobs.claim(now=1)
    jobs.enqueue(ana, "index")
    assert not others_wait(1)
    jobs.enqueue(BO, now=3)
    assert [others_wait(2), others_wait(3)] == [False, True]
    assert not others_wait(3, kinds={"index"})
    jobs.claim(now=3, scope=BO)
    assert not others_wait(3)


def test_a_postponed_job_was_not_started(
    jobs: SimpleNamespace, store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    jobs.enqueue(ana)
    job = jobs.claim(now=1)
    with store.begin() as unit:
        unit.jobs.postpone(job, "no tokens are left", make.moment(30))
    [waiting] = jobs.list()
    assert (waiting.state, waiting.attempts, waiting.error) == ("queued", 0, "no tokens are left")
    assert (waiting.run_after, waiting.queued_at, waiting.lease_until) == (make.moment(30), make.moment(0), None)
    assert jobs.claim(now=29) is None
    assert jobs.claim(now=30).attempts == 1
    with pytest.raises(FenceLost), store.begin() as unit:
        unit.jobs.postpone(job, "once more", make.moment(60))


@pytest.mark.parametrize("state", ["queued", "running", "dead"])
def test_a_job_can_be_cancelled_in_any_state(jobs: SimpleNamespace, store: Store, ana: Scope, state: str) -> None:
    jobs.enqueue(ana)
    held = jobs.claim() if state != "queued" else None
    if state == "dead":
        jobs.fail(held)
    [job] = jobs.list()
    with store.begin() as unit:
        assert unit.jobs.cancel(job.id)
        assert not unit.jobs.cancel(job.id)
        assert unit.jobs.get(job.id).state == "cancelled"
    assert jobs.claim(now=99) is None
    assert jobs.pending() == 0
    if state == "running":
        with pytest.raises(FenceLost):
            jobs.finish(held)
    jobs.enqueue(ana)
    assert jobs.claim().id != job.id


def test_a_job_that_is_not_there_is_none(jobs: SimpleNamespace, store: Store, ana: Scope) -> None:
    jobs.enqueue(ana)
    jobs.finish(jobs.claim())
    [done] = jobs.list()
    with store.begin() as unit:
        assert unit.jobs.get(done.id) == done
        assert unit.jobs.get(2**62) is None
        assert not unit.jobs.cancel(2**62)
        assert not unit.jobs.cancel(done.id)


def test_the_trace_of_who_asked_first_stays_with_the_job(jobs: SimpleNamespace, ana: Scope) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    jobs.enqueue(ana, trace=trace)
    jobs.enqueue(ana, trace="00-00000000000000000000000000000001-0000000000000001-01")
    assert jobs.claim().trace == trace


def test_jobs_are_counted_by_kind_and_by_tenant(
    jobs: SimpleNamespace, store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    def stats() -> QueueStats:
        with store.begin(write=False) as unit:
            return unit.jobs.stats(make.moment(9))

    assert stats() == QueueStats(at=make.moment(9))
    other = Scope(tenant="other", user="cy")
    jobs.enqueue(ana, "listen", now=3)
    jobs.enqueue(BO, "listen", now=5)
    jobs.enqueue(BO, "index", now=5)
    jobs.enqueue(other, "index", now=4)
    jobs.enqueue(BO, "window", now=1, state="dead", payload={"first": 1})
    jobs.finish(jobs.claim(now=9, scope=BO, kinds={"index"}))
    jobs.claim(now=9, scope=ana)
    assert stats() == QueueStats(
        at=make.moment(9),
        kinds=(
            KindStats(kind="index", queued=1, oldest_at=make.moment(4)),
            KindStats(kind="listen", queued=1, running=1, oldest_at=make.moment(5)),
            KindStats(kind="window", dead=1),
        ),
        tenants=(
            TenantStats(tenant="other", queued=1, oldest_at=make.moment(4)),
            TenantStats(tenant=ana.tenant, queued=1, oldest_at=make.moment(5)),
        ),
    )
    with store.begin(write=False) as unit:
        assert unit.jobs.stats(make.moment(9), tenant="other") == QueueStats(
            at=make.moment(9),
            kinds=(KindStats(kind="index", queued=1, oldest_at=make.moment(4)),),
            tenants=(TenantStats(tenant="other", queued=1, oldest_at=make.moment(4)),),
        )
        assert unit.jobs.stats(make.moment(9), tenant="nobody") == QueueStats(at=make.moment(9))
        assert unit.jobs.oldest(ana.tenant, "listen") == make.moment(5)
        assert unit.jobs.oldest(other.tenant, "index") == make.moment(4)
        assert unit.jobs.oldest("nobody", "listen") is None


def test_the_rest_of_a_job_is_as_urgent_and_as_old(
    jobs: SimpleNamespace, store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    def leave_rest(now: float) -> None:
        with store.begin() as unit:
            unit.jobs.leave_rest(job, make.moment(now))
            unit.jobs.finish(job)

    jobs.enqueue(ana, now=1, priority=4, trace=trace)
    job = jobs.claim(now=5)
    leave_rest(6)
    [_, rest] = jobs.list()
    assert (rest.state, rest.priority, rest.trace, rest.payload) == ("queued", 4, trace, {})
    assert (rest.queued_at, rest.run_after) == (make.moment(1), make.moment(6))
    job = jobs.claim(now=7)
    jobs.enqueue(ana, now=8)
    leave_rest(9)
    [_, _, queued] = jobs.list()
    assert (queued.state, queued.priority) == ("queued", 0), "what is said meanwhile is urgent, and does the rest too"
    assert (queued.queued_at, queued.run_after) == (make.moment(1), make.moment(8))
