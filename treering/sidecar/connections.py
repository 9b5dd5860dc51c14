"""Connections: who is slow to ask or to listen is let go, and what is no HTTP gets a problem for an answer."""

from __future__ import annotations

import asyncio
import json
import resource
from http import HTTPStatus

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from treering.sidecar.hardening import HEADERS
from treering.sidecar.problems import MEDIA_TYPE, RETRY_AFTER_S

HEAD_S = 15.0
"""For how long the head of a request may take to arrive, in seconds, from the connection or from its first byte on."""

STALL_S = 30.0
"""How often it is looked whether somebody takes what is sent to them, in seconds."""

LEAST_TAKEN = 16 * 1024
"""What has to be taken in that time, in bytes: half a kilobyte a second, as the slowest modems did."""

MOST_CONNECTIONS = 10_000
"""Connections at once where the system sets no limit of files."""

_OWN_FILES = 4
"""One of so many files is kept for the store, the index and the upstream."""


class GuardedProtocol(H11Protocol):
    """One connection. uvicorn itself waits for a head, and for somebody who reads, for ever."""

    head_s = HEAD_S
    stall_s = STALL_S
    limit = MOST_CONNECTIONS

    _head: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as its base has it
        """Begin to wait for a head."""
        super().connection_made(transport)
        if len(self.connections) > self.limit:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "There are too many connections.")
            return
        self._head = self.loop.call_later(self.head_s, self._give_up)

    def data_received(self, data: bytes) -> None:
        """Take in bytes; they may begin a head, or end it."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._is_answering():
            _stop(self._head)
            self._head = None
        elif self._head is None and not self.transport.is_closing():
            self._head = self.loop.call_later(self.head_s, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        _stop(self._head)
        _stop(self._stall)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Look whether what waits to be sent is ever taken."""
        super().pause_writing()
        self._look_again()

    def resume_writing(self) -> None:
        """It is."""
        _stop(self._stall)
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Let a connection go that rests, also where its last answer is not taken."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(self.stall_s, self.transport.abort)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, unless an answer is on its way."""
        if self._is_answering() and self.cycle.response_started:
            self.transport.close()
        else:
            self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def _is_answering(self) -> bool:
        """Whether there is a request whose answer has not ended."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _give_up(self) -> None:
        self._head = None
        if not self.transport.is_closing():
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"The head took longer than {self.head_s:g} seconds.")

    def _look_again(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._stall = self.loop.call_later(self.stall_s, self._let_go, left)

    def _let_go(self, before: int) -> None:
        """End a connection whose buffer has not become smaller by as much as it should. Nothing is added meanwhile."""
        if before - self.transport.get_write_buffer_size() < LEAST_TAKEN:
            self.transport.abort()
        else:
            self._look_again()

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        """Answer without the application, and close. There is no request yet that could have an id."""
        problem = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
        body = json.dumps(problem).encode()
        headers = {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(body)), "Connection": "close", **HEADERS}
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            headers["Retry-After"] = str(RETRY_AFTER_S)
        lines = [f"HTTP/1.1 {status} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self.transport.write("\r\n".join(lines).encode() + body)
        self.transport.close()
        self.loop.call_later(self.stall_s, self.transport.abort)


def guarded(limit: int) -> type[GuardedProtocol]:
    """The protocol of a server that has so many connections at once, at most."""
    return type("Guarded", (GuardedProtocol,), {"limit": limit})


def most_connections() -> int:
    """How many connections there may be at once: by the files that the process may open.

    Example:
        >>> 0 < most_connections() <= MOST_CONNECTIONS
        True
    """
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = files - files // _OWN_FILES
    return min(allowed, MOST_CONNECTIONS) if allowed > 0 else MOST_CONNECTIONS


def _stop(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
