"""Serves an application from a thread of this process: for tests of programs that call a server, and for notebooks."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

PATIENCE_S = 30.0
"""How long starting and stopping may take, in seconds."""

POLL_S = 0.005
"""Seconds between two looks at whether it has started."""


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address, on this machine alone and with a free port, of a server that runs until the block ends.

    Example:
        >>> import httpx2
        >>> with served(FastAPI()) as url:
        ...     httpx2.get(f"{url}/openapi.json").status_code
        200
    """
    # Named as TCP, or asyncio would leave Nagle's algorithm on, and every answer would wait for 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_config=None, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="treering-served")
        thread.start()
        try:
            until = time.monotonic() + PATIENCE_S
            while not server.started:
                if not thread.is_alive() or time.monotonic() > until:
                    raise RuntimeError("the server did not start")
                time.sleep(POLL_S)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE_S)
