"""The quarantine over HTTP: what waits is carried out or dropped, by whoever may."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from treering import Memory
from treering.schemas.feedback import Released
from treering.schemas.listening import Held

ClientOf = Callable[..., TestClient]
FLO = {"user": "flo"}


@pytest.fixture
def held_id(memory: Memory) -> str:
    """A request to forget that waits."""
    memory.remember("flo", ["I have a friend named Zoe.", "Please forget my friend Zoe."])
    memory.flush()
    [held] = memory.quarantine("flo")
    return held.id


def test_what_waits_is_listed_with_its_rule(http: TestClient, memory: Memory, held_id: str) -> None:
    answer = http.get("/v1/quarantine", params=FLO).json()
    [held] = [Held.model_validate(one) for one in answer["items"]]
    assert (held.id, held.verdict.rule, answer["next"]) == (held_id, "asked-to-forget", None)


def test_what_a_request_is_about_is_marked_in_the_tree_and_in_no_context(http: TestClient, held_id: str) -> None:
    asked = {"query": "Who is my friend Zoe?", "mode": "hybrid", "explain": True}
    seen = http.get("/v1/tree", params=FLO)
    [claim] = [claim for slot in seen.json()["slots"] for claim in slot["claims"]]
    assert seen.json()["held_back"] == {claim["id"]: [held_id]}
    recalled = http.post("/v1/recall", params=FLO, json=asked).json()
    assert recalled["context"] == ""
    assert {"kind": "claim", "ref": claim["id"], "requests": [held_id]} in recalled["held_back"]

    http.post(f"/v1/quarantine/{held_id}/drop", params=FLO)
    changed = http.get("/v1/tree", params=FLO, headers={"If-None-Match": seen.headers["ETag"]})
    assert (changed.status_code, changed.json()["held_back"]) == (200, {})
    recalled = http.post("/v1/recall", params=FLO, json=asked).json()
    assert "Zoe" in recalled["context"]
    assert recalled["held_back"] == []


def test_what_is_released_is_carried_out_once(http: TestClient, memory: Memory, held_id: str) -> None:
    answer = http.post(f"/v1/quarantine/{held_id}/release", params=FLO)
    released = Released.model_validate(answer.json())
    assert released.receipt is not None
    assert len(released.receipt.claims) == 1
    assert memory.tree("flo").claims == ()
    assert http.get("/v1/quarantine", params=FLO).json()["items"] == []


def test_what_is_dropped_is_not_carried_out(http: TestClient, memory: Memory, held_id: str) -> None:
    dropped = Held.model_validate(http.post(f"/v1/quarantine/{held_id[:8]}/drop", params=FLO).json())
    assert dropped.id == held_id
    assert memory.quarantine("flo") == []
    assert http.post(f"/v1/quarantine/{held_id}/drop", params=FLO).status_code == 404


@pytest.mark.parametrize("do", ["release", "drop"])
def test_what_a_rule_holds_is_decided_at_once(http: TestClient, memory: Memory, held_id: str, do: str) -> None:
    assert http.post(f"/v1/quarantine/{do}", params=FLO, json={}).status_code == 400, "nothing is not everything"
    assert http.post(f"/v1/quarantine/{do}", params=FLO, json={"rule": "mass-change"}).status_code == 400
    assert len(memory.quarantine("flo")) == 1
    assert http.post(f"/v1/quarantine/{do}", params=FLO, json={"rule": "asked-to-forget"}).status_code == 200
    assert memory.quarantine("flo") == []


@pytest.mark.parametrize("do", ["release", "drop"])
def test_what_waits_for_somebody_else_is_not_there(client_of: ClientOf, memory: Memory, held_id: str, do: str) -> None:
    for tenant, user in (("acme", "flo"), ("default", "bo")):
        answer = client_of(tenant).post(f"/v1/quarantine/{held_id}/{do}", params={"user": user})
        assert answer.status_code == 404
        assert "Zoe" not in answer.text
    assert client_of("acme").get("/v1/quarantine", params=FLO).json()["items"] == []
    assert client_of(right="read").post(f"/v1/quarantine/{held_id}/{do}", params=FLO).status_code == 403
    assert len(memory.quarantine("flo")) == 1
