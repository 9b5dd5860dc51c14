"""History and taking back over HTTP: in pages, and only on the version that was seen where that is wished."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from treering import Commit, LedgerEntry, Memory, Reversal
from treering.errors import InvalidInput, VersionConflict

ANA = {"user": "ana"}


@pytest.fixture(autouse=True)
def _said(memory: Memory) -> None:
    for text in ("I live in Porto.", "I'm allergic to peanuts.", "I like jazz."):
        memory.remember("ana", text)
        memory.flush("ana")


def texts(memory: Memory) -> list[str]:
    return [claim.text for claim in memory.tree("ana").claims]


def pages(http: TestClient, route: str, **query: str) -> list[dict[str, object]]:
    found, asked = [], {**ANA, "limit": "2", **query}
    while True:
        page = http.get(route, params=asked).json()
        assert len(page["items"]) <= 2
        found += page["items"]
        if page["next"] is None:
            return found
        asked["cursor"] = page["next"]


def test_history_is_all_of_it_in_pages(http: TestClient, memory: Memory) -> None:
    found = [LedgerEntry.model_validate(one) for one in pages(http, "/v1/history")]
    assert len(found) == 3
    assert found == memory.history("ana")
    assert [one["version"] for one in pages(http, "/v1/history", path="home")] == [1]
    assert http.get("/v1/history", params={**ANA, "path": "no.slot"}).status_code == 404


def test_versions_are_newest_first_in_pages_that_hold_while_others_write(http: TestClient, memory: Memory) -> None:
    found = [Commit.model_validate(one) for one in pages(http, "/v1/versions")]
    assert len(found) == 3
    assert found == memory.versions("ana")
    first = http.get("/v1/versions", params={**ANA, "limit": 2}).json()
    memory.undo("ana")
    rest = http.get("/v1/versions", params={**ANA, "limit": 2, "cursor": first["next"]}).json()
    assert [one["version"] for one in first["items"] + rest["items"]] == [3, 2, 1]
    assert http.get("/v1/versions", params={"user": "nobody"}).json() == {"items": [], "next": None}


def test_the_sdk_reads_no_more_than_a_page(http: TestClient, memory: Memory) -> None:
    whole, commits = memory.history("ana"), memory.versions("ana")
    assert memory.history("ana", after=1, limit=1) == whole[1:2]
    assert memory.history("ana", "home", after=whole[0].seq) == []
    assert memory.versions("ana", 1, before=3) == commits[1:2]
    assert memory.versions("ana", before=1) == []
    assert memory.versions("ana", 1, before=2**63) == commits[:1]
    for wrong in ({"after": -1}, {"limit": 0}, {"after": "x"}):
        with pytest.raises(InvalidInput):
            memory.history("ana", **wrong)
    with pytest.raises(InvalidInput):
        memory.versions("ana", before=0)


def test_history_can_be_of_some_versions_or_claims_alone(http: TestClient, memory: Memory) -> None:
    memory.undo("ana", 2)
    home, peanuts, jazz, *withdrawn = memory.history("ana")
    first, second = (entry.operation.claim.id for entry in (home, peanuts))  # type: ignore[union-attr]
    assert memory.history("ana", first_version=2, last_version=3) == [peanuts, jazz]
    assert memory.history("ana", first_version=2, last_version=2**63) == [peanuts, jazz, *withdrawn]
    assert memory.history("ana", last_version=3, after=1, limit=1) == [peanuts]
    assert memory.history("ana", first_version=2**63) == []
    assert memory.history("ana", "home", last_version=3) == [home]
    assert memory.history("ana", "home", first_version=2) == []
    assert memory.history("ana", claims=[first]) == [home]
    assert memory.history("ana", claims=[second]) == [peanuts, withdrawn[1]]
    assert memory.history("ana", claims=[second], last_version=3) == [peanuts]
    assert memory.history("ana", claims=[]) == []
    assert memory.history("bo", claims=[first]) == []
    for wrong in ({"first_version": 0}, {"last_version": "2"}, {"claims": first}):
        with pytest.raises(InvalidInput):
            memory.history("ana", **wrong)


def test_an_excerpt_of_history_and_of_versions_comes_in_pages_too(http: TestClient, memory: Memory) -> None:
    memory.undo("ana", 2)
    *_, jazz = (entry.operation.claim.id for entry in memory.history("ana", limit=3))  # type: ignore[union-attr]
    assert [one["version"] for one in pages(http, "/v1/history", first_version="2", last_version="4")] == [2, 3, 4]
    assert [one["version"] for one in pages(http, "/v1/history", claim=jazz)] == [3, 4]
    assert [one["version"] for one in pages(http, "/v1/versions", before="5")] == [4, 3, 2, 1]
    assert http.get("/v1/history", params={**ANA, "first_version": 0}).status_code == 422
    assert http.get("/v1/history", params=[("user", "ana"), *[("claim", jazz)] * 101]).status_code == 422


def test_a_difference_is_that_of_the_sdk(http: TestClient, memory: Memory) -> None:
    assert http.get("/v1/diff", params={**ANA, "v1": 1}).json() == memory.diff("ana", 1).model_dump(mode="json")
    assert http.get("/v1/diff", params={**ANA, "v1": 9}).status_code == 404
    assert http.get("/v1/diff", params=ANA).status_code == 422


def test_changes_are_taken_back_and_brought_back(http: TestClient, memory: Memory) -> None:
    everything = texts(memory)
    done = Reversal.model_validate(http.post("/v1/undo", params=ANA).json())
    assert (done.action, done.reverted) == ("undo", (3,))
    assert http.post("/v1/undo", params=ANA, json={"version": 1}).json()["reverted"] == [1]
    assert texts(memory) == ["is allergic to peanuts"]
    assert http.post("/v1/redo", params=ANA, json={"n": 2}).status_code == 200
    assert texts(memory) == everything
    assert http.post("/v1/rewind", params=ANA, json={"version": 0}).json()["target"] == 0
    assert texts(memory) == []


def test_what_cannot_be_taken_back_is_a_problem_and_changes_nothing(http: TestClient, memory: Memory) -> None:
    for path, body, status in (
        ("undo", {"n": 4}, 409),
        ("undo", {"version": 9}, 404),
        ("undo", {"version": 1, "n": 2}, 400),
        ("undo", {"n": 0}, 422),
        ("undo", {"steps": 1}, 422),
        ("redo", {}, 409),
        ("rewind", {"version": 9}, 404),
        ("rewind", {}, 422),
    ):
        answer = http.post(f"/v1/{path}", params=ANA, json=body)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), body
    assert memory.tree("ana").version == 3


@pytest.mark.parametrize(("path", "body"), [("undo", {}), ("redo", {}), ("rewind", {"version": 1})])
def test_nothing_is_done_where_somebody_else_wrote_since(
    http: TestClient, memory: Memory, path: str, body: dict[str, int]
) -> None:
    etag = http.get("/v1/tree", params=ANA).headers["etag"]
    memory.undo("ana")
    answer = http.post(f"/v1/{path}", params=ANA, json=body, headers={"If-Match": etag})
    assert (answer.status_code, answer.headers["content-type"]) == (412, "application/problem+json")
    assert memory.tree("ana").version == 4
    etag = http.get("/v1/tree", params=ANA).headers["etag"]
    assert http.post(f"/v1/{path}", params=ANA, json=body, headers={"If-Match": etag}).status_code == 200
    assert http.post(f"/v1/{path}", params=ANA, json=body, headers={"If-Match": etag}).status_code == 412


def test_of_several_who_saw_the_same_version_one_takes_it_back(http: TestClient, memory: Memory) -> None:
    seen = {"If-Match": http.get("/v1/tree", params=ANA).headers["etag"]}
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(http.post, "/v1/undo", params=ANA, headers=seen) for _ in range(4)]
        assert sorted(call.result().status_code for call in calls) == [200, 412, 412, 412]
    assert memory.tree("ana").version == 4


def test_a_condition_is_a_tag_of_a_tree(http: TestClient) -> None:
    for given, status in (("3", 400), ('W/"3"', 400), ('"x"', 400), ('"3"', 200), ("*", 200)):
        assert http.post("/v1/undo", params=ANA, headers={"If-Match": given}).status_code == status, given


def test_the_sdk_refuses_another_version_than_was_seen(memory: Memory) -> None:
    for call in (memory.undo, memory.redo, lambda user, **seen: memory.rewind(user, 1, **seen)):
        with pytest.raises(VersionConflict):
            call("ana", expected_version=2)
    assert memory.tree("ana").version == 3
