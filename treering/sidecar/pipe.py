"""What one thread writes and another sends: neither holds all of it, and neither waits for ever for the other."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TextIO, cast

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

PIECE_CHARS = 64 * 1024
"""What is sent at once, in characters."""

WAITING = 4
"""Pieces that are written before they are sent."""

STALL_S = 60.0
"""For how long a reader may take nothing, in seconds: writing holds a transaction open."""

POLL_S = 0.5
"""Seconds between two looks at whether the other side is still there."""


class ReaderGone(Exception):
    """Nobody reads any more."""


class Pieces(Iterator[str]):
    """What a function writes into a file, piece by piece, while it runs in a thread of its own.

    What the function raises is raised here, after what it wrote before.

    Args:
        write: The function. Where the reader leaves, or stalls, its next writing raises.
        stall_s: For how long the reader may take nothing.
    """

    def __init__(self, write: Callable[[TextIO], object], *, stall_s: float = STALL_S) -> None:
        self._waiting: queue.Queue[str | Exception | None] = queue.Queue(WAITING)
        self._stall_s = stall_s
        self._gone = threading.Event()
        self._draft: list[str] = []
        self._size = 0
        threading.Thread(target=self._run, args=(write,), name="treering-pipe", daemon=True).start()

    def __next__(self) -> str:
        while True:
            try:
                found = self._waiting.get(timeout=POLL_S)
            except queue.Empty:
                if self._gone.is_set():
                    raise ReaderGone from None
                continue
            if isinstance(found, Exception):
                raise found
            if found is None:
                raise StopIteration
            return found

    def leave(self) -> None:
        """Read no more: the function ends with its next writing."""
        self._gone.set()

    def write(self, text: str) -> int:
        """How many characters were taken; for the function."""
        self._draft.append(text)
        self._size += len(text)
        if self._size >= PIECE_CHARS:
            self._flush()
        return len(text)

    def _run(self, write: Callable[[TextIO], object]) -> None:
        last: Exception | None = None
        try:
            write(cast("TextIO", self))
            self._flush()
        except Exception as error:  # noqa: BLE001 - the reader raises it
            last = error
        try:
            self._put(last)
        except ReaderGone:
            return

    def _flush(self) -> None:
        text, self._draft, self._size = "".join(self._draft), [], 0
        if text:
            self._put(text)

    def _put(self, item: str | Exception | None) -> None:
        left_s = self._stall_s
        while not self._gone.is_set():
            try:
                self._waiting.put(item, timeout=min(POLL_S, left_s))
            except queue.Full:
                left_s -= POLL_S
                if left_s <= 0:
                    self._gone.set()
            else:
                return
        raise ReaderGone


class Piped(StreamingResponse):
    """An answer that is sent while it is written, and not written on when the client is gone.

    Args:
        pieces: What is written. Where nothing can be, this raises, and nothing was sent.
        media_type: What it is.
    """

    def __init__(self, pieces: Pieces, *, media_type: str) -> None:
        first = next(pieces, "")
        super().__init__(chain((first,), pieces), media_type=media_type, headers={"Cache-Control": "no-store"})
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._pieces.leave()
