"""A store in a file, and what it takes to fill it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from treering.memory.stores import SqlStore
from treering.schemas.trunk import Trunk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The database file."""
    return tmp_path / "memory.db"


@pytest.fixture
def store(path: Path, small_trunk: Trunk) -> Iterator[SqlStore]:
    """A store in that file."""
    store = SqlStore(f"sqlite:///{path}", small_trunk, busy_timeout_s=5)
    yield store
    store.close()


@pytest.fixture(scope="session")
def now() -> datetime:
    """Some moment."""
    return datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
