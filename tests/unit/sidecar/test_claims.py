"""Feedback on claims and on messages over HTTP: what the SDK says, for one tenant."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from treering import Memory
from treering.schemas.feedback import Feedback
from treering.schemas.retraction import Retraction

ClientOf = Callable[..., TestClient]
ANA = {"user": "ana"}


@pytest.fixture
def claim_id(memory: Memory) -> str:
    """A claim of ana's, of the tenant `default`."""
    memory.remember("ana", {"content": "I live in Porto.", "id": "m1"})
    memory.flush()
    [claim] = memory.tree("ana").claims
    return claim.id


def test_a_claim_is_added_by_hand(http: TestClient, memory: Memory) -> None:
    body = {"path": "home.city", "text": "lives in Braga", "valid_from": "2024-03-01T00:00:00Z", "why": "a form"}
    done = Feedback.model_validate(http.post("/v1/claims", params=ANA, json=body).json())
    [claim] = memory.tree("ana").claims
    assert (done.kind, done.changed, done.after) == ("add", True, claim)
    assert (claim.text, claim.origin, claim.valid_from.isoformat()) == (
        "lives in Braga",
        "manual",
        "2024-03-01T00:00:00+00:00",
    )


def test_a_claim_is_confirmed_corrected_and_rejected(http: TestClient, memory: Memory, claim_id: str) -> None:
    confirmed = Feedback.model_validate(http.post(f"/v1/claims/{claim_id}/confirm", params=ANA).json())
    assert confirmed.after is not None
    assert (confirmed.after.id, confirmed.after.origin) == (claim_id, "manual")
    answer = http.post(f"/v1/claims/{claim_id}/correct", params=ANA, json={"text": "lives in Faro", "why": "a slip"})
    corrected = Feedback.model_validate(answer.json())
    assert corrected.after is not None
    assert [claim.text for claim in memory.tree("ana").claims] == ["lives in Faro"]
    rejected = http.post(f"/v1/claims/{corrected.after.id[:8]}/reject", params=ANA, json={"why": "a joke"})
    assert Feedback.model_validate(rejected.json()).before == corrected.after
    assert memory.tree("ana").claims == ()


NO_CLAIMS = [
    ({"path": "home.castle", "text": "lives in Braga"}, 404),
    ({"path": "home", "text": "lives in Braga"}, 400),
    ({"path": "home.city", "text": " "}, 422),
    ({"path": "home.city", "text": "a\x00b"}, 422),
    ({"path": "home.city", "text": "x" * 2_001}, 422),
    ({"path": "home.city", "text": "lives in Braga", "valid_from": "2024-03-01T00:00:00"}, 422),
    ({"path": "home.city", "text": "lives in Braga", "tenant": "acme"}, 422),
    ({"path": "home.city", "text": "pays with card 4111 1111 1111 1111"}, 400),
]


def test_what_is_no_claim_is_refused_and_nothing_is_stored(http: TestClient, memory: Memory) -> None:
    for body, status in NO_CLAIMS:
        answer = http.post("/v1/claims", params=ANA, json=body)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert memory.versions("ana") == []


@pytest.mark.parametrize("do", ["confirm", "correct", "reject"])
def test_a_claim_of_somebody_else_is_not_there(client_of: ClientOf, memory: Memory, claim_id: str, do: str) -> None:
    body = {"text": "lives in Faro"} if do == "correct" else {}
    for tenant, user in (("acme", "ana"), ("default", "bo")):
        answer = client_of(tenant).post(f"/v1/claims/{claim_id}/{do}", params={"user": user}, json=body)
        assert answer.status_code == 404
        assert "Porto" not in answer.text
    assert [claim.origin for claim in memory.tree("ana").claims] == ["stated"]


def test_what_was_rejected_is_refused_until_it_is_allowed(http: TestClient, claim_id: str) -> None:
    http.post(f"/v1/claims/{claim_id}/reject", params=ANA)
    body = {"path": "home.city", "text": "lives in Porto"}
    assert http.post("/v1/claims", params=ANA, json=body).status_code == 409
    assert http.post("/v1/allow-again", params=ANA, json={"text": "lives in Porto"}).json() == {"marks": 1}
    assert http.post("/v1/claims", params=ANA, json=body).json()["changed"]


def test_who_may_only_read_changes_nothing(client_of: ClientOf, memory: Memory, claim_id: str) -> None:
    reader = client_of(right="read")
    assert reader.post(f"/v1/claims/{claim_id}/reject", params=ANA).status_code == 403
    assert reader.post("/v1/messages/retract", params=ANA, json={"message_id": "m1"}).status_code == 403
    assert len(memory.tree("ana").claims) == 1


def test_a_message_is_taken_back_and_amended(http: TestClient, memory: Memory, claim_id: str) -> None:
    taken = http.post("/v1/messages/retract", params=ANA, json={"message_id": "m1"})
    found = Retraction.model_validate(taken.json())
    assert (found.text, [claim.id for claim in found.retracted]) == (None, [claim_id])
    again = http.post("/v1/messages/retract", params=ANA, json={"message_id": "m1"})
    assert not Retraction.model_validate(again.json()).changed
    amended = http.post("/v1/messages/amend", params=ANA, json={"message_id": "m1", "text": "I live in Braga."})
    assert Retraction.model_validate(amended.json()).listens
    memory.flush()
    assert [claim.text for claim in memory.tree("ana").claims] == ["lives in Braga"]


def test_a_message_of_somebody_else_is_not_there(client_of: ClientOf, claim_id: str) -> None:
    for path, body in (("retract", {"message_id": "m1"}), ("amend", {"message_id": "m1", "text": "I live in Braga."})):
        answer = client_of("acme").post(f"/v1/messages/{path}", params=ANA, json=body)
        assert answer.status_code == 404
    assert client_of().post("/v1/messages/retract", params=ANA, json={"message_id": "m9"}).status_code == 404
