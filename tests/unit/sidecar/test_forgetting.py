"""Forgetting over HTTP: what is named goes, with a receipt, and everything only where somebody says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from treering import Memory
from treering.schemas.forgetting import ErasureReceipt

ClientOf = Callable[..., TestClient]
ANA = {"user": "ana"}


@pytest.fixture(autouse=True)
def told(memory: Memory) -> None:
    """Something to forget."""
    memory.remember("ana", {"content": "I am allergic to peanuts.", "id": "m1"})
    memory.remember("ana", {"content": "I live in Porto.", "id": "m2"})
    memory.flush()


def texts(memory: Memory) -> set[str]:
    return {claim.text for claim in memory.tree("ana").claims}


def test_a_dry_run_shows_what_would_go_and_erases_nothing(http: TestClient, memory: Memory) -> None:
    answer = http.post("/v1/forget", params=ANA, json={"about": "peanuts", "dry_run": True})
    receipt = ErasureReceipt.model_validate(answer.json())
    assert receipt.preview is not None
    assert receipt.preview.turns == ("I am allergic to peanuts.",)
    assert len(texts(memory)) == 2
    assert http.get("/v1/receipts", params=ANA).json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    "named",
    [{"path": "health.allergies"}, {"path": "health"}, {"messages": ["m1"]}, {"about": "peanuts"}, {"claims": 1}],
)
def test_what_is_named_goes_and_the_receipt_has_no_words(
    http: TestClient, memory: Memory, named: dict[str, Any]
) -> None:
    if "claims" in named:
        named = {"claims": [one.id for one in memory.tree("ana").claims if "peanuts" in one.text]}
    receipt = ErasureReceipt.model_validate(http.post("/v1/forget", params=ANA, json=named).json())
    assert (receipt.id, len(receipt.claims), receipt.messages) == (1, 1, ("m1",))
    assert texts(memory) == {"lives in Porto"}
    listed = http.get("/v1/receipts", params=ANA)
    assert "peanuts" not in listed.text
    assert [ErasureReceipt.model_validate(one) for one in listed.json()["items"]] == [receipt]
    assert http.post("/v1/forget", params=ANA, json=named).status_code == 200, "it may be asked for again"
    assert texts(memory) == {"lives in Porto"}


NAMES_NOTHING: list[tuple[dict[str, Any], int]] = [
    ({}, 400),
    ({"dry_run": True}, 400),
    ({"everything": True, "path": "health"}, 400),
    ({"claims": []}, 422),
    ({"about": " "}, 422),
    ({"about": "the"}, 400),
    ({"path": "health.nothing"}, 404),
    ({"claims": ["0" * 24]}, 404),
    ({"messages": ["m9"]}, 404),
    ({"everything": True, "tenant": "acme"}, 422),
]


def test_what_names_nothing_erases_nothing(http: TestClient, memory: Memory) -> None:
    for body, status in NAMES_NOTHING:
        answer = http.post("/v1/forget", params=ANA, json=body)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert len(texts(memory)) == 2
        assert memory.receipts("ana") == []


def test_a_whole_person_is_for_who_may_administrate(client_of: ClientOf, memory: Memory) -> None:
    for wish in ({"everything": True}, {"everything": True, "dry_run": True}):
        assert client_of(right="write").post("/v1/forget", params=ANA, json=wish).status_code == 403
    assert len(texts(memory)) == 2
    receipt = client_of().post("/v1/forget", params=ANA, json={"everything": True}).json()
    assert receipt["selected_by"] == ["person"]
    assert texts(memory) == set()


def test_another_tenant_finds_nobody_to_forget(client_of: ClientOf, memory: Memory) -> None:
    for wish in ({"everything": True}, {"messages": ["m1"]}, {"about": "peanuts"}):
        answer = client_of("acme").post("/v1/forget", params=ANA, json=wish)
        assert answer.status_code == 404
        assert "peanut" not in answer.text
    assert client_of("acme").get("/v1/receipts", params=ANA).json()["items"] == []
    assert client_of("acme").post("/v1/allow-again", params=ANA, json={"everything": True}).status_code == 404
    assert len(texts(memory)) == 2


def test_what_was_forgotten_stays_away_until_it_is_allowed(http: TestClient, memory: Memory) -> None:
    http.post("/v1/forget", params=ANA, json={"messages": ["m1"]})
    assert memory.remember("ana", "I am allergic to peanuts.", session="b").forgotten
    assert http.post("/v1/allow-again", params=ANA, json={}).status_code == 400
    assert http.post("/v1/allow-again", params=ANA, json={"everything": True, "text": "x"}).status_code == 400
    assert http.post("/v1/allow-again", params=ANA, json={"everything": True}).json()["marks"] > 0
    assert memory.remember("ana", "I am allergic to peanuts.", session="c").stored


def test_receipts_come_in_pages(http: TestClient) -> None:
    for message in ("m1", "m2"):
        http.post("/v1/forget", params=ANA, json={"messages": [message]})
    first = http.get("/v1/receipts", params={**ANA, "limit": 1}).json()
    assert [one["messages"] for one in first["items"]] == [["m1"]]
    second = http.get("/v1/receipts", params={**ANA, "limit": 1, "cursor": first["next"]}).json()
    assert ([one["messages"] for one in second["items"]], second["next"]) == ([["m2"]], None)
