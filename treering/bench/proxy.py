"""`treering bench proxy`: what the proxy adds to the time until the first token, beside the time of recalling."""

from __future__ import annotations

import json
import statistics
import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import TYPE_CHECKING

from treering.bench.results import Results, manifest
from treering.bench.serve_process import ServedProcess
from treering.bench.talk import small_talk
from treering.client.memory import Memory
from treering.errors import TreeringError
from treering.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TIMEOUT_S = 60.0
"""How long an answer is waited for, in seconds."""

HISTORY = 20
"""Messages before the question, which clients send with each request."""

_WARMING = 5
"""Requests of each kind that are not counted."""

_PAUSE_S = 0.1
"""After each turn, in seconds: people read before they speak, and meanwhile the turn is remembered and heard."""

_PERSON = "ana"
_PATH = "/v1/chat/completions"
_PIECE = b'data: {"id":"x","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Soup. "}}]}\n\n'
_END = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """Until the first piece of a stream came."""

    ms: float
    recall_ms: float


def bench_proxy(*, requests: int, turns: int, progress: Callable[[str], None]) -> Results:
    """Measure streams with and without a proxy between, in turn, against an upstream that answers at once.

    Args:
        requests: Streams of each kind.
        turns: What is remembered of the person before.
        progress: Told what is being done.
    """
    with TemporaryDirectory() as folder, _upstream() as upstream:
        home = Path(folder)
        progress(f"remember {turns} turns")
        with Memory(home, embedder="hash", background=False) as memory:
            memory.remember(_PERSON, [turn.message for turn in small_talk(turns).turns], session="before")
            memory.flush()
        progress("start the server")
        upstream_url = f"http://127.0.0.1:{upstream}/v1"
        settings = Settings(home=home, embedder="hash", cache_dir=home / "cache", upstream_url=upstream_url)
        with (
            ServedProcess(settings) as proxy,
            closing(_to(upstream)) as straight,
            closing(_to(proxy.port)) as through,
        ):
            progress(f"{requests} streams of each kind")
            kinds: dict[str, Callable[[int], First]] = {
                "direct": lambda number: _first(straight, number, None),
                "off": lambda number: _first(through, number, None),
                "on": lambda number: _first(through, number, _PERSON),
            }
            found: dict[str, list[First]] = {kind: [] for kind in kinds}
            for number in range(requests + _WARMING):
                for kind, ask in kinds.items():
                    found[kind].append(ask(number))
                sleep(_PAUSE_S)
    counted = {kind: firsts[_WARMING:] for kind, firsts in found.items()}
    asked: dict[str, str | int | float] = {"requests": requests, "turns": turns, "history": HISTORY}
    return Results(bench="proxy", suite="hash embedder", systems={"proxy": _metrics(counted)}, manifest=manifest(asked))


def _metrics(counted: dict[str, list[First]]) -> dict[str, float]:
    direct = statistics.median(first.ms for first in counted["direct"])
    added = sorted(first.ms - first.recall_ms - direct for first in counted["on"])
    p50s = {f"{kind}_p50_ms": statistics.median(first.ms for first in firsts) for kind, firsts in counted.items()}
    metrics = {
        **p50s,
        "recall_p50_ms": statistics.median(first.recall_ms for first in counted["on"]),
        "added_p50_ms": statistics.median(added),
        "added_p95_ms": added[int(0.95 * (len(added) - 1))],
    }
    return {name: round(value, 2) for name, value in metrics.items()}


def _first(connection: HTTPConnection, number: int, user: str | None) -> First:
    said = [{"role": ("user", "assistant")[n % 2], "content": f"Message {n}."} for n in range(HISTORY)]
    body = {"model": "m", "stream": True, "messages": [*said, {"role": "user", "content": f"Dinner {number}?"}]}
    content = json.dumps(body if user is None else {**body, "user": user})
    began = perf_counter()
    connection.request("POST", _PATH, content, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read1(1)
    ms = 1_000 * (perf_counter() - began)
    answer.read()
    if answer.status != 200:  # noqa: PLR2004 - HTTP's
        raise TreeringError(f"the proxy answered with {answer.status}")
    timing = answer.headers.get("Server-Timing", "")
    return First(ms=ms, recall_ms=float(timing.rpartition("dur=")[2] or 0))


def _to(port: int) -> HTTPConnection:
    return HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)


class _Answers(BaseHTTPRequestHandler):
    """Streams an answer at once."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (_PIECE, _PIECE, _END, b""):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@contextmanager
def _upstream() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
