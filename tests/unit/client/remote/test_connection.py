"""What all connections of a process share."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from treering import Memory
from treering.client.remote.connection import _trusted


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[ssl.SSLContext]]:
    """Certificates that were read, the latest last; those of other tests are read again."""
    read: list[ssl.SSLContext] = []
    original = httpx2.create_ssl_context

    def create() -> ssl.SSLContext:
        read.append(original())
        return read[-1]

    _trusted.cache_clear()
    monkeypatch.setattr(httpx2, "create_ssl_context", create)
    yield read
    _trusted.cache_clear()


def test_the_certificates_are_read_once_and_ask_for_the_name_of_a_server(read: list[ssl.SSLContext]) -> None:
    for _ in range(2):
        Memory.connect("https://memory.test").close()
    [trusted] = read
    assert trusted.verify_mode is ssl.CERT_REQUIRED
    assert trusted.check_hostname


def test_where_the_environment_names_others_these_are_read(
    read: list[ssl.SSLContext], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    Memory.connect("https://memory.test").close()
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    Memory.connect("https://memory.test").close()
    _, named = read
    assert not named.get_ca_certs()
