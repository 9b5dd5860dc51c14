"""Shared by tests of listening: a server on this machine that speaks as much of OpenAI's API as one answer needs."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

Answer = Mapping[str, Any]
"""`content`, `finish_reason`, `refusal`, `tool_arguments` of a completion; or `status`, `headers`, `body` of any
response; `hang_s` before it; `reset` in its place."""


class ModelServer:
    """Gives scripted answers in order, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: deque[Answer | Callable[[dict[str, Any]], Answer]] = deque()
        self.asked: list[dict[str, Any]] = []
        self.over = threading.Event()
        self.url = ""

    def script(self, *answers: Answer | Callable[[dict[str, Any]], Answer]) -> None:
        """Forget what was asked, and answer with these."""
        self.answers = deque(answers)
        self.asked = []


@pytest.fixture(scope="session")
def model_server() -> Iterator[ModelServer]:
    """A server that runs until all tests have."""
    model = ModelServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            model.asked.append(asked)
            answer = model.answers.popleft()
            answer = answer(asked) if callable(answer) else answer
            model.over.wait(answer.get("hang_s", 0.0))
            if answer.get("reset"):
                linger = struct.pack("ii", 1, 0)  # closes with a reset instead of an end
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.close_connection = True
                return
            status = answer.get("status", 200)
            body = answer["body"] if "body" in answer else json.dumps(completion(answer))
            sent = body.encode("utf-8", "surrogatepass")
            self.send_response(status)
            headers = {"content-type": "application/json", "content-length": str(len(sent)), "connection": "close"}
            for name, value in (headers | answer.get("headers", {})).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *args: object) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: object) -> None: ...  # clients that gave up

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        model.url = f"http://127.0.0.1:{server.server_port}/v1"
        try:
            yield model
        finally:
            model.over.set()
            server.shutdown()
            thread.join()


@pytest.fixture(scope="session")
def client(model_server: ModelServer) -> BaseChatModel:
    """LangChain's client of that server. Nobody closes it: all clients of one server share their connections."""
    langchain_openai = pytest.importorskip("langchain_openai")
    client: BaseChatModel = langchain_openai.ChatOpenAI(
        model="m", base_url=model_server.url, api_key="k", max_retries=0
    )
    return client


def completion(answer: Answer) -> dict[str, Any]:
    """A whole chat completion around an answer."""
    message: dict[str, Any] = {"role": "assistant", "content": answer["content"]}
    if "refusal" in answer:
        message["refusal"] = answer["refusal"]
    if "tool_arguments" in answer:
        function = {"name": "ListenReply", "arguments": answer["tool_arguments"]}
        message["tool_calls"] = [{"id": "call-1", "type": "function", "function": function}]
    finish = answer.get("finish_reason", "tool_calls" if "tool_arguments" in answer else "stop")
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 50, "completion_tokens": 30, "total_tokens": 80},
    }


@pytest.fixture
def bench_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder to measure in, with vectors that cost nothing and without a chat model."""
    monkeypatch.setenv("TREERING_EMBEDDER", "hash")
    monkeypatch.setenv("TREERING_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("TREERING_MODEL", "")
    monkeypatch.chdir(tmp_path)
    return tmp_path
