"""A memory that is served without a network, to whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from treering import Memory
from treering.sidecar.access import OpenHouse
from treering.sidecar.app import create_app
from treering.sidecar.readiness import Readying


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    """The memory that is served."""
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        yield memory


@pytest.fixture
def http(memory: Memory) -> Iterator[TestClient]:
    """A client of its server, which is the owner of the tenant `default`."""
    with TestClient(create_app(memory, OpenHouse(), Readying({}), CollectorRegistry())) as client:
        yield client
