"""A guard for test suites: whoever calls a real model over the network fails at once, and is told so."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from ipaddress import ip_address

_DOORS = ((socket.socket, "connect"), (socket.socket, "connect_ex"), (socket, "getaddrinfo"))
_LOCAL_NAMES = frozenset({"", "localhost", "localhost.localdomain"})


class NetworkForbidden(AssertionError):
    """A test tried to leave this machine. An assertion, so that no retry rule takes it for a network error."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"a test tried to reach {host!r}; answer with treering.testing.ScriptedChatModel, "
            "or with a server on localhost"
        )
        self.host = host


@contextmanager
def forbid_network() -> Iterator[None]:
    """Inside the block, connecting or resolving beyond localhost raises `NetworkForbidden`.

    It holds for the whole process, threads included: asyncio, httpx and every other client on Python's own sockets.
    Unix sockets and localhost stay open. Blocks may be nested.

    Example:
        >>> import socket
        >>> from treering.testing import NetworkForbidden, forbid_network
        >>> try:
        ...     with forbid_network():
        ...         socket.create_connection(("model.example.com", 443))
        ... except NetworkForbidden as error:
        ...     print(error.host)
        model.example.com
    """
    # The standard library's own names are replaced, not those of one HTTP client: every client ends here.
    originals = [(owner, name, getattr(owner, name)) for owner, name in _DOORS]
    for owner, name, original in originals:
        setattr(owner, name, _guarded(original))
    try:
        yield
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)


def _guarded(door: Callable[..., object]) -> Callable[..., object]:
    @wraps(door)
    def guarded(*args: object, **kwargs: object) -> object:
        for host in _hosts(*args, **kwargs):
            if not _is_local(host):
                raise NetworkForbidden(host)
        return door(*args, **kwargs)

    return guarded


def _hosts(first: object = None, *rest: object, **named: object) -> Iterator[str]:
    """The host of a call of one of the doors: `connect(socket, address)` or `getaddrinfo(host, port)`."""
    if not isinstance(first, socket.socket):
        host = named.get("host", first)
    elif first.family in (socket.AF_INET, socket.AF_INET6) and rest and isinstance(rest[0], tuple):
        host = rest[0][0]
    else:
        return
    if isinstance(host, bytes | str):
        yield host.decode("ascii", "replace") if isinstance(host, bytes) else host


def _is_local(host: str) -> bool:
    if host.lower() in _LOCAL_NAMES:
        return True
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
