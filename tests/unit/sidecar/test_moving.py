"""Exports and imports over HTTP: a whole person in one document, streamed, and for one tenant."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import TextIO

import anyio
import anyio.to_thread
import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from treering import Memory
from treering.schemas.export import Export, ExportSummary
from treering.schemas.foreign import ImportReport
from treering.sidecar.pipe import PIECE_CHARS, WAITING, Pieces, Piped, ReaderGone

ClientOf = Callable[..., TestClient]
ANA = {"user": "ana"}
KEPT = [{"id": "1", "memory": "Is allergic to peanuts", "categories": ["allergies"]}]


@pytest.fixture(autouse=True)
def told(memory: Memory) -> None:
    """Something to move."""
    memory.remember("ana", [{"content": "I am allergic to peanuts.", "id": "m1"}, "Eu moro em Lisboa, ção. 🌳"])
    memory.flush()


def test_an_export_is_what_the_sdk_exports_and_goes_in_again(http: TestClient, memory: Memory) -> None:
    answer = http.get("/v1/export", params=ANA)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert Export.model_validate_json(answer.content) == memory.export("ana")
    done = ExportSummary.model_validate(http.post("/v1/import", params={"user": "bo"}, content=answer.content).json())
    assert (done.user, done.tenant, done.counts["turns"]) == ("bo", "default", 2)
    assert [claim.id for claim in memory.tree("bo").claims] == [claim.id for claim in memory.tree("ana").claims]


def test_an_export_goes_to_the_tenant_of_the_credential(client_of: ClientOf, memory: Memory) -> None:
    document = client_of().get("/v1/export", params=ANA).content
    done = client_of("acme").post("/v1/import", params=ANA, content=document)
    assert (done.status_code, done.json()["tenant"]) == (200, "acme")
    assert client_of("acme", "read").post("/v1/import", params={"user": "x"}, content=document).status_code == 403
    assert len(memory.turns("ana", tenant="acme")) == 2
    assert client_of("acme", "write").get("/v1/export", params=ANA).status_code == 403, "it tells what was forgotten"


def test_what_is_there_already_is_not_mixed_with_an_import(http: TestClient, memory: Memory) -> None:
    document = http.get("/v1/export", params=ANA).content
    answer = http.post("/v1/import", params=ANA, content=document)
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")


def test_a_damaged_document_is_refused_whole(http: TestClient, memory: Memory) -> None:
    document = http.get("/v1/export", params=ANA).content
    broken = {
        "cut": document[: len(document) // 2],
        "changed": document.replace(b"peanuts", b"walnuts"),
        "empty": b"",
        "text": b"hello",
        "bytes": document.replace("ção".encode(), b"\xff\xfe"),
        "deep": b'{"format":' + b"[" * 100_000,
        "list": b"[1, 2, NaN]",
        "surrogate": document.replace("ção".encode(), b"\\ud800"),
    }
    for how, content in broken.items():
        answer = http.post("/v1/import", params={"user": "bo"}, content=content)
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json"), how
        assert "peanuts" not in answer.text
        assert memory.turns("bo") == []


def test_nobody_is_exported_who_is_not_there(client_of: ClientOf) -> None:
    for tenant, user in (("acme", "ana"), ("default", "nobody")):
        for path in ("/v1/export", "/v1/persona-tree"):
            answer = client_of(tenant).get(path, params={"user": user})
            assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
            assert "peanuts" not in answer.text


def test_what_another_memory_left_behind_is_taken_in(http: TestClient, memory: Memory) -> None:
    def take(**body: object) -> ImportReport:
        answer = http.post("/v1/import/foreign", params={"user": "kim"}, json={"data": KEPT, **body})
        return ImportReport.model_validate(answer.json())

    assert take(dry_run=True).placements[0].path == "health.allergies"
    assert memory.tree("kim").claims == ()
    assert take(format="mem0", paths={"allergies": "health.diet"}).placements[0].path == "health.diet"
    assert len(memory.tree("kim").claims) == 1
    assert take(paths={"allergies": "health.diet"}).placements[0].outcome == "known"


NOT_TO_BE_TAKEN_IN: list[tuple[dict[str, object], int]] = [
    ({"data": []}, 400),
    ({"data": {"a": {"b": 1}}}, 400),
    ({"data": "text"}, 422),
    ({"data": KEPT, "format": "csv"}, 422),
    ({"data": KEPT, "paths": {"allergies": "no.such"}}, 404),
]


def test_what_cannot_be_taken_in_is_refused_without_its_words(http: TestClient, memory: Memory) -> None:
    for body, status in NOT_TO_BE_TAKEN_IN:
        answer = http.post("/v1/import/foreign", params={"user": "kim"}, json=body)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert "peanuts" not in answer.text
        assert memory.turns("kim") == []


def test_the_persona_tree_is_nested(http: TestClient) -> None:
    assert "is allergic to peanuts" in json.dumps(http.get("/v1/persona-tree", params=ANA).json())
    assert http.get("/v1/persona-tree", params={**ANA, "subject": "nobody"}).status_code == 400


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


def no_pipe_is_left() -> bool:
    return not any(thread.name == "treering-pipe" for thread in threading.enumerate())


def test_pieces_are_sent_while_they_are_written() -> None:
    came, sent = threading.Event(), "x" * PIECE_CHARS

    def write(out: TextIO) -> None:
        out.write(sent)
        assert came.wait(10)
        out.write("the ")
        out.write("end")

    found = Pieces(write)
    assert next(found) == sent
    came.set()
    assert list(found) == ["the end"]


def test_what_breaks_is_raised_after_what_was_written() -> None:
    def write(out: TextIO) -> None:
        out.write("half")
        out.write("x" * PIECE_CHARS)
        raise OSError("away")

    found = Pieces(write)
    assert next(found).startswith("half")
    with pytest.raises(OSError, match="away"):
        next(found)


@pytest.mark.parametrize("how", ["leaves", "stalls"])
def test_who_reads_no_more_does_not_keep_the_writer(how: str) -> None:
    written, ended = [], threading.Event()

    def write(out: TextIO) -> None:
        try:
            for place in range(10 * WAITING):
                out.write("x" * PIECE_CHARS)
                written.append(place)
        finally:
            ended.set()

    found = Pieces(write, stall_s=60 if how == "leaves" else 0.05)
    next(found)
    if how == "leaves":
        found.leave()
    assert ended.wait(10)
    assert len(written) < 3 * WAITING
    with pytest.raises(ReaderGone):
        list(found)
    wait_until(no_pipe_is_left)


async def test_a_client_that_goes_away_ends_what_is_written_for_it() -> None:
    is_full = anyio.Event()

    def write(out: TextIO) -> None:
        while True:
            out.write("x" * PIECE_CHARS)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            is_full.set()
            await anyio.sleep_forever()  # as a server does while nobody takes what it sends

    async def receive() -> Message:
        await is_full.wait()
        return {"type": "http.disconnect"}

    answer = Piped(Pieces(write), media_type="text/plain")
    await answer({"type": "http", "method": "GET", "headers": []}, receive, send)
    await anyio.to_thread.run_sync(wait_until, no_pipe_is_left)
