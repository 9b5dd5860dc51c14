"""Shared by all tests: small trunks, fixed time, factories for values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from treering.schemas.dialogue import Scope
from treering.schemas.trunk import Branch, Slot, Trunk
from treering.testing import forbid_network

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    """Nothing that a test does leaves this machine: a call of a real model is an error."""
    with forbid_network():
        yield


@pytest.fixture
def ana() -> Scope:
    return Scope(user="ana")


@pytest.fixture
def small_trunk() -> Trunk:
    """Two branches and four slots: enough for every rule of trees."""
    return Trunk(
        name="small",
        version=1,
        description="For tests.",
        branches=(Branch(path="home", description="Where one lives."), Branch(path="taste", description="Likes.")),
        slots=(
            Slot(path="name", description="What the person is called.", cardinality="one"),
            Slot(path="home.city", description="The city the person lives in.", cardinality="one"),
            Slot(path="taste.food", description="Food the person likes or dislikes."),
            Slot(path="taste.music", description="Music the person likes or dislikes."),
        ),
    )


def day(number: int) -> datetime:
    """Noon of the n-th day of the tests' time."""
    return NOON + timedelta(days=number)
