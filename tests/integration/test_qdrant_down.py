"""A Qdrant over HTTP that fails in every way, at every request of a recall: memory goes on and says so."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Self

import pytest
from pydantic import TypeAdapter
from qdrant_client import QdrantClient, models

from treering import Memory
from treering.errors import IndexUnavailable
from treering.memory.indexes import qdrant, qdrant_calls, qdrant_search
from treering.schemas.recall import Recall
from treering.settings import Settings

#: Qdrant's local mode, which answers behind the server, says that it does without what a server would use.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant:UserWarning"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact .brute-force. search:UserWarning"),
]

SAID = "The spare key hangs behind the old clock."
QUESTION = "Where does the spare key hang? Behind the old clock?"

Fault = Callable[[BaseHTTPRequestHandler], None]


class LoopbackQdrant:
    """Qdrant's REST interface, as far as it is used, before Qdrant's local mode; can be told to fail.

    Bodies are read with the models of the client, so that what a server would not understand is an error here too.
    """

    def __init__(self) -> None:
        self.client = QdrantClient(":memory:")
        self.requests: list[str] = []
        self.fault: Fault | None = None
        self.released = threading.Event()
        """Ends faults that keep one waiting."""
        self._good_left = 0
        self._actions: dict[str, Callable[[str, bytes], object]] = {
            "GET": lambda *_: self.client.get_collections(),
            "GET exists": lambda name, _: {"exists": self.client.collection_exists(name)},
            "PUT ": self._create,
            "PUT index": self._index,
            "PUT points": lambda name, body: self.client.upsert(
                name, models.PointsList.model_validate_json(body).points
            ),
            "POST points": self._retrieve,
            "POST points/delete": self._delete,
            "POST points/count": self._count,
            "POST points/query/batch": lambda name, body: self.client.query_batch_points(
                name, models.QueryRequestBatch.model_validate_json(body).searches
            ),
            "POST points/scroll": self._scroll,
            "POST facet": self._facet,
        }
        self._server = HTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def fail(self, fault: Fault, *, after: int) -> None:
        """Answer some requests more, then fail."""
        self.fault, self._good_left = fault, after

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.client.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        qdrant_server = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                qdrant_server.answer(self, f"{self.command} {self.path.partition('?')[0]}", body)

            def log_request(self, *_: object) -> None:
                """Say nothing."""

        for method in ("GET", "PUT", "POST"):
            setattr(Handler, f"do_{method}", Handler.answer)
        return Handler

    def answer(self, handler: BaseHTTPRequestHandler, request: str, body: bytes) -> None:
        self.requests.append(request)
        if self.fault is not None and self._good_left <= 0:
            self.fault(handler)
            return
        self._good_left -= 1
        try:
            result = self._result(request, body)
        except ValueError as error:  # the local mode's way to say that there is no such collection
            if "not found" not in str(error):
                raise
            send(handler, 404, {"status": {"error": str(error)}, "time": 0.0})
        else:
            plain = TypeAdapter(object).dump_python(result, mode="json", exclude_none=True)
            send(handler, 200, {"result": plain, "status": "ok", "time": 0.0})

    def _result(self, request: str, body: bytes) -> object:
        method, _, path = request.partition(" ")
        collection, *rest = path.removeprefix("/collections").strip("/").split("/")
        action = self._actions[f"{method} {'/'.join(rest)}" if collection else method]
        return action(collection, body)

    def _create(self, name: str, body: bytes) -> object:
        wanted = models.CreateCollection.model_validate_json(body)
        return self.client.create_collection(
            name, vectors_config=wanted.vectors, sparse_vectors_config=wanted.sparse_vectors
        )

    def _index(self, _: str, body: bytes) -> object:
        assert models.CreateFieldIndex.model_validate_json(body).field_schema
        return {"operation_id": 0, "status": "completed"}

    def _delete(self, name: str, body: bytes) -> object:
        kinds = models.PointIdsList | models.FilterSelector
        return self.client.delete(
            name, TypeAdapter[models.PointIdsList | models.FilterSelector](kinds).validate_json(body)
        )

    def _count(self, name: str, body: bytes) -> object:
        wanted = models.CountRequest.model_validate_json(body)
        return self.client.count(name, count_filter=wanted.filter, exact=bool(wanted.exact))

    def _facet(self, name: str, body: bytes) -> object:
        wanted = models.FacetRequest.model_validate_json(body)
        return self.client.facet(name, wanted.key, facet_filter=wanted.filter, limit=wanted.limit or 10)

    def _scroll(self, name: str, body: bytes) -> object:
        wanted = models.ScrollRequest.model_validate_json(body)
        records, following = self.client.scroll(
            name, scroll_filter=wanted.filter, limit=wanted.limit or 10, offset=wanted.offset
        )
        return {"points": records, "next_page_offset": following}

    def _retrieve(self, name: str, body: bytes) -> object:
        wanted = models.PointRequest.model_validate_json(body)
        return self.client.retrieve(name, wanted.ids, with_payload=True, with_vectors=True)


def send(handler: BaseHTTPRequestHandler, status: int, content: object) -> None:
    body = json.dumps(content).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def server() -> Iterator[LoopbackQdrant]:
    with LoopbackQdrant() as running:
        yield running


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a server hangs, it is waited for one second; where it answers, a busy machine may take longer."""
    monkeypatch.setattr(qdrant_calls, "TIMEOUT_S", 1)


@pytest.fixture
def memory(server: LoopbackQdrant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    monkeypatch.setattr(qdrant_calls, "PAUSES_S", (0.0, 0.0))
    settings = Settings(home=tmp_path / "home", embedder="hash", qdrant_url=server.url)
    with Memory(settings=settings, background=False) as opened:
        opened.remember("ana", SAID)
        opened.flush()
        yield opened


def ask(memory: Memory) -> Recall:
    return memory.recall("ana", QUESTION, mode="hybrid")


def test_over_http_it_recalls_what_the_embedded_index_recalls(
    server: LoopbackQdrant, memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [SAID, "I live in Porto.", "Yes, in May!", "We should repaint the hall.", "I have a friend named Zebulon."]
    with Memory(tmp_path / "embedded", embedder="hash", background=False) as embedded:
        for one in (memory, embedded):
            one.remember("bo", [{"content": text, "at": "2024-05-01T12:00:00Z"} for text in said])
            one.flush()
        for whole in (qdrant_search.WHOLE, 0):
            monkeypatch.setattr(qdrant, "WHOLE", whole)
            for question in (QUESTION, "In which city do I live? Porto?", "Who is Zebulon?"):
                ours, theirs = memory.recall("bo", question), embedded.recall("bo", question)
                assert ours.context == theirs.context != ""
                assert ours.degraded == ()
    assert any(request.endswith("/facet") for request in server.requests)


def test_over_http_what_is_forgotten_is_gone(server: LoopbackQdrant, memory: Memory) -> None:
    memory.remember("ana", "I have a friend named Zebulon.")
    memory.flush()
    before = counted(server)
    memory.forget("ana")
    assert before > 0
    assert counted(server) == 0


def test_the_key_is_shown_with_each_request(server: LoopbackQdrant, tmp_path: Path) -> None:
    shown = []

    def look(handler: BaseHTTPRequestHandler) -> None:
        shown.append(handler.headers["api-key"])
        say_401(handler)

    server.fail(look, after=0)
    settings = Settings(home=tmp_path / "home", embedder="hash", qdrant_url=server.url, qdrant_api_key="open sesame")
    with (
        pytest.warns(UserWarning, match="insecure connection"),
        Memory(settings=settings, background=False) as memory,
    ):
        [why] = ask(memory).degraded
    assert set(shown) == {"open sesame"}
    assert "sesame" not in why


def counted(server: LoopbackQdrant) -> int:
    return sum(server.client.count(one.name).count for one in server.client.get_collections().collections)


def say_500(handler: BaseHTTPRequestHandler) -> None:
    send(handler, 500, {"status": {"error": "Service internal error"}, "time": 0.0})


def say_401(handler: BaseHTTPRequestHandler) -> None:
    send(handler, 401, {"status": {"error": "Must provide an API key"}, "time": 0.0})


def say_later(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(429)
    handler.send_header("Retry-After", "3600")
    handler.send_header("Content-Length", "2")
    handler.end_headers()
    handler.wfile.write(b"{}")


def say_something_else(handler: BaseHTTPRequestHandler) -> None:
    send(handler, 200, {"hello": f"from another program, {SAID}"})


def cut(handler: BaseHTTPRequestHandler) -> None:
    """Promise more than is sent, and go."""
    handler.send_response(200)
    handler.send_header("Content-Length", "4096")
    handler.end_headers()
    handler.wfile.write(b'{"result": [')
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)


def hang(handler: BaseHTTPRequestHandler) -> None:
    handler.server.released.wait()  # type: ignore[attr-defined]


FAULTS = [say_500, say_401, say_later, say_something_else, cut, hang]


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("after", [0, 1, 3], ids=lambda number: f"after_{number}_answers")
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_whatever_goes_wrong_recall_goes_on_with_words_and_says_so(
    server: LoopbackQdrant, memory: Memory, fault: Fault, after: int
) -> None:
    server._server.released = server.released  # type: ignore[attr-defined]
    server.fail(fault, after=after)
    recall = ask(memory)
    assert "spare key" in recall.context
    [why] = recall.degraded
    assert f"the vector index at {server.url} cannot be reached" in why
    assert "spare" not in why


def test_a_server_that_is_gone_is_said_to_be_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qdrant_calls, "PAUSES_S", ())
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    settings = Settings(home=tmp_path / "home", embedder="hash", qdrant_url=url)
    with Memory(settings=settings, background=False) as memory:
        memory.remember("ana", SAID)
        memory.flush()
        recall = ask(memory)
    assert "spare key" in recall.context
    assert recall.degraded == (f"the vector index at {url} cannot be reached: [Errno 111] Connection refused",)


def test_what_cannot_be_forgotten_there_is_forgotten_nowhere(server: LoopbackQdrant, memory: Memory) -> None:
    server.fail(say_500, after=0)
    with pytest.raises(IndexUnavailable):
        memory.forget("ana")
    assert [turn.content for turn in memory.turns("ana")] == [SAID]


@pytest.mark.usefixtures("hasty")
def test_one_recall_waits_once(server: LoopbackQdrant, memory: Memory) -> None:
    """Claims and turns are searched one after the other; what does not answer the first is not asked again."""
    server._server.released = server.released  # type: ignore[attr-defined]
    server.fail(hang, after=0)
    before = len(server.requests)
    assert len(ask(memory).degraded) == 1
    assert len(server.requests) - before == 1
