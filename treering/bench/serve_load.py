"""Clients of a server, each a thread with one connection that sends the next request when the last is answered."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from statistics import quantiles
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TIMEOUT_S = 60.0
"""How long an answer is waited for, in seconds; a recall that takes longer is an error."""

JSON = {"Content-Type": "application/json"}

_GOOD = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client sends."""

    path: str
    body: str | None = None
    """JSON; none: it is a GET."""

    @property
    def method(self) -> str:
        """The method."""
        return "GET" if self.body is None else "POST"


@dataclass(slots=True, kw_only=True)
class Answered:
    """What came of requests."""

    took_s: list[float] = field(default_factory=list)
    """How long each good answer took, in seconds."""
    errors: int = 0
    """Requests with another answer, or with none."""
    spent_s: float = 0.0
    """How long all of them took together, in seconds."""
    cpu_s: float = 0.0
    """What the process that asks has cost, in seconds of a core."""

    def add(self, other: Answered) -> None:
        """Add what came of others."""
        self.took_s += other.took_s
        self.errors += other.errors
        self.spent_s += other.spent_s
        self.cpu_s += other.cpu_s

    def metrics(self, cpu_s: float) -> dict[str, float]:
        """Requests a second, percentiles, errors, and what a request costs whoever answers, in ms of a core.

        Args:
            cpu_s: What all of them cost whoever answers, in seconds of a core.
        """
        count = len(self.took_s)
        cuts = quantiles(self.took_s, n=100) if count > 1 else [*self.took_s, 0.0][:1] * 99
        return {
            "requests_per_s": round(count / self.spent_s, 1),
            "p50_ms": round(1_000 * cuts[49], 2),
            "p95_ms": round(1_000 * cuts[94], 2),
            "p99_ms": round(1_000 * cuts[98], 2),
            "errors": float(self.errors),
            "cpu_ms": round(1_000 * cpu_s / max(1, count), 2),
        }


def load(port: int, seconds: float, clients: Sequence[Callable[[], Request]]) -> Answered:
    """Have clients ask for so many seconds.

    Threads of the standard library's client cost the least of all that Python has: the server needs the cores.

    Args:
        port: Where the server listens on this machine.
        seconds: For how long.
        clients: What each of them sends next.
    """
    found = [Answered() for _ in clients]
    began, cpu_before = perf_counter(), time.process_time()
    end = began + seconds
    threads = [
        threading.Thread(target=_ask, args=(port, end, client, answered), daemon=True)
        for client, answered in zip(clients, found, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = Answered()
    for answered in found:
        total.add(answered)
    total.spent_s, total.cpu_s = perf_counter() - began, time.process_time() - cpu_before
    return total


def _ask(port: int, end: float, client: Callable[[], Request], answered: Answered) -> None:
    with closing(HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)) as connection:
        while perf_counter() < end:
            request = client()
            began = perf_counter()
            if _is_good(connection, request):
                answered.took_s.append(perf_counter() - began)
            else:
                answered.errors += 1
                connection.close()


def _is_good(connection: HTTPConnection, request: Request) -> bool:
    try:
        connection.request(request.method, request.path, request.body, JSON)
        answer = connection.getresponse()
        answer.read()
    except (OSError, HTTPException):
        return False
    return answer.status == _GOOD
