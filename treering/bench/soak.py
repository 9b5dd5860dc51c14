"""A soak: a steady light load over real workers, and samples of all that could grow."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from treering.bench.pool.talk import chatter, people
from treering.bench.pool.workers import WorkerPool
from treering.bench.results import Results, manifest
from treering.bench.soak_trend import trend
from treering.client.memory import Memory
from treering.errors import StoreError
from treering.memory.stores import SqlStore
from treering.memory.stores.jobs import KEEP_DONE
from treering.memory.stores.measuring import connections, heard_turns, job_rows, table_sizes
from treering.memory.stores.upgrading import upgrade_store
from treering.schemas.jobs import OPEN_STATES
from treering.schemas.trunks import load_trunk
from treering.settings import Settings
from treering.testing.processes import descendants, open_files, private_bytes
from treering.workers.queue_lengths import queue_lengths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from treering.bench.soak_trend import Trend

TURNS_A_RECALL = 10
"""After so many turns somebody asks a question."""

KEPT = ("said", "table bytes: all", "job rows: done, kept")
"""What is to grow: it holds what people said, or what is kept of each person up to a bound."""

PASSING = ("jobs", "model_gates", "heads", "index_marks", "mention_heads")
"""Tables whose size hangs on the number of people, not on what they said."""

_FLOORS = {
    "memory MB": 8.0,
    "open files": 10.0,
    "connections": 4.0,
    "broker queue": 20.0,
    "job rows": 100.0,
    "dead rows": 2_000.0,
    "table bytes": 2_000_000.0,
    "unheard": 20.0,
}
"""Growth that is none, by the beginning of a series' name, in its unit."""

_MB = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a soak does."""

    minutes: float
    turns_per_s: float = 3.0
    people: int = 40
    workers: int = 2
    sample_s: float = 10.0
    seed: int = 6


@dataclass(slots=True, kw_only=True)
class Series:
    """Samples by name, all taken at the same moments; a name that comes late began with 0."""

    times_s: list[float] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=dict)

    def add(self, at_s: float, sample: Mapping[str, float]) -> None:
        """Add a sample; what it lacks is as it was."""
        for name in sample.keys() - self.values.keys():
            self.values[name] = [0.0] * len(self.times_s)
        for name, values in self.values.items():
            values.append(sample.get(name, values[-1] if values else 0.0))
        self.times_s.append(at_s)

    def trends(self) -> dict[str, Trend]:
        """What became of each that was ever anything."""
        return {
            name: trend(self.times_s, values, floor=floor(name), is_kept=name.startswith(KEPT))
            for name, values in sorted(self.values.items())
            if any(values)
        }


def floor(name: str) -> float:
    """Growth of a series that is none, in its unit."""
    return next((value for prefix, value in _FLOORS.items() if name.startswith(prefix)), 0.0)


def bench_soak(
    load: Load,
    *,
    database_url: str,
    broker_url: str,
    servers: Mapping[str, int],
    progress: Callable[[str], None],
) -> Results:
    """Talk for so long, and tell what grew.

    Args:
        load: What is done.
        database_url: A scratch database on PostgreSQL.
        broker_url: A broker.
        servers: Servers whose memory is watched too: their first process by name.
        progress: Told what happens.
    """
    with TemporaryDirectory(prefix="treering-soak-") as folder:
        settings = Settings(
            home=Path(folder) / "home",
            database_url=database_url,
            broker_url=broker_url,
            broker_prefix="treering_soak",
            embedder=os.environ.get("TREERING_EMBEDDER") or "hash",
        )
        upgrade_store(database_url)
        with WorkerPool(settings, load.workers, Path(folder)) as pool, Memory(settings=settings) as memory:
            series = _talk(load, memory, _Watch(settings, pool, load, servers), progress)
    trends = series.trends()
    told: dict[str, str | int | float] = {
        name: getattr(load, name) for name in ("minutes", "turns_per_s", "people", "workers", "sample_s", "seed")
    }
    told["samples"] = len(series.times_s)
    told["broker"] = broker_url.partition(":")[0]
    told |= {f"verdict: {name}": one.verdict for name, one in trends.items()}
    return Results(
        bench="soak",
        suite=f"{load.minutes:g} minutes",
        systems={
            name: {
                "first": one.first,
                "middle": one.middle,
                "last": one.last,
                "per_hour": one.per_hour,
                "grows": float(one.verdict == "grows"),
            }
            for name, one in trends.items()
        },
        manifest=manifest(told),
    )


def _talk(load: Load, memory: Memory, watch: _Watch, progress: Callable[[str], None]) -> Series:
    """Say a turn at each beat, ask something now and then, and look at everything now and then."""
    series = Series()
    began = time.monotonic()
    next_sample = began
    for said, one in enumerate(chatter(people(load.people), load.seed)):
        now = time.monotonic()
        if now >= next_sample:
            series.add(now - began, {**watch.sample(), "said": float(said), "unheard": said - watch.heard})
            next_sample += load.sample_s
            progress(f"{(now - began) / 60:.1f} of {load.minutes:g} minutes, {said} turns, {watch.heard} heard")
        if now - began >= 60 * load.minutes:
            return series
        scope = one.scope
        memory.remember(scope.user, one.message, session=one.session, tenant=scope.tenant)
        if said % TURNS_A_RECALL == 0:
            memory.recall(scope.user, "Where do I live, and what do I love?", tenant=scope.tenant)
        time.sleep(max(0.0, began + (said + 1) / load.turns_per_s - time.monotonic()))
    raise AssertionError("the talk has no end")


class _Watch:
    """Looks at processes, at the database and at the broker."""

    def __init__(self, settings: Settings, pool: WorkerPool, load: Load, servers: Mapping[str, int]) -> None:
        self.heard = 0
        self._people = load.people
        self._settings = settings
        self._pool = pool
        self._workers = load.workers
        self._servers = servers
        self._store = SqlStore(settings.store_url, load_trunk(settings.trunk))

    def sample(self) -> dict[str, float]:
        """All figures of this moment."""
        return {**dict(self._processes()), **dict(self._database()), **dict(self._broker())}

    def _processes(self) -> Iterator[tuple[str, float]]:
        families = {f"worker {index}": self._pool.pids(index) for index in range(self._workers)}
        for name, pids in families.items():
            for place, pid in enumerate(pids):
                yield f"memory MB: {name}.{place}", private_bytes(pid) / _MB
                yield f"open files: {name}.{place}", float(open_files(pid))
        yield "memory MB: application", private_bytes(os.getpid()) / _MB
        yield "open files: application", float(open_files(os.getpid()))
        for name, pid in self._servers.items():
            family = [pid, *descendants(pid)]
            yield f"memory MB: {name}", sum(map(private_bytes, family)) / _MB
            yield f"open files: {name}", float(sum(map(open_files, family)))

    def _database(self) -> Iterator[tuple[str, float]]:
        try:
            with self._store.transaction(write=False) as transaction:
                self.heard = heard_turns(transaction)
                rows, tables = job_rows(transaction), table_sizes(transaction)
                yield "connections", float(connections(transaction))
        except StoreError:
            return
        bound = KEEP_DONE * self._people
        for state in OPEN_STATES:
            yield f"job rows: {state}", float(rows.get(state, 0))
        yield "job rows: done, kept", float(min(bound, rows.get("done", 0)))
        yield "job rows: done, beyond what is kept", float(max(0, rows.get("done", 0) - bound))
        for table in PASSING:
            if table in tables:
                yield f"table bytes: {table}", float(tables[table][0])
        yield "table bytes: all", float(sum(size for size, _ in tables.values()))
        for table, (_, dead) in tables.items():
            yield f"dead rows: {table}", float(dead)

    def _broker(self) -> Iterator[tuple[str, float]]:
        try:
            for queue, length in queue_lengths(self._settings).items():
                yield f"broker queue: {queue}", float(length)
        except OSError:
            return
