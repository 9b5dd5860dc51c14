"""A server that is stopping lets nobody new in, and answers whoever is in."""

from __future__ import annotations

import asyncio
import platform
import socket

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from treering.sidecar.stopping import PoliteServer, turn_newcomers_away

PATIENCE_S = 30
QUESTION = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.skipif(platform.system() != "Linux", reason="only Linux has the filter")
def test_newcomers_wait_and_those_who_are_in_go_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()
        with socket.create_connection(address) as early:
            turn_newcomers_away(listening)
            with pytest.raises(TimeoutError):
                socket.create_connection(address, timeout=0.05)
            taken, _ = listening.accept()
            with taken:
                early.sendall(b"a question")
                assert taken.recv(10) == b"a question"
                taken.sendall(b"an answer")
                assert early.recv(9) == b"an answer"


async def test_who_asks_while_a_server_stops_is_answered_for_the_last_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(PlainTextResponse("yes"), lifespan="off", log_config=None)
        server = PoliteServer(config)
        serving = asyncio.create_task(server.serve([listening]))
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_connection(*listening.getsockname())
            writer.write(QUESTION)
            assert b"close" not in await reader.readuntil(b"yes")
            server.should_exit = True
            answer = b""
            while b"connection: close" not in answer.lower():
                writer.write(QUESTION)
                answer = await reader.readuntil(b"yes")
            assert await reader.read() == b""
            writer.close()
            await serving
