"""What is sent again, how often, after how long; what is never sent twice; and what every request carries."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx2
import pytest

from treering import Memory, __version__
from treering.client.remote.connection import Connection
from treering.client.remote.memory import RemoteMemory
from treering.errors import (
    InvalidInput,
    QueueOverdue,
    ServerError,
    ServerUnavailable,
    StoreBusy,
    TooManyRequests,
)
from treering.telemetry.tracing import span

URL = "http://memory.test/treering"
KEY = "tr_0123456789ab_hunter2hunter2"

REFUSED = httpx2.ConnectError("refused")
LATE = httpx2.ReadTimeout("timed out")
LOST = httpx2.ReadError("connection reset")

TREE = {"user": "ana", "subject": "self", "trunk": "core", "trunk_version": 1, "version": 0, "digest": "", "slots": []}
GOOD = httpx2.Response(200, json={**TREE, "as_of": "2024-03-01T12:00:00Z"})
STORED = httpx2.Response(200, json={"session": "default", "stored": ["m1"], "known": []})


def problem(kind: str, status: int, *, later_s: str | None = None, **data: object) -> httpx2.Response:
    headers = {} if later_s is None else {"Retry-After": later_s}
    body = {"type": f"urn:treering:problem:{kind}", "title": "no", "status": status, "data": data}
    return httpx2.Response(status, json=body, headers=headers)


@dataclass
class Server:
    """Answers with each of a list in turn, the last one ever again. Keeps what it was asked, and each pause."""

    asked: list[httpx2.Request] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def memory(self, *script: httpx2.Response | Exception, retries: int = 3, key: str | None = KEY) -> RemoteMemory:
        waiting = list(script)

        def answer(request: httpx2.Request) -> httpx2.Response:
            self.asked.append(request)
            found = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            if isinstance(found, Exception):
                raise found
            return found

        transport = httpx2.MockTransport(answer)
        sleep = self.pauses.append
        return RemoteMemory(Connection(URL, key, timeout_s=5, retries=retries, transport=transport, sleep=sleep))


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.mark.parametrize(
    "failure", [REFUSED, LATE, LOST, problem("store-busy", 503), problem("too-many-requests", 429)]
)
def test_what_does_no_harm_twice_is_sent_again(server: Server, failure: httpx2.Response | Exception) -> None:
    assert server.memory(failure, failure, GOOD).tree("ana").version == 0
    assert len(server.asked) == 3
    assert len(server.pauses) == 2
    assert len({request.headers["X-Request-ID"] for request in server.asked}) == 1, "one id, to be found in a log"


@pytest.mark.parametrize("failure", [LATE, LOST, problem("store-busy", 503)])
@pytest.mark.parametrize(
    "call",
    [
        lambda memory: memory.undo("ana"),
        lambda memory: memory.redo("ana"),
        lambda memory: memory.rewind("ana", 1),
        lambda memory: memory.consolidate("ana"),
        lambda memory: memory.restore("ana", b"{}"),
        lambda memory: memory.release("ana", rule="mass-change"),
        lambda memory: memory.drop("ana", "abcdef"),
        lambda memory: memory.retry(1),
    ],
    ids=["undo", "redo", "rewind", "consolidate", "restore", "release", "drop", "retry"],
)
def test_what_would_be_done_twice_is_sent_once(
    server: Server, call: Callable[[RemoteMemory], object], failure: httpx2.Response | Exception
) -> None:
    with pytest.raises((ServerUnavailable, StoreBusy)):
        call(server.memory(failure))
    assert len(server.asked) == 1


@pytest.mark.parametrize("failure", [REFUSED, problem("too-many-requests", 429, retry_after_s=1)])
def test_what_was_not_begun_is_sent_again_whatever_it_is(server: Server, failure: httpx2.Response | Exception) -> None:
    with pytest.raises((ServerUnavailable, TooManyRequests)):
        server.memory(failure).undo("ana")
    assert len(server.asked) == 4


def test_on_a_version_that_was_seen_a_change_is_sent_again(server: Server) -> None:
    with pytest.raises(ServerUnavailable):
        server.memory(LOST).undo("ana", expected_version=7)
    assert [request.headers["If-Match"] for request in server.asked] == ['"7"'] * 4


def test_a_message_without_an_id_gets_one_that_all_attempts_share(server: Server) -> None:
    server.memory(LOST, STORED).remember("ana", ["One.", {"content": "Two.", "id": "m2"}])
    first, second = (json.loads(request.content)["messages"] for request in server.asked)
    assert first == second
    assert first[0]["id"]
    assert first[1]["id"] == "m2"


def test_feedback_has_a_name_of_its_own_that_all_attempts_share(server: Server) -> None:
    for once in (None, None, "my call", "é" * 200):
        with pytest.raises(ServerUnavailable):
            server.memory(LOST, retries=1).confirm("ana", "abcdef", once=once)
    keys = [request.headers["Idempotency-Key"] for request in server.asked]
    assert keys[::2] == keys[1::2]
    assert len(set(keys)) == 4


def test_what_the_server_asks_to_wait_is_waited(server: Server) -> None:
    server.memory(problem("queue-overdue", 503, later_s="7"), GOOD).tree("ana")
    assert server.pauses == [7.0]


@pytest.mark.parametrize("later_s", ["3600", "9" * 30])
def test_a_server_that_asks_for_long_is_not_waited_for(server: Server, later_s: str) -> None:
    busy = problem("queue-overdue", 503, later_s=later_s, age_s=9.0, bound_s=5.0, retry_after_s=0.5, tenant="default")
    with pytest.raises(QueueOverdue) as raised:
        server.memory(busy).remember("ana", "Hello.")
    assert (len(server.asked), server.pauses) == (1, [])
    assert raised.value.retry_after_s == 0.5


@pytest.mark.parametrize("later_s", ["", "soon", "-1", "Wed, 21 Oct 2026 07:28:00 GMT", "²"])
def test_a_wait_that_is_no_number_is_none(server: Server, later_s: str) -> None:
    busy = httpx2.Response(503, json={}, headers={"Retry-After": later_s.encode("latin-1", "replace")})
    server.memory(busy, GOOD).tree("ana")
    assert 0 <= server.pauses[0] <= 0.5


def test_pauses_grow_and_end(server: Server) -> None:
    with pytest.raises(ServerUnavailable):
        server.memory(REFUSED, retries=20).tree("ana")
    assert len(server.pauses) == 20
    assert all(pause <= min(10.0, 0.5 * 2**place) for place, pause in enumerate(server.pauses))
    assert len(set(server.pauses)) > 15, "chance has a say"


def test_without_retries_there_is_one_attempt(server: Server) -> None:
    with pytest.raises(ServerUnavailable, match="cannot be reached"):
        server.memory(REFUSED, retries=0).tree("ana")
    assert len(server.asked) == 1


def test_other_errors_are_not_sent_again(server: Server) -> None:
    with pytest.raises(ServerError):
        server.memory(httpx2.Response(500, json={})).tree("ana")
    assert len(server.asked) == 1


@pytest.mark.parametrize("failure", [LATE, LOST, REFUSED])
def test_who_does_not_answer_is_named_with_the_request_and_nothing_secret(
    server: Server, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    memory = server.memory(failure)
    with pytest.raises(ServerUnavailable) as raised:
        memory.tree("ana")
    assert raised.value.request_id == server.asked[0].headers["X-Request-ID"]
    for told in (str(raised.value), repr(raised.value), repr(vars(raised.value)), repr(memory), caplog.text):
        assert "hunter2" not in told
    assert "ana" not in caplog.text
    assert URL in str(raised.value)


def test_an_answer_of_another_version_is_an_error_without_its_words(server: Server) -> None:
    with pytest.raises(ServerError, match=f"no TreeView as Treering {__version__} knows it") as raised:
        server.memory(httpx2.Response(200, json={**TREE, "secret": "hunter2"})).tree("ana")
    assert "hunter2" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_every_request_says_who_asks(server: Server) -> None:
    server.memory(GOOD).tree("zoë & co/..")
    [request] = server.asked
    assert request.headers["User-Agent"] == f"treering/{__version__}"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert "traceparent" not in request.headers
    assert request.url.path == "/treering/v1/tree"
    assert request.url.params["user"] == "zoë & co/.."


def test_without_a_key_none_is_shown(server: Server) -> None:
    server.memory(GOOD, key=None).tree("ana")
    assert "Authorization" not in server.asked[0].headers


def test_a_trace_goes_on_at_the_server(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    monkeypatch.setattr("treering.client.remote.connection.traceparent", lambda: parent)
    with span("turn"):
        server.memory(GOOD).tree("ana")
    assert server.asked[0].headers["traceparent"] == parent


@pytest.mark.parametrize(
    "url",
    [
        *("", "memory.test", "ftp://memory.test", "http://", "http://[::1", None, 8377),
        *("http://ana:hunter2@memory.test", "http://memory.test?a=b", "http://memory.test#x"),
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="url") as raised:
        Memory.connect(url)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("key", ["", "two words", "hunter2\r\nX-Evil: 1", "hünter2", 7])
def test_what_is_no_key_is_refused_without_its_words(key: str) -> None:
    with pytest.raises(InvalidInput, match="api_key") as raised:
        Memory.connect("http://memory.test", key)
    assert "unter2" not in str(raised.value)


@pytest.mark.parametrize("options", [{"timeout_s": 0}, {"timeout_s": -1}, {"timeout_s": float("nan")}, {"retries": -1}])
def test_what_is_no_number_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        Memory.connect("http://memory.test", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("url", ["http://memory.test", "http://memory.test/", "http://memory.test/v1/"])
def test_an_address_may_end_as_it_likes(url: str) -> None:
    assert repr(Memory.connect(url)) == "RemoteMemory('http://memory.test')"
