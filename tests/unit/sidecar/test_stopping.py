"""A server that is stopping lets nobody new in, and answers whoever is in."""

from __future__ import annotations

import platform
import socket

import pytest

from treering.sidecar.stopping import turn_newcomers_away


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
