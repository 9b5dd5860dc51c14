"""Messages over HTTP: stored once, read in pages, listened to when somebody waits."""

from __future__ import annotations

import threading
import time
from datetime import datetime

import pytest
from pydantic import TypeAdapter
from starlette.testclient import TestClient

from treering import Drained, Memory, Receipt, Session, Turn
from treering.schemas.dialogue import Scope

ANA = {"user": "ana"}


def say(http: TestClient, *texts: str, session: str = "s1", **query: str) -> Receipt:
    said = [{"content": text, "id": f"{session}-{place}"} for place, text in enumerate(texts)]
    answer = http.post("/v1/messages", params=query or ANA, json={"messages": said, "session": session})
    assert answer.status_code == 200, answer.text
    return Receipt.model_validate(answer.json())


def test_what_is_sent_is_stored_once(http: TestClient, memory: Memory) -> None:
    assert say(http, "I live in Porto.", "I like tea.").stored == ("s1-0", "s1-1")
    again = say(http, "I live in Porto.", "I like tea.")
    assert (again.stored, again.known) == ((), ("s1-0", "s1-1"))
    assert [turn.content for turn in memory.turns("ana")] == ["I live in Porto.", "I like tea."]


def test_a_known_id_with_other_words_is_a_conflict_and_nothing_is_stored(http: TestClient, memory: Memory) -> None:
    say(http, "I live in Porto.")
    said = [{"content": "I like tea.", "id": "new"}, {"content": "I live in Braga.", "id": "s1-0"}]
    answer = http.post("/v1/messages", params=ANA, json={"messages": said, "session": "s1"})
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert "Braga" not in answer.text
    assert [turn.message_id for turn in memory.turns("ana")] == ["s1-0"]


def test_what_is_no_message_is_refused_and_changes_nothing(http: TestClient, memory: Memory) -> None:
    for body in (
        b"",
        b"{",
        b"[]",
        b'{"messages": []}',
        b'{"messages": "I live in Porto."}',
        b'{"messages": [{"content": "x", "role": "owner"}]}',
        b'{"messages": [{"content": "x"}], "sesion": "s1"}',
        b'{"messages": [{"content": " "}]}',
        b'{"messages": [{"content": "a\\u0000b"}]}',
        b'{"messages": [{"content": "\\ud800"}]}',
        b'{"messages": [{"content": "x", "\\ud800": 1}]}',
        b'{"messages": [{"content": "\xff"}]}',
        b'{"messages": [{"content": "x", "metadata": {"n": NaN}}]}',
        b'{"messages": [{"content": "x", "metadata": {"n": 1e999}}]}',
        b'{"messages": [{"content": "x", "index": ' + b"9" * 5000 + b"}]}",
        b'{"messages": [{"content": "x"}, {"content": 7}]}',
        b'{"messages": [{"content": "x", "at": "2024-03-01T12:00:00"}]}',
        b'{"messages": [{"content": "x", "at": "9024-03-01T12:00:00Z"}]}',
    ):
        answer = http.post("/v1/messages", params=ANA, content=body, headers={"content-type": "application/json"})
        assert answer.status_code in (400, 422), body
        assert answer.headers["content-type"] == "application/problem+json"
    assert memory.people() == []


@pytest.mark.parametrize("user", ["", "%00", "%0A", "x" * 257, "%20"])
def test_what_names_nobody_is_refused(http: TestClient, user: str) -> None:
    answer = http.post(f"/v1/messages?user={user}", json={"messages": [{"content": "x"}]})
    assert answer.status_code in (400, 422)
    assert http.post("/v1/messages", json={"messages": [{"content": "x"}]}).status_code == 422


@pytest.mark.parametrize("user", ["a/b", "a?b&c=d", "../ana", "Ää", "👩", "ana@example.org"])
def test_any_other_id_can_be_a_person(http: TestClient, memory: Memory, user: str) -> None:
    say(http, "I live in Porto.", user=user)
    assert memory.people() == [user]
    assert len(http.get("/v1/messages", params={"user": user}).json()["items"]) == 1


def test_messages_come_in_pages_that_hold_while_others_write(http: TestClient) -> None:
    say(http, *(f"I like tea number {number}." for number in range(5)))
    seen: list[Turn] = []
    query = {**ANA, "limit": "2"}
    while True:
        page = http.get("/v1/messages", params=query).json()
        seen += TypeAdapter(list[Turn]).validate_python(page["items"])
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
        if len(seen) == 2:
            say(http, "I like coffee.", session="s2")
    assert [turn.seq for turn in seen] == [1, 2, 3, 4, 5, 6]
    [only] = http.get("/v1/messages", params={**ANA, "session": "s2"}).json()["items"]
    assert only["content"] == "I like coffee."


def test_pages_around_a_message_go_on_to_the_end_of_its_conversation(http: TestClient) -> None:
    say(http, *(f"I like tea number {number}." for number in range(4)), session="s1")
    say(http, "I like coffee.", session="s2")
    say(http, *(f"I like tea number {number}." for number in range(8)), session="s1")
    query = {**ANA, "around": "s1-2", "limit": "2"}
    seen: list[list[str]] = []
    for _ in range(4):
        page = http.get("/v1/messages", params=query).json()
        seen.append([turn["message_id"] for turn in page["items"]])
        query["cursor"] = page["next"]
    assert page["next"] is None
    assert seen == [["s1-1", "s1-2"], ["s1-3", "s1-4"], ["s1-5", "s1-6"], ["s1-7"]]
    query = {**ANA, "around": "s1-2", "last": "3"}
    assert [turn["seq"] for turn in http.get("/v1/messages", params=query).json()["items"]] == [2, 3, 4]
    twice = {"around": "s1-0", "session": "s1"}
    for bad, status in (({"around": "s1-9"}, 404), (twice, 400), ({"around": ""}, 422)):
        assert http.get("/v1/messages", params={**ANA, **bad}).status_code == status
    query = {"user": "bo", "around": "s1-2", "cursor": "Mw"}
    assert http.get("/v1/messages", params=query).status_code == 404


@pytest.mark.parametrize("cursor", ["x", "é", "bnVsbA", "W10", "LTE", "ImEi", "OTk5OTk5OTk5OTk5OTk5OTk5OTk", "dHJ1ZQ"])
def test_a_cursor_that_no_page_gave_out_is_refused(http: TestClient, cursor: str) -> None:
    assert http.get("/v1/messages", params={**ANA, "cursor": cursor}).status_code == 400


@pytest.mark.parametrize("limit", ["0", "-1", "501", "x", "1e3"])
def test_a_page_has_a_size(http: TestClient, limit: str) -> None:
    assert http.get("/v1/messages", params={**ANA, "limit": limit}).status_code == 422


def test_conversations_are_listed_and_end(http: TestClient, memory: Memory) -> None:
    say(http, "I live in Porto.", session="s1")
    say(http, "I like tea.", session="s2")
    first = http.get("/v1/sessions", params={**ANA, "limit": 1}).json()
    rest = http.get("/v1/sessions", params={**ANA, "cursor": first["next"]}).json()
    found = [Session.model_validate(one) for one in (*first["items"], *rest["items"])]
    assert [(one.id, one.ended) for one in found] == [("s1", True), ("s2", False)]
    assert http.post("/v1/sessions/end", params=ANA, json={"session": "s2"}).json() == {"session": "s2"}
    assert all(one.ended for one in memory.sessions("ana"))
    say(http, "I like jazz.", session="s3")
    assert http.post("/v1/sessions/end", params=ANA).json() == {"session": None}
    assert all(one.ended for one in memory.sessions("ana"))


def test_flush_listens_to_one_person(http: TestClient, memory: Memory) -> None:
    say(http, "I live in Porto.")
    say(http, "I live in Braga.", user="bo")
    assert http.post("/v1/flush", params=ANA).json() == {"is_done": True, "left": 0}
    assert [claim.text for claim in memory.tree("ana").claims] == ["lives in Porto"]
    assert memory.jobs("bo")


def test_flush_waits_no_longer_than_it_may(http: TestClient, memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    say(http, "I live in Porto.")
    drain = memory.drain

    def slow(user: str, **options: int) -> object:
        if options["limit"]:
            release.wait(30)
        return drain(user, **options)

    monkeypatch.setattr(memory, "drain", slow)
    began_at = time.monotonic()
    told = http.post("/v1/flush", params=ANA, json={"wait_s": 0.2}).json()
    release.set()
    for thread in threading.enumerate():
        if thread.name == "treering-flush":  # it ends the job at hand, which is nobody else's matter
            thread.join(30)
    assert time.monotonic() - began_at < 10
    assert (told["is_done"], told["left"] > 0) == (False, True)
    assert http.post("/v1/flush", params=ANA, json={"wait_s": 61}).status_code == 422


def test_flush_does_what_another_worker_leaves_between_two_looks(
    http: TestClient, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def now() -> datetime:
        return memory._engine.clock.now()

    say(http, "I live in Porto.")
    memory.drain("ana")
    with memory._engine.store.begin() as unit:
        unit.jobs.enqueue(Scope(user="ana"), "index", now())
        held = unit.jobs.claim(now(), lease_s=60)
    assert held is not None
    drain, looks = memory.drain, list[Drained]()

    def drained(user: str, *, limit: int, tenant: str) -> Drained:
        looks.append(drain(user, limit=limit, tenant=tenant))
        if len(looks) == 1:  # the other one is done now
            with memory._engine.store.begin() as unit:
                unit.jobs.enqueue(Scope(user="ana"), "consolidate", now())
                unit.jobs.finish(held)
        return looks[-1]

    monkeypatch.setattr(memory, "drain", drained)
    assert http.post("/v1/flush", params=ANA).json() == {"is_done": True, "left": 0}
    assert [(one.outcomes, one.is_idle) for one in looks] == [({}, False), ({"done": 1}, True), ({}, True)]


def test_consolidation_says_what_it_does(http: TestClient) -> None:
    say(http, "I live in Porto.")
    told = http.post("/v1/consolidate", params=ANA, json={"dry_run": True}).json()
    assert (told["dry_run"], told["steps"]) == (True, [])
    assert http.post("/v1/consolidate", params=ANA).json()["dry_run"] is False
