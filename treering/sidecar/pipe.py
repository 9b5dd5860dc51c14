"""What one thread writes and another sends: neither holds all of it, and neither waits for ever for the other."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import TextIO, cast

PIECE_CHARS = 64 * 1024
"""What is sent at once, in characters."""

WAITING = 4
"""Pieces that are written before they are sent."""

STALL_S = 60.0
"""For how long a reader may take nothing, in seconds: writing holds a transaction open."""


def pieces(write: Callable[[TextIO], object], *, stall_s: float = STALL_S) -> Iterator[str]:
    """What a function writes into a file, piece by piece, while it runs in a thread of its own.

    Args:
        write: The function. Where the reader goes away, or stalls, its next writing raises.
        stall_s: For how long the reader may take nothing.

    Raises:
        Exception: What the function raised, after what it wrote before.
    """
    pipe = _Pipe(stall_s)
    threading.Thread(target=pipe.run, args=(write,), name="treering-pipe", daemon=True).start()
    try:
        while (piece := pipe.take()) is not None:
            yield piece
    finally:
        pipe.leave()


class _Gone(Exception):
    """Nobody reads any more."""


class _Pipe:
    """The file that is written to, and what waits to be sent."""

    def __init__(self, stall_s: float) -> None:
        self._waiting: queue.Queue[str | Exception | None] = queue.Queue(WAITING)
        self._stall_s = stall_s
        self._gone = threading.Event()
        self._draft: list[str] = []
        self._size = 0

    def run(self, write: Callable[[TextIO], object]) -> None:
        last: Exception | None = None
        try:
            write(cast("TextIO", self))
            self._flush()
        except _Gone:
            return
        except Exception as error:  # noqa: BLE001 - the reader raises it
            last = error
        try:
            self._put(last)
        except _Gone:
            return

    def write(self, text: str) -> int:
        self._draft.append(text)
        self._size += len(text)
        if self._size >= PIECE_CHARS:
            self._flush()
        return len(text)

    def take(self) -> str | None:
        while True:
            try:
                found = self._waiting.get(timeout=1.0)
            except queue.Empty:
                if self._gone.is_set():
                    raise _Gone from None
                continue
            if isinstance(found, Exception):
                raise found
            return found

    def leave(self) -> None:
        self._gone.set()

    def _flush(self) -> None:
        text, self._draft, self._size = "".join(self._draft), [], 0
        if text:
            self._put(text)

    def _put(self, item: str | Exception | None) -> None:
        left_s = self._stall_s
        while not self._gone.is_set():
            try:
                self._waiting.put(item, timeout=min(1.0, left_s))
            except queue.Full:
                left_s -= 1.0
                if left_s <= 0:
                    self._gone.set()
            else:
                return
        raise _Gone
