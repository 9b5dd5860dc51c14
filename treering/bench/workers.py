"""`treering bench workers`: what real workers do in a second, beside the engine called by hand."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from treering.bench.pool.outcome import scopes_of
from treering.bench.pool.talk import FOR_EVER_MINUTES, people, talk
from treering.bench.pool.workers import Stuck, WorkerPool
from treering.bench.queue_lag import bench_neighbour, bench_remember
from treering.bench.results import Results, manifest
from treering.bench.timing import ratio_of
from treering.client.memory import Memory
from treering.composition import Choices, compose
from treering.memory.stores import SqlStore
from treering.memory.stores.measuring import heard_turns, jobs_left
from treering.memory.stores.upgrading import upgrade_store
from treering.schemas.trunks import load_trunk
from treering.settings import Settings
from treering.testing.servers import PostgresServer, RabbitServer, RedisServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from treering.bench.pool.talk import Spoken
    from treering.memory.engine import Engine
    from treering.schemas.dialogue import Scope

    Progress = Callable[[str], None]

SEED = 20_240_301
"""Of what is said."""

POLL_S = 0.05
"""Seconds between two looks at how far workers are."""

STUCK_S = 300.0
"""Seconds after which a run that is not done is given up."""

FROM, TO = 0.1, 0.95
"""The part of the turns over which a rate is taken: neither the loading of models nor the last few count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerWishes:
    """How much is measured."""

    turns: int = 600
    """Turns that are listened to in each run."""
    people: int = 30
    """Who says them."""
    workers: tuple[int, ...] = (1, 2, 4)
    """Numbers of processes that work at once."""
    pairs: int = 3
    """Pairs of a run of the engine by hand and one of a worker."""
    backlog: int = 2_000
    """Jobs that wait while `remember` is measured."""
    samples: int = 200
    """Calls of `remember` in each state."""
    neighbours: int = 30
    """Turns of the quiet tenant; the noisy one says a hundred times as many."""
    broker: str = "redis"
    """`redis` or `rabbitmq`."""
    embedder: str = "minilm"
    """What listening asks for vectors."""


def bench_workers(wishes: WorkerWishes, progress: Progress) -> Results:
    """Measure workers on a PostgreSQL and a broker that are started for it."""
    spoken = talk(people(wishes.people), wishes.turns, SEED)
    systems: dict[str, dict[str, float]] = {}
    with TemporaryDirectory(prefix="treering-bench-") as folder:
        for count in wishes.workers:
            progress(f"{wishes.turns} turns through {count} worker processes")
            with installation(wishes, Path(folder)) as settings:
                systems[f"{count} workers"] = _Run(settings, spoken).drain(count, Path(folder))
        progress("the engine by hand, beside one worker")
        systems["overhead"] = _bench_overhead(wishes, spoken, Path(folder))
        progress("remember, while nothing waits and while much does")
        with installation(wishes, Path(folder)) as settings:
            systems["remember"] = bench_remember(settings, wishes.backlog, wishes.samples, Path(folder))
        progress("a tenant beside one with a hundred times the load")
        with installation(wishes, Path(folder)) as settings:
            systems["neighbour"] = bench_neighbour(settings, wishes.neighbours, Path(folder))
    named: dict[str, str | int | float] = {
        name: getattr(wishes, name) for name in ("turns", "people", "pairs", "backlog", "samples", "neighbours")
    }
    named |= {"broker": wishes.broker, "embedder": wishes.embedder, "seed": SEED}
    return Results(bench="workers", suite=wishes.broker, systems=systems, manifest=manifest(named))


@contextmanager
def installation(wishes: WorkerWishes, folder: Path) -> Iterator[Settings]:
    """An empty store and a broker on servers of their own."""
    with ExitStack() as stack:
        database = stack.enter_context(PostgresServer())
        broker = stack.enter_context(RabbitServer() if wishes.broker == "rabbitmq" else RedisServer())
        upgrade_store(database.url)
        yield Settings(
            home=folder / "home",
            database_url=database.url,
            broker_url=broker.url,
            embedder=wishes.embedder,
            idle_minutes=FOR_EVER_MINUTES,
        )


def _bench_overhead(wishes: WorkerWishes, spoken: list[Spoken], folder: Path) -> dict[str, float]:
    ratios, by_hand, by_worker = [], [], []
    for _ in range(wishes.pairs):
        with installation(wishes, folder) as settings:
            by_hand.append(_Run(settings, spoken).by_hand())
        with installation(wishes, folder) as settings:
            by_worker.append(_Run(settings, spoken).drain(1, folder)["work_s"])
        ratios.append(by_worker[-1] / by_hand[-1])
    ratio = ratio_of(ratios)
    return {
        "by_hand_s": round(min(by_hand), 2),
        "worker_s": round(min(by_worker), 2),
        "ratio": ratio.median,
        "ratio_low": ratio.low,
        "ratio_high": ratio.high,
    }


class _Run:
    """All that was said, worked off once."""

    def __init__(self, settings: Settings, spoken: list[Spoken]) -> None:
        self._settings = settings
        self._spoken = spoken

    def drain(self, processes: int, folder: Path) -> dict[str, float]:
        """Have a worker with so many processes do all of it."""
        self._say()
        store = SqlStore(self._settings.store_url, load_trunk(self._settings.trunk))
        seen: list[tuple[float, int]] = []
        with WorkerPool(self._settings, 1, folder, concurrency=processes):
            end = time.monotonic() + STUCK_S
            while (open_jobs := self._look(store, seen)) or not seen:
                if time.monotonic() > end:
                    raise Stuck(f"{open_jobs} jobs are left after {STUCK_S:.0f} s; see {folder}/worker-0.log")
                time.sleep(POLL_S)
        store.close()
        return {
            "turns_per_s": rate_of(seen, len(self._spoken)),
            "work_s": round(seen[-1][0] - next(at for at, heard in seen if heard), 2),
        }

    def by_hand(self) -> float:
        """Seconds that the engine takes for the same work, called person by person: one lease, no queue, no broker."""
        self._say()
        engine = compose(self._settings, Choices(), lambda *_: None)
        scopes = scopes_of(self._spoken)
        _do_all(engine, scopes[0])  # loads models
        began = time.perf_counter()
        for scope in scopes[1:]:
            _do_all(engine, scope)
        spent = time.perf_counter() - began
        engine.store.close()
        return spent * len(scopes) / (len(scopes) - 1)

    def _say(self) -> None:
        with Memory(settings=self._settings, background=False) as memory:
            for one in self._spoken:
                memory.remember(one.scope.user, one.message, session=one.session, tenant=one.scope.tenant)
            for scope in scopes_of(self._spoken):
                memory.end_session(scope.user, tenant=scope.tenant)

    def _look(self, store: SqlStore, seen: list[tuple[float, int]]) -> int:
        with store.transaction(write=False) as transaction:
            seen.append((time.monotonic(), heard_turns(transaction)))
            return jobs_left(transaction)


def _do_all(engine: Engine, scope: Scope) -> None:
    with engine.store.begin() as unit:
        job = unit.jobs.lease(scope, "listen", engine.clock.now(), lease_s=3_600)
    if job is None:
        raise Stuck(f"{scope.user} is held by somebody else")
    for kind in ("listen", "summarise", "consolidate"):
        engine.run(job.model_copy(update={"kind": kind}), last_try=True)


def rate_of(seen: Sequence[tuple[float, int]], turns: int) -> float:
    """Turns a second over the middle of a run, of looks at how many turns were heard: `(seconds, turns)`."""
    began, first = next((at, heard) for at, heard in seen if heard >= FROM * turns)
    ended, last = next((at, heard) for at, heard in seen if heard >= TO * turns)
    return round((last - first) / max(ended - began, POLL_S), 1)
