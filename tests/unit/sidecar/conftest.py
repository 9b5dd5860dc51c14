"""A memory that is served without a network, to whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from treering import Memory
from treering.errors import Unauthenticated
from treering.sidecar.access import Gatekeeper, OpenHouse, Principal, Right
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


ClientOf = Callable[..., TestClient]
"""A client with a credential: its tenant, right and name."""


class Spoken(Gatekeeper):
    """Admits whoever says their tenant, right and credential; for tests of what each of these may do."""

    def admit(self, authorization: str | None) -> Principal:
        match (authorization or "").split("/"):
            case [tenant, "read" | "write" | "admin" as right, credential]:
                return Principal(tenant=tenant, right=right, credential=credential)
        raise Unauthenticated


@pytest.fixture
def client_of(memory: Memory) -> ClientOf:
    """Clients of one server with several tenants."""
    app = create_app(memory, Spoken(), Readying({}), CollectorRegistry())

    def made(tenant: str = "default", right: Right = "admin", credential: str = "k1") -> TestClient:
        return TestClient(app, headers={"Authorization": f"{tenant}/{right}/{credential}"})

    return made
