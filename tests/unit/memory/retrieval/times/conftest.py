"""How tests of times put a time in short."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from treering.memory.retrieval.times.points import Point

FLAGS = ("floating", "vague", "absolute", "open", "bare")


@pytest.fixture
def told() -> Callable[[Point | None], str | None]:
    """A time in short: its days, and what else is known of it."""

    def told(found: Point | None) -> str | None:
        if found is None:
            return None
        flags = [flag for flag in FLAGS if getattr(found, f"is_{flag}")] + ["lead"] * found.needs_lead
        return " ".join([f"{found.start:%Y-%m-%d}", f"{found.end:%Y-%m-%d}", *flags])

    return told
