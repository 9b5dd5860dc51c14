"""Stops a server without cutting a request: whoever was let in is answered, and nobody else is let in."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import platform
import socket
import struct
from time import monotonic

import uvicorn

SETTLE_S = 0.1
"""For how long connections that are about to be made are still let in, in seconds: several times what they take."""

FAREWELL_S = 1.0
"""For how long a connection that rests may ask once more, in seconds; the answer then says that it is the last."""

_LOOK_S = 0.02
"""Seconds between two looks at who is left."""

_CLOSE = (b"connection", b"close")

_SO_ATTACH_FILTER = 26
"""Linux's number of it, which Python does not name."""

_LOAD_BYTE, _AND, _JUMP_IF_EQUAL, _RETURN = 0x30, 0x54, 0x15, 0x06
_TCP_FLAGS, _SYN, _SYN_OR_ACK = 13, 0x02, 0x12
_PASS_ALL = 0xFFFFFFFF
_NO_NEWCOMERS = (  # (code, jump if true, jump if false, operand): classic BPF over a packet from its TCP header on
    (_LOAD_BYTE, 0, 0, _TCP_FLAGS),
    (_AND, 0, 0, _SYN_OR_ACK),
    (_JUMP_IF_EQUAL, 0, 1, _SYN),
    (_RETURN, 0, 0, 0),
    (_RETURN, 0, 0, _PASS_ALL),
)

_log = logging.getLogger("treering.sidecar")


class PoliteServer(uvicorn.Server):
    """A server whose end no client has to notice, apart from those who rest for longer than `FAREWELL_S`.

    Closing a listening socket resets connections that the kernel has made and nobody has taken yet, and closing a
    resting connection resets a request that is on its way. So first nobody new is let in, then each connection is told
    with its next answer that it was the last, and only then all are closed.
    """

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End, when requests at hand have ended."""
        for server in self.servers:
            for listening in server.sockets:
                turn_newcomers_away(listening)
        self.server_state.default_headers.append(_CLOSE)
        began = monotonic()
        while (took_s := monotonic() - began) < FAREWELL_S:
            if took_s > SETTLE_S and not self.server_state.connections:
                break
            await asyncio.sleep(_LOOK_S)
        await super().shutdown(sockets)


def turn_newcomers_away(listening: socket.socket) -> None:
    """Have the kernel drop the first packet of each new connection; those that are being made are still made.

    Clients send that packet again after a second, and then are refused, or find the next server. Where the kernel has
    no such filter, whoever connects in the moment of closing is reset.
    """
    if platform.system() != "Linux":
        return
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in _NO_NEWCOMERS)
    kept = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HP", len(_NO_NEWCOMERS), ctypes.addressof(kept))
    try:
        listening.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
    except OSError as error:
        _log.info("connections of this moment may be reset: %s", error)
