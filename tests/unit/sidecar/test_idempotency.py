"""A request that is sent again, because its answer got lost, changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from treering import Memory

ClientOf = Callable[..., TestClient]
ANA = {"user": "ana"}
PORTO = {"path": "home.city", "text": "lives in Porto"}
BRAGA = {"path": "home.city", "text": "lives in Braga"}


def key(given: str) -> dict[str, str]:
    return {"Idempotency-Key": given}


def texts(memory: Memory) -> list[str]:
    return [claim.text for claim in memory.tree("ana").claims]


def test_the_first_answer_is_given_again(http: TestClient, memory: Memory) -> None:
    first = http.post("/v1/claims", params=ANA, json=PORTO, headers=key("a"))
    http.post("/v1/claims", params=ANA, json=BRAGA, headers=key("b"))
    again = http.post("/v1/claims", params=ANA, json=PORTO, headers=key("a"))
    assert (again.status_code, again.json()) == (200, first.json())
    assert texts(memory) == ["lives in Braga"]


def test_another_body_under_the_key_is_refused_without_its_words(http: TestClient, memory: Memory) -> None:
    http.post("/v1/claims", params=ANA, json=PORTO, headers=key("a"))
    answer = http.post("/v1/claims", params=ANA, json=BRAGA, headers=key("a"))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "Porto" not in answer.text
    assert texts(memory) == ["lives in Porto"]


def test_credentials_do_not_share_keys(client_of: ClientOf, memory: Memory) -> None:
    client_of(credential="k1").post("/v1/claims", params=ANA, json=PORTO, headers=key("a"))
    answer = client_of(credential="k2").post("/v1/claims", params=ANA, json=BRAGA, headers=key("a"))
    assert answer.json()["changed"]
    assert texts(memory) == ["lives in Braga"]


def test_a_correction_that_was_undone_is_not_made_again(http: TestClient, memory: Memory) -> None:
    claim = http.post("/v1/claims", params=ANA, json=PORTO).json()["after"]["id"]
    for _ in range(2):
        answer = http.post(f"/v1/claims/{claim}/correct", params=ANA, json={"text": "lives in Faro"}, headers=key("a"))
        assert answer.json()["changed"]
        if texts(memory) == ["lives in Faro"]:
            memory.undo("ana")
    assert texts(memory) == ["lives in Porto"]


@pytest.mark.parametrize("given", ["", "two words", "x" * 256])
def test_a_key_has_to_be_one(http: TestClient, memory: Memory, given: str) -> None:
    answer = http.post("/v1/claims", params=ANA, json=PORTO, headers=key(given))
    assert answer.status_code == 422
    assert texts(memory) == []


def test_messages_without_ids_are_stored_once(client_of: ClientOf, memory: Memory) -> None:
    said = {"messages": [{"content": "Yes."}, {"content": "Yes."}, {"content": "No.", "id": "m3"}]}
    http = client_of()
    first = http.post("/v1/messages", params=ANA, json=said, headers=key("a")).json()
    again = http.post("/v1/messages", params=ANA, json=said, headers=key("a")).json()
    assert (len(first["stored"]), again["stored"], again["known"]) == (3, [], first["stored"])
    http.post("/v1/messages", params=ANA, json=said, headers=key("b"))
    client_of(credential="k2").post("/v1/messages", params=ANA, json=said, headers=key("a"))
    assert [turn.content for turn in memory.turns("ana")] == ["Yes.", "Yes.", "No."] + 2 * ["Yes.", "Yes."]
    other = {"messages": [{"content": "Never."}]}
    assert http.post("/v1/messages", params=ANA, json=other, headers=key("a")).status_code == 409


def test_the_key_is_documented_where_it_counts(http: TestClient) -> None:
    paths = http.get("/openapi.json").json()["paths"]
    named = {
        path
        for path, item in paths.items()
        for operation in item.values()
        if any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", ()))
    }
    claims = {f"/v1/claims{one}" for one in ("", "/{claim_id}/confirm", "/{claim_id}/correct", "/{claim_id}/reject")}
    assert named == claims | {"/v1/messages"}
