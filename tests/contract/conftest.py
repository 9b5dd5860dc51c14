"""The stores under contract, and small values to put into them. A new backend is one more line in `BACKENDS`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from treering.memory.ports import Store
from treering.memory.stores import SqlStore
from treering.schemas.claims import Claim, Evidence
from treering.schemas.operations import Batch, Operation
from treering.schemas.trunk import Trunk

OpenStore = Callable[[Path, Trunk], Store]

BACKENDS: dict[str, OpenStore] = {
    "sqlite": lambda folder, trunk: SqlStore(f"sqlite:///{folder}/memory.db", trunk),
}


@pytest.fixture(params=sorted(BACKENDS))
def open_store(request: pytest.FixtureRequest, tmp_path: Path, small_trunk: Trunk) -> Iterator[Callable[[], Store]]:
    """Opens the same store, as often as one likes."""
    opened: list[Store] = []

    def opener() -> Store:
        opened.append(BACKENDS[request.param](tmp_path, small_trunk))
        return opened[-1]

    yield opener
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], Store]) -> Store:
    return open_store()


@pytest.fixture
def moment() -> Callable[[float], datetime]:
    """A moment so many seconds into the tests' time."""
    return lambda seconds=0.0: datetime(2024, 3, 1, 12, 0, tzinfo=UTC) + timedelta(seconds=seconds)


@pytest.fixture
def claim_of() -> Callable[..., Claim]:
    """A claim that rests on one message; its id follows from its text, unless one is given."""

    def make(text: str, *, path: str = "taste.food", message: str = "m1", **fields: Any) -> Claim:
        start = datetime(2024, 3, 1, tzinfo=UTC)
        values: dict[str, Any] = {
            "id": hashlib.sha256(f"{path} {text}".encode()).hexdigest()[:24],
            "path": path,
            "text": text,
            "valid_from": start,
            "recorded_at": start,
            "evidence": (Evidence(message_id=message, quote=f"quote of {text}", start=0),),
        }
        return Claim(**{**values, **fields})

    return make


@pytest.fixture
def batch_of() -> Callable[..., Batch]:
    """A batch of operations."""

    def make(*operations: Operation, name: str = "b1", **fields: Any) -> Batch:
        values: dict[str, Any] = {"recorded_at": datetime(2024, 3, 2, tzinfo=UTC), "author": "tests/1"}
        return Batch(id=name, operations=operations, **{**values, **fields})

    return make
