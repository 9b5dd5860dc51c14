"""The tree over HTTP: now, then, by its tag, and whose there are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from treering import Memory, Trunk
from treering.client import browsing
from treering.schemas.views import TreeView
from treering.sidecar.routes.paging import cursor_at

ANA = {"user": "ana"}


@pytest.fixture(autouse=True)
def _said(memory: Memory) -> None:
    memory.remember("ana", {"content": "I live in Porto.", "id": "m1", "at": datetime(2024, 3, 1, tzinfo=UTC)})
    memory.flush("ana")
    memory.remember("ana", {"content": "I moved to Lisbon.", "id": "m2", "at": datetime(2024, 4, 1, tzinfo=UTC)})
    memory.flush("ana")


def test_a_tree_is_that_of_the_sdk(http: TestClient, memory: Memory) -> None:
    found = TreeView.model_validate_json(http.get("/v1/tree", params=ANA).content)
    assert found == memory.tree("ana", as_of=found.as_of)
    assert [claim.text for claim in found["home.city"]] == ["moved to Lisbon"]


def test_a_tree_of_the_past(http: TestClient) -> None:
    for query in ({"version": 1}, {"as_of": "2024-03-02T00:00:00Z"}):
        found = TreeView.model_validate_json(http.get("/v1/tree", params={**ANA, **query}).content)
        assert [claim.text for claim in found["home.city"]] == ["lives in Porto"], query


def test_what_was_known_before_anything_was_said_is_nothing(http: TestClient) -> None:
    found = http.get("/v1/tree", params={**ANA, "known_at": "2020-01-01T00:00:00Z"}).json()
    assert (found["version"], found["slots"]) == (0, [])
    assert http.get("/v1/tree", params={"user": "nobody"}).json()["slots"] == []


def test_what_is_no_tree_is_a_problem(http: TestClient) -> None:
    for query, status in (
        ({"version": 99}, 404),
        ({"version": -1}, 422),
        ({"version": 2**63}, 422),
        ({"version": 1, "known_at": "2024-03-02T00:00:00Z"}, 400),
        ({"as_of": "2024-03-02T00:00:00"}, 422),
        ({"as_of": "yesterday"}, 422),
        ({"subject": "the dog"}, 400),
    ):
        answer = http.get("/v1/tree", params={**ANA, **query})
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), query


def test_who_has_the_tree_is_not_sent_it_again(http: TestClient, memory: Memory) -> None:
    etag = http.get("/v1/tree", params=ANA).headers["etag"]
    for given in (etag, f'"x", W/{etag}', "*"):
        answer = http.get("/v1/tree", params=ANA, headers={"If-None-Match": given})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    memory.undo("ana")
    answer = http.get("/v1/tree", params=ANA, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.headers["etag"] == etag) == (200, False)


def test_a_tag_is_of_what_is_shown_and_not_of_the_version_alone(http: TestClient) -> None:
    tags = {
        http.get("/v1/tree", params={**ANA, **query}).headers["etag"]
        for query in ({}, {"as_of": "2024-03-02T00:00:00Z"}, {"subject": "person:Bo"}, {"version": 1})
    }
    assert len(tags) == 4
    assert all(tag.startswith(('"2.', '"1.')) for tag in tags)


def test_subjects_are_listed(http: TestClient) -> None:
    assert http.get("/v1/subjects", params=ANA).json() == {"items": [{"subject": "self", "claims": 1}], "next": None}


def test_the_trunk_in_use_and_others_by_name(http: TestClient, memory: Memory) -> None:
    assert Trunk.model_validate_json(http.get("/v1/trunk").content) == memory.trunk()
    assert http.get("/v1/trunk", params={"label": "core/1"}).json()["name"] == "core"
    assert http.get("/v1/trunk", params={"label": "nothing"}).status_code == 404


def test_people_are_listed_in_pages_and_found(http: TestClient, memory: Memory) -> None:
    for user in ("Bo", "cleo", "ä/b c"):
        memory.remember(user, "I like tea.")
    memory.remember("dana", "I like tea.", tenant="acme")
    first = http.get("/v1/people", params={"limit": 2}).json()
    rest = http.get("/v1/people", params={"limit": 2, "cursor": first["next"]}).json()
    assert [one["user"] for one in first["items"] + rest["items"]] == ["Bo", "ana", "cleo", "ä/b c"]
    assert rest["next"] is None
    assert http.get("/v1/people", params={"search": "B"}).json()["items"] == [{"user": "Bo"}, {"user": "ä/b c"}]
    assert http.get("/v1/people", params={"search": "dana"}).json()["items"] == []


@pytest.mark.parametrize("name", ["", "\x00", "\ud800", "a\nb", "x" * 300])
def test_a_place_among_people_is_the_name_of_one(http: TestClient, name: str) -> None:
    """A cursor is a caller's to write; what is no name reaches no database."""
    answer = http.get("/v1/people", params={"cursor": cursor_at(name)})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


def test_a_search_reads_as_far_as_it_has_to(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing, "SEARCHED", 2)
    for user in ("a1", "b1", "a2", "b2", "a3"):
        memory.remember(user, "I like tea.", tenant="acme")
    assert memory.people(search="A", tenant="acme") == ["a1", "a2", "a3"]
    assert memory.people(search="A", after="a1", limit=1, tenant="acme") == ["a2"]
    assert memory.people(search="b", tenant="acme") == ["b1", "b2"]
