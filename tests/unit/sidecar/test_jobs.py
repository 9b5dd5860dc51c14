"""Slow work over HTTP: a tenant's administrator sees and changes it, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from treering import Memory
from treering.schemas.jobs import Job, QueueStats

ClientOf = Callable[..., TestClient]


@pytest.fixture(autouse=True)
def waiting(memory: Memory) -> None:
    """Jobs of two tenants."""
    for tenant in ("default", "acme"):
        for user in ("ana", "bo", "cy"):
            memory.remember(user, "I live in Porto.", tenant=tenant)


def die(memory: Memory, job: Job) -> None:
    now = datetime.now(UTC) + timedelta(seconds=1)
    with memory._engine.store.begin() as unit:
        leased = unit.jobs.claim(now, lease_s=9, scope=job.scope)
        assert leased is not None
        unit.jobs.fail(leased, "it broke", now, retry_at=None)


def test_jobs_are_listed_in_pages(http: TestClient, memory: Memory) -> None:
    found: list[Job] = []
    cursor = None
    for _ in range(3):
        page = http.get("/v1/jobs", params={"limit": 1} | ({"cursor": cursor} if cursor else {})).json()
        found += [Job.model_validate(one) for one in page["items"]]
        cursor = page["next"]
    assert cursor is None
    assert found == memory.jobs()
    assert {job.scope.tenant for job in found} == {"default"}


def test_jobs_are_chosen_by_person_state_and_kind(http: TestClient) -> None:
    def count(**params: object) -> int:
        return len(http.get("/v1/jobs", params=params).json()["items"])  # type: ignore[arg-type]

    assert (count(user="ana"), count(user="dee")) == (1, 0)
    assert (count(state="dead"), count(state=["dead", "queued"])) == (0, 3)
    assert (count(kind="index"), count(kind=["index", "listen"])) == (0, 3)
    assert http.get("/v1/jobs", params={"state": "asleep"}).status_code == 422
    assert http.get("/v1/jobs", params={"cursor": "bm90aGluZw"}).status_code == 400


def test_a_dead_job_is_queued_again_and_only_a_dead_one(http: TestClient, memory: Memory) -> None:
    [job] = memory.jobs("ana")
    assert http.post(f"/v1/jobs/{job.id}/retry").json()["changed"] is False
    die(memory, job)
    assert http.get(f"/v1/jobs/{job.id}").json()["error"] == "it broke"
    done = http.post(f"/v1/jobs/{job.id}/retry").json()
    assert (done["changed"], done["job"]["state"]) == (True, "queued")


def test_a_job_is_cancelled_once(http: TestClient, memory: Memory) -> None:
    [job] = memory.jobs("ana")
    for changed in (True, False):
        done = http.post(f"/v1/jobs/{job.id}/cancel").json()
        assert (done["changed"], done["job"]["state"]) == (changed, "cancelled")


def test_jobs_are_counted_for_the_tenant(http: TestClient) -> None:
    found = QueueStats.model_validate(http.get("/v1/jobs/stats").json())
    assert [(one.kind, one.queued) for one in found.kinds] == [("listen", 3)]
    assert [one.tenant for one in found.tenants] == ["default"]


def test_a_job_of_another_tenant_is_not_there(client_of: ClientOf, memory: Memory) -> None:
    [job] = memory.jobs("ana")
    for method, path in (("GET", ""), ("POST", "/retry"), ("POST", "/cancel")):
        answer = client_of("acme").request(method, f"/v1/jobs/{job.id}{path}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
        assert client_of().request(method, f"/v1/jobs/{10**9}{path}").status_code == 404
        assert client_of().request(method, f"/v1/jobs/{2**63}{path}").status_code == 422
    assert memory.jobs("ana") == [job]


def test_jobs_are_for_administrators(client_of: ClientOf, memory: Memory) -> None:
    [job] = memory.jobs("ana")
    for right in ("read", "write"):
        client = client_of(right=right)
        for path in ("", "/stats", f"/{job.id}"):
            assert client.get(f"/v1/jobs{path}").status_code == 403
        assert client.post(f"/v1/jobs/{job.id}/cancel").status_code == 403
    assert memory.jobs("ana") == [job]
