"""Clients write while their server is ended and started again: is anything lost that was acknowledged, or cut?"""

from __future__ import annotations

import json
import statistics
import threading
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from time import perf_counter, sleep
from typing import TYPE_CHECKING

from treering.bench.serve_load import JSON, TIMEOUT_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from treering.bench.serve_process import ServedProcess

_RETRY_S = 0.02
"""Seconds before a client knocks again that was refused."""


@dataclass(slots=True, kw_only=True)
class Writer:
    """One client, and what became of what it wrote."""

    person: str
    acknowledged: list[str] = field(default_factory=list)
    """Messages that the server has a receipt for."""
    cut: int = 0
    """Requests that were sent on a connection, and had no answer or half of one."""
    wrong: int = 0
    """Answers that are no receipt."""
    longest_s: float = 0.0
    """The longest time between two receipts, in seconds."""


def restart_under_load(
    server: ServedProcess, people: Iterable[str], *, restarts: int, seconds: float, progress: Callable[[str], None]
) -> list[Writer]:
    """Have a client a person write, and restart the server meanwhile; gives the clients.

    Args:
        server: The server.
        people: Who writes.
        restarts: How often it is restarted.
        seconds: How long they write before each time, and after the last.
        progress: Told of each time.
    """
    writers = [Writer(person=person) for person in people]
    is_over = threading.Event()
    threads = [threading.Thread(target=_write, args=(server.port, one, is_over), daemon=True) for one in writers]
    for thread in threads:
        thread.start()
    try:
        for number in range(restarts):
            is_over.wait(seconds)
            progress(f"restart {number + 1} of {restarts}, {len(writers)} clients write")
            server.restart()
        is_over.wait(seconds)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    return writers


def judged(writers: Iterable[Writer], stored: Callable[[str], Iterable[str]]) -> dict[str, float]:
    """What became of everything.

    Args:
        writers: The clients.
        stored: The ids of the messages of a person, as the store has them.
    """
    told: Counter[str] = Counter()
    gaps: list[float] = []
    for writer in writers:
        found = Counter(stored(writer.person))
        told["acknowledged"] += len(writer.acknowledged)
        told["lost"] += sum(1 for message in writer.acknowledged if not found[message])
        told["stored_twice"] += sum(count > 1 for count in found.values())
        told["cut"] += writer.cut
        told["wrong"] += writer.wrong
        gaps.append(writer.longest_s)
    counts = {name: float(told[name]) for name in ("acknowledged", "lost", "stored_twice", "cut", "wrong")}
    return {**counts, "longest_gap_p50_s": round(statistics.median(gaps), 2)}


def _write(port: int, writer: Writer, is_over: threading.Event) -> None:
    """Write messages one after the other, each until it is acknowledged."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)) as connection:
        last = perf_counter()
        while not is_over.is_set():
            name = f"{writer.person}-{len(writer.acknowledged)}"
            if not _is_acknowledged(connection, writer, name):
                connection.close()
                continue
            writer.acknowledged.append(name)
            now = perf_counter()
            writer.longest_s, last = max(writer.longest_s, now - last), now


def _is_acknowledged(connection: HTTPConnection, writer: Writer, name: str) -> bool:
    if connection.sock is None:
        try:
            connection.connect()
        except OSError:
            sleep(_RETRY_S)  # nothing was sent
            return False
    body = json.dumps({"messages": [{"content": f"I have seen {name}.", "id": name}], "session": "restarts"})
    try:
        connection.request("POST", f"/v1/messages?user={writer.person}", body, JSON)
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, HTTPException):
        writer.cut += 1
        return False
    with suppress(ValueError, KeyError, TypeError):
        receipt = json.loads(content)
        if name in (*receipt["stored"], *receipt["known"]):
            return True
    writer.wrong += 1
    return False
