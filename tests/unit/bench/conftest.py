"""Where the tiny suites lie."""

from __future__ import annotations

from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "bench_data"


@pytest.fixture
def locomo() -> Path:
    return DATA / "locomo"


@pytest.fixture
def realmem() -> Path:
    return DATA / "realmem"


@pytest.fixture
def perma() -> Path:
    return DATA / "perma"


@pytest.fixture
def personamem() -> Path:
    return DATA / "personamem"
