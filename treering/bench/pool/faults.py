"""Which faults befall a run, and when, by seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import cycle
from typing import Literal

FaultKind = Literal["worker", "child", "broker", "database", "pause"]

FAULTS: dict[FaultKind, str] = {
    "worker": "a worker is killed with all its processes, and started again",
    "child": "one process of a worker is killed",
    "broker": "the broker is killed, and started again",
    "database": "PostgreSQL is killed, and recovers",
    "pause": "a worker stands still until its lease is over, and goes on",
}
"""What can happen."""

_MIX: tuple[FaultKind, ...] = ("worker", "database", "broker", "pause", "child", "worker", "child", "broker")
"""How many of each kind: a run of `n` faults has the first `n` of these, over and over, in an order of its own."""

MAX_DOWN_S = 2.0
"""Longest time that a server stays away, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that befalls a run."""

    after: float
    """When: this share of the turns was listened to."""
    kind: FaultKind
    worker: int
    """Which worker, where it is one."""
    down_s: float
    """How long a server is away, in seconds."""


def schedule(seed: int, number: int, workers: int) -> list[Fault]:
    """So many faults, spread over a run; the same ones for the same seed.

    Example:
        >>> faults = schedule(seed=6, number=5, workers=4)
        >>> sorted(fault.kind for fault in faults)
        ['broker', 'child', 'database', 'pause', 'worker']
        >>> faults == schedule(seed=6, number=5, workers=4)
        True
    """
    dice = random.Random(f"faults {seed}")  # noqa: S311 - no secret, and the same faults for the same seed
    kinds = [kind for kind, _ in zip(cycle(_MIX), range(number), strict=False)]
    dice.shuffle(kinds)
    return [
        Fault(
            after=(place + dice.uniform(0.1, 0.9)) / (number + 1),
            kind=kind,
            worker=dice.randrange(workers),
            down_s=round(dice.uniform(0.1, MAX_DOWN_S), 2),
        )
        for place, kind in enumerate(kinds)
    ]
