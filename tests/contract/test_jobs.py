"""The contract of JobQueue."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from treering.errors import FenceLost
from treering.memory.ports import Store
from treering.schemas.dialogue import Scope
from treering.schemas.jobs import Job, JobKind

BO = Scope(user="bo")


def test_a_job_is_leased_with_what_it_needs(jobs: SimpleNamespace, ana: Scope, make: SimpleNamespace) -> None:
    jobs.enqueue(ana, "window", payload={"window": "1-4", "first": 1})
    job = jobs.claim(now=5, lease_s=30)
    assert (job.scope, job.kind, job.payload) == (ana, "window", {"window": "1-4", "first": 1})
    assert (job.state, job.attempts, job.lease_until, job.fence) == ("running", 1, make.moment(35), 1)
    assert jobs.list() == [job]


def test_nothing_to_do_is_none(jobs: SimpleNamespace, ana: Scope) -> None:
    assert jobs.claim() is None
    assert jobs.claim(scope=ana) is None


def test_a_worker_of_some_kinds_leaves_the_others_alone(jobs: SimpleNamespace, store: Store, ana: Scope) -> None:
    jobs.enqueue(ana, "index", now=1)
    jobs.enqueue(BO, "listen", now=2)
    assert jobs.claim(now=3, kinds=frozenset({"summarise"})) is None
    assert jobs.claim(now=3, kinds=frozenset()) is None
    assert jobs.claim(now=3, kinds=frozenset({"listen", "window"})).scope == BO
    assert jobs.claim(now=3, scope=ana, kinds=frozenset({"listen"})) is None
    assert jobs.claim(now=3, scope=ana, kinds=frozenset({"listen", "index"})).kind == "index"


def test_the_kinds_that_are_due_are_known(
    jobs: SimpleNamespace, store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    def due(now: float) -> set[JobKind]:
        with store.begin(write=False) as unit:
            return unit.jobs.due_kinds(make.moment(now))

    assert due(0) == set()
    jobs.enqueue(ana, "index", now=1)
    jobs.enqueue(ana, "listen", now=2)
    assert [due(now) for now in (0, 1, 2)] == [set(), {"index"}, {"index", "listen"}]
    leased = jobs.claim(now=2, lease_s=10, kinds={"index"})
    assert (due(3), due(12)) == ({"listen"}, {"index", "listen"})
    jobs.finish(leased)
    assert due(12) == {"listen"}


def test_jobs_are_listed_from_where_somebody_stopped(jobs: SimpleNamespace, store: Store, ana: Scope) -> None:
    jobs.enqueue(ana, "index")
    jobs.enqueue(BO, "listen")
    jobs.enqueue(ana, "listen")
    with store.begin(write=False) as unit:
        first, second, third = unit.jobs.jobs()
        assert unit.jobs.jobs(limit=1, after=first.id) == [second]
        assert unit.jobs.jobs(scope=ana, after=first.id) == [third]
        assert unit.jobs.jobs(after=third.id) == unit.jobs.jobs(after=2**62) == []


def test_a_job_waits_for_its_time(jobs: SimpleNamespace, ana: Scope) -> None:
    jobs.enqueue(ana, now=5)
    assert jobs.claim(now=4.9) is None
    assert jobs.claim(now=5) is not None


def test_a_job_whose_holder_was_not_heard_of_again_says_so_when_it_is_leased(
    jobs: SimpleNamespace, store: Store, ana: Scope
) -> None:
    jobs.enqueue(ana)
    first = jobs.claim(now=0, lease_s=10)
    again = jobs.claim(now=10, lease_s=10)
    assert (first.was_dropped, again.was_dropped, again.attempts) == (False, True, 2)
    with store.begin() as unit:
        unit.jobs.forgive(again)
    with pytest.raises(FenceLost), store.begin() as unit:
        unit.jobs.forgive(first)
    assert [job.attempts for job in jobs.list()] == [1]
    jobs.fail(again, retry_at=20)
    assert not jobs.claim(now=20).was_dropped


def test_the_one_that_was_added_first_goes_first(jobs: SimpleNamespace, ana: Scope) -> None:
    jobs.enqueue(BO, now=3)
    jobs.enqueue(ana, now=3)
    assert [jobs.claim(now=9).scope, jobs.claim(now=9).scope] == [BO, ana]


def test_one_job_a_scope_runs_at_a_time(jobs: SimpleNamespace, ana: Scope) -> None:
    jobs.enqueue(ana, "listen")
    jobs.enqueue(ana, "index")
    first = jobs.claim()
    assert jobs.claim() is None
    jobs.finish(first)
    assert jobs.claim().kind == "index"


def test_a_claim_can_be_for_one_scope(jobs: SimpleNamespace, ana: Scope) -> None:
    jobs.enqueue(BO)
    jobs.enqueue(ana, now=1)
    assert jobs.claim(now=2, scope=ana).scope == ana
    assert jobs.claim(now=2, scope=ana) is None
    assert jobs.claim(now=2, scope=BO).scope == BO


def test_what_is_queued_is_not_queued_again(jobs: SimpleNamespace, ana: Scope) -> None:
    jobs.enqueue(ana, "listen")
    jobs.enqueue(ana, "listen", now=1)
    jobs.enqueue(ana, "window", payload={"a": 1, "b": 2})
    jobs.enqueue(ana, "window", payload={"b": 2, "a": 1})
    jobs.enqueue(ana, "window", payload={"a": 2})
    jobs.enqueue(BO, "listen")
    assert [(job.scope.user, job.kind, job.payload) for job in jobs.list()] == [
        ("ana", "listen", {}),
        ("ana", "window", {"a": 1, "b": 2}),
        ("ana", "window", {"a": 2}),
        ("bo", "listen", {}),
    ]


def test_a_running_job_does_not_make_the_next_needless(jobs: SimpleNamespace, ana: Scope) -> None:
    jobs.enqueue(ana)
    jobs.claim()
    jobs.enqueue(ana)
    assert [job.state for job in jobs.list()] == ["running", "queued"]


def test_a_lease_that_is_over_goes_to_the_next_worker(jobs: SimpleNamespace, ana: Scope) -> None:
    jobs.enqueue(ana)
    first = jobs.claim(lease_s=10)
    assert jobs.claim(now=9.9) is None
    second = jobs.claim(now=10)
    assert (second.id, second.attempts) == (first.id, 2)
    assert second.fence > first.fence


def test_an_overtaken_worker_can_do_nothing_more(jobs: SimpleNamespace, ana: Scope) -> None:
    jobs.enqueue(ana)
    stale = jobs.claim(lease_s=1)
    fresh = jobs.claim(now=2)
    for act in (
        lambda: jobs.finish(stale),
        lambda: jobs.fail(stale, retry_at=3),
        lambda: jobs.extend(stale, now=2),
    ):
        with pytest.raises(FenceLost) as caught:
            act()
        assert (caught.value.held, caught.value.current) == (stale.fence, fresh.fence)
    assert jobs.list() == [fresh.model_copy(update={"was_dropped": False})]


def test_a_worker_whose_scope_went_to_another_job_can_do_nothing_more(jobs: SimpleNamespace, ana: Scope) -> None:
    jobs.enqueue(ana, "listen", now=1)
    stale = jobs.claim(now=1, lease_s=1)
    jobs.enqueue(ana, "index", now=0)
    assert jobs.claim(now=5, kinds={"index"}).kind == "index"
    with pytest.raises(FenceLost):
        jobs.finish(stale)


def test_a_lease_can_be_extended(jobs: SimpleNamespace, ana: Scope, make: SimpleNamespace) -> None:
    jobs.enqueue(ana)
    job = jobs.extend(jobs.claim(lease_s=10), now=8, lease_s=10)
    assert job.lease_until == make.moment(18)
    assert jobs.claim(now=17) is None
    jobs.finish(job)


def test_a_lease_that_is_over_but_that_nobody_took_still_counts(jobs: SimpleNamespace, ana: Scope) -> None:
    jobs.enqueue(ana)
    job = jobs.claim(lease_s=1)
    jobs.finish(jobs.extend(job, now=50))
    assert [one.state for one in jobs.list()] == ["done"]


def test_a_finished_job_is_finished_once(jobs: SimpleNamespace, ana: Scope) -> None:
    jobs.enqueue(ana)
    job = jobs.claim()
    jobs.finish(job)
    for act in (lambda: jobs.finish(job), lambda: jobs.fail(job, retry_at=1)):
        with pytest.raises(FenceLost):
            act()
    assert [one.state for one in jobs.list()] == ["done"]
    assert jobs.pending() == 0


def test_a_failed_job_runs_again_later(jobs: SimpleNamespace, ana: Scope, make: SimpleNamespace) -> None:
    jobs.enqueue(ana)
    jobs.fail(jobs.claim(), "no answer", now=1, retry_at=60)
    (job,) = jobs.list()
    assert (job.state, job.error, job.run_after, job.lease_until) == ("queued", "no answer", make.moment(60), None)
    assert jobs.claim(now=59) is None
    assert jobs.claim(now=60).attempts == 2


def test_a_job_that_fails_for_good_waits_for_a_person(jobs: SimpleNamespace, ana: Scope, make: SimpleNamespace) -> None:
    jobs.enqueue(ana)
    jobs.fail(jobs.claim(), "hopeless", now=1)
    (job,) = jobs.list(states=["dead"])
    assert (job.error, job.lease_until) == ("hopeless", None)
    assert jobs.claim(now=10**6) is None
    assert jobs.pending() == 0
    assert jobs.retry(job.id, now=7)
    assert not jobs.retry(job.id)
    assert jobs.list()[0].queued_at == make.moment(7), "it waits from now on, not since it died"
    again = jobs.claim(now=7)
    assert (again.id, again.attempts) == (job.id, 1)


def test_jobs_are_found_by_tenant_kind_and_state(jobs: SimpleNamespace, ana: Scope) -> None:
    other = Scope(tenant="other", user="ana")
    for scope in (ana, other):
        for kind in ("listen", "index"):
            jobs.enqueue(scope, kind)
    jobs.fail(jobs.claim(scope=other, kinds={"index"}))
    assert {job.scope for job in jobs.list(tenant="other")} == {other}
    assert [(job.scope, job.kind) for job in jobs.list(kinds={"index"})] == [(ana, "index"), (other, "index")]
    assert [job.kind for job in jobs.list(tenant="other", states=["queued"], kinds=["listen", "index"])] == ["listen"]
    assert jobs.list(tenant="nobody") == []
    assert len(jobs.list(tenant="other", limit=1)) == 1


def test_only_a_dead_job_is_retried(jobs: SimpleNamespace, ana: Scope) -> None:
    jobs.enqueue(ana)
    assert not jobs.retry(jobs.list()[0].id)
    assert not jobs.retry(999)
    assert not jobs.retry(2**62)


def test_a_window_is_parked_with_its_reply_even_beside_a_queued_one(jobs: SimpleNamespace, ana: Scope) -> None:
    jobs.enqueue(ana, "window", payload={"window": "1-2"})
    jobs.enqueue(ana, "window", payload={"window": "1-2"}, state="dead", error="unreadable", raw_reply="Sure! …")
    (parked,) = jobs.list(states=["dead"])
    assert (parked.error, parked.raw_reply) == ("unreadable", "Sure! …")


def test_jobs_are_listed_oldest_first_by_scope_and_state(jobs: SimpleNamespace, ana: Scope) -> None:
    for scope in (ana, BO):
        jobs.enqueue(scope, "listen")
        jobs.enqueue(scope, "index")
    running = jobs.claim(scope=BO)
    assert [job.id for job in jobs.list()] == sorted(job.id for job in jobs.list())
    assert [job.scope for job in jobs.list(scope=ana)] == [ana, ana]
    assert jobs.list(states=["running", "dead"]) == [running]
    assert len(jobs.list(limit=3)) == 3
    assert jobs.list(scope=Scope(user="nobody")) == []
    assert (jobs.pending(), jobs.pending(ana), jobs.pending(Scope(user="nobody"))) == (4, 2, 0)


def test_finished_jobs_do_not_pile_up(store: Store, jobs: SimpleNamespace, ana: Scope, make: SimpleNamespace) -> None:
    with store.begin() as unit:
        for n in range(130):
            unit.jobs.enqueue(ana, "window", make.moment(0), payload={"n": n})
            unit.jobs.finish(unit.jobs.claim(make.moment(0), lease_s=9))
        unit.jobs.enqueue(ana, "window", make.moment(0), state="dead", payload={"n": 0})
    done = jobs.list(states=["done"], limit=999)
    assert [job.payload["n"] for job in done] == list(range(110, 130))
    assert len(jobs.list(states=["dead"])) == 1


def test_a_job_can_be_added_under_a_lease(
    store: Store, jobs: SimpleNamespace, ana: Scope, make: SimpleNamespace
) -> None:
    """Nobody else can take it, or anything of the same person, until it is over; nor is it had while another runs."""

    def lease(scope: Scope, now: float) -> Job | None:
        with store.begin() as unit:
            return unit.jobs.lease(scope, "index", make.moment(now), lease_s=10, payload={"embedder": "new"})

    assert lease(ana, 0) is None
    assert store.scopes() == []
    jobs.enqueue(ana, "listen")
    jobs.enqueue(BO, "listen")
    held = lease(ana, 1)
    assert held is not None
    assert (held.kind, held.payload, held.attempts) == ("index", {"embedder": "new"}, 1)
    assert jobs.list(states=["running"]) == [held]
    assert lease(ana, 2) is None
    assert jobs.claim(now=2, scope=ana) is None
    assert jobs.claim(now=2).scope == BO
    held = jobs.extend(held, now=9)
    assert jobs.claim(now=12, scope=ana) is None
    jobs.finish(held)
    assert jobs.claim(now=12, scope=ana).kind == "listen"
    again = lease(ana, 30)
    assert again is not None
    assert again.fence > held.fence
    later = lease(ana, 41)
    assert later is not None
    assert (later.id, later.attempts) == (again.id, 2)
    assert jobs.claim(now=60, scope=ana).fence > later.fence
    with pytest.raises(FenceLost):
        jobs.finish(later)
