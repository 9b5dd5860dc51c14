"""What a full queue does to those who only talk: to `remember`, and to a tenant beside a noisy one."""

from __future__ import annotations

import statistics
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from treering.bench.pool.talk import TURNS_A_SESSION
from treering.bench.pool.workers import WorkerPool
from treering.client.memory import Memory
from treering.memory.stores import SqlStore
from treering.schemas.dialogue import Message, Scope
from treering.schemas.trunks import load_trunk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from treering.schemas.jobs import QueueStats
    from treering.settings import Settings

NOISE = 100
"""How many times as much the noisy tenant says."""

CROWD = 50
"""People of the noisy tenant."""

PROCESSES = 2
"""Processes that work while a tenant waits."""

LOOK_S = 0.002
"""Seconds between two looks whether somebody was heard."""

DEAF_S = 120.0
"""Seconds after which whoever waits to be heard gives up."""

_SAYINGS = (
    "I moved to Lisbon, to the hills above the river.",
    "I work as a nurse at the hospital now, mostly at night.",
    "Anyway, it rained all day, so what else could one do?",
    "My sister Marta loves hiking in the mountains.",
)


class NotHeard(RuntimeError):
    """Nobody listens."""


def bench_remember(settings: Settings, backlog: int, samples: int, folder: Path) -> dict[str, float]:
    """`remember` while nothing waits and nobody works, then with a full queue and a worker at it."""
    with Memory(settings=settings) as memory, closing(_store(settings)) as store:
        _remember(memory, "warm", 20)
        idle = _remember(memory, "idle", samples)
        for number in range(backlog):
            memory.remember(f"waiting-{number}", _message(number), tenant="waiting")
            memory.end_session(f"waiting-{number}", tenant="waiting")
        with WorkerPool(settings, 1, folder):
            _wait(store, Scope(tenant="waiting", user="waiting-0"), 1)
            full = _remember(memory, "full", samples)
            left = _stats(store)
    waiting = sum(kind.queued for kind in left.kinds)
    return {
        "idle_p50_ms": percentile_ms(idle, 50),
        "idle_p95_ms": percentile_ms(idle, 95),
        "full_p50_ms": percentile_ms(full, 50),
        "full_p95_ms": percentile_ms(full, 95),
        "ratio_p50": round(percentile_ms(full, 50) / percentile_ms(idle, 50), 2),
        "ratio_p95": round(percentile_ms(full, 95) / percentile_ms(idle, 95), 2),
        "still_queued": waiting,
    }


def bench_neighbour(settings: Settings, turns: int, folder: Path) -> dict[str, float]:
    """How long a tenant waits until it is heard: alone, and while another has a hundred times as much to be heard."""
    with (
        Memory(settings=settings) as memory,
        Memory(settings=settings, background=False) as filling,
        closing(_store(settings)) as store,
        WorkerPool(settings, 1, folder, concurrency=PROCESSES),
    ):
        _lags(memory, store, "warm", 2 * PROCESSES)
        alone = _lags(memory, store, "alone", turns)
        for number in range(turns * NOISE // TURNS_A_SESSION):
            said = [_message(number * TURNS_A_SESSION + turn) for turn in range(TURNS_A_SESSION)]
            filling.remember(f"loud-{number % CROWD}", said, session=f"s{number // CROWD}", tenant="noisy")
        beside = _lags(memory, store, "beside", turns)
        left = next((one.queued for one in _stats(store).tenants if one.tenant == "noisy"), 0)
    return {
        "alone_p50_ms": percentile_ms(alone, 50),
        "alone_p95_ms": percentile_ms(alone, 95),
        "beside_p50_ms": percentile_ms(beside, 50),
        "beside_p95_ms": percentile_ms(beside, 95),
        "ratio_p50": round(percentile_ms(beside, 50) / percentile_ms(alone, 50), 2),
        "ratio_p95": round(percentile_ms(beside, 95) / percentile_ms(alone, 95), 2),
        "noise_still_queued": left,
    }


def _remember(memory: Memory, user: str, count: int) -> list[float]:
    spent = []
    for number in range(count):
        began = time.perf_counter()
        memory.remember(user, _message(number))
        spent.append(time.perf_counter() - began)
    return spent


def _lags(memory: Memory, store: SqlStore, user: str, count: int) -> list[float]:
    """Seconds from the call that says something to the commit of what was heard, one after the other."""
    spent = []
    for number in range(count):
        began = time.perf_counter()
        memory.remember(user, _message(number), session=f"s{number}", tenant="quiet")
        memory.end_session(user, tenant="quiet")
        _wait(store, Scope(tenant="quiet", user=user), number + 1)
        spent.append(time.perf_counter() - began)
    return spent


def _store(settings: Settings) -> SqlStore:
    return SqlStore(settings.store_url, load_trunk(settings.trunk))


def _stats(store: SqlStore) -> QueueStats:
    with store.begin(write=False) as unit:
        return unit.jobs.stats(datetime.now(UTC))


def _heard(store: SqlStore, scope: Scope) -> int:
    with store.begin(write=False) as unit:
        return unit.ledger.head(scope).heard_seq


def _wait(store: SqlStore, scope: Scope, turns: int) -> None:
    """Until so many turns of somebody were heard."""
    end = time.monotonic() + DEAF_S
    while _heard(store, scope) < turns:
        if time.monotonic() > end:
            raise NotHeard(f"{scope.user} was not heard within {DEAF_S:.0f} s; see the worker's log")
        time.sleep(LOOK_S)


def _message(number: int) -> Message:
    return Message(content=f"{_SAYINGS[number % len(_SAYINGS)]} That is number {number}.", id=f"m{number}")


def percentile_ms(seconds: Sequence[float], percent: int) -> float:
    """A percentile of times, in milliseconds."""
    return round(statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1] * 1_000, 2)
