"""Inside the guard no socket leaves the machine; localhost works."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from treering.testing import NetworkForbidden, forbid_network


def test_connecting_and_resolving_beyond_localhost_is_an_error() -> None:
    with forbid_network():
        with pytest.raises(NetworkForbidden, match=r"'192\.0\.2\.1'; answer with treering.testing.ScriptedChatModel"):
            socket.create_connection(("192.0.2.1", 443), timeout=1)
        with pytest.raises(NetworkForbidden, match=r"model\.example\.com"):
            socket.getaddrinfo("model.example.com", 443)
        with pytest.raises(NetworkForbidden):
            socket.getaddrinfo(host=b"model.example.com", port=443)
        with socket.socket(socket.AF_INET6) as raw, pytest.raises(NetworkForbidden):
            raw.connect_ex(("2001:db8::1", 443))


def test_asyncio_clients_and_other_threads_are_held_too() -> None:
    raised: list[BaseException] = []

    def call() -> None:
        try:
            asyncio.run(asyncio.wait_for(asyncio.open_connection("192.0.2.1", 443), 1))
        except BaseException as error:  # noqa: BLE001  # handed to the test
            raised.append(error)

    with forbid_network():
        thread = threading.Thread(target=call)
        thread.start()
        thread.join()
    assert [type(error) for error in raised] == [NetworkForbidden]


def test_localhost_and_unix_sockets_stay_open() -> None:
    with forbid_network(), socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(("localhost", server.getsockname()[1]), timeout=5):
            pass
        left, right = socket.socketpair()
        left.close()
        right.close()


def test_nested_blocks_end_with_the_sockets_as_they_were() -> None:
    before = (socket.socket.connect, socket.getaddrinfo)
    with forbid_network():
        with forbid_network():
            pass
        with pytest.raises(NetworkForbidden):
            socket.getaddrinfo("model.example.com", 443)
    assert (socket.socket.connect, socket.getaddrinfo) == before
