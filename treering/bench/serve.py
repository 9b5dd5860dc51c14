"""`treering bench serve`: a real server under load, beside threads that call the SDK, and restarts meanwhile."""

from __future__ import annotations

import json
import os
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import uuid4

from treering.bench.generated import SparingEmbedder, Words
from treering.bench.long_ledger import LIVE_CLAIMS, long_ledger, write_ledger
from treering.bench.results import Results, manifest
from treering.bench.serve_inside import Inside
from treering.bench.serve_load import Answered, Request, load
from treering.bench.serve_process import ServedProcess
from treering.bench.serve_restart import judged, restart_under_load
from treering.bench.soak_trend import trend
from treering.bench.systems.treering import DeafListener
from treering.bench.timing import ratio_of
from treering.client.memory import Memory
from treering.errors import MissingExtra
from treering.memory.models.choose import make_embedder
from treering.memory.stores import SqlStore
from treering.memory.stores.upgrading import upgrade_store
from treering.schemas.dialogue import Message, Scope
from treering.schemas.trunks import load_trunk
from treering.settings import Settings
from treering.testing.installed import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROUNDS = 6
"""Turns that each load takes: what else a machine does is then spread over all of them."""

LIVE_S = 3.0
"""Seconds for which the cheapest route is asked, which tells what the clients cost."""

WARM_S = 2.0
"""Seconds of recalls that are not counted."""

RESTART_S = 1.5
"""Seconds for which clients write before each restart."""

SESSION_TURNS = 40
"""Turns of a session of whoever is asked about."""

ALL_TURNS = 1_000_000
"""More than a client writes."""

MEMORY_FLOOR = 24_000_000
"""Growth of the server's memory that is none, in bytes: so much do its caches of words take, which have bounds, with a
vocabulary as large as that of the questions."""

_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
_INSIDE = "threads in process"
_MB = 1_000_000

Metrics = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is measured."""

    seconds: float = 60.0
    """For how long each number of clients asks, and writes."""
    clients: tuple[int, ...] = (1, 8, 32)
    """How many ask at once."""
    restarts: int = 5
    """How often the server is restarted while clients write."""
    turns: int = 3_000
    """Turns of whoever is asked about."""
    claims: int = LIVE_CLAIMS
    """Claims of theirs."""
    database_url: str | None = None
    """A scratch PostgreSQL database; people with random names are left in it. None: an SQLite file."""
    rounds: int = ROUNDS
    """Turns that each load takes."""

    @property
    def threads(self) -> int:
        """Threads of the process that a server is measured beside: 8, or the most clients."""
        return 8 if 8 in self.clients else max(self.clients)  # noqa: PLR2004 - what the bar is about

    @property
    def steps(self) -> int:
        """How often progress is told."""
        return 2 + self.rounds * (1 + len(self.clients)) + len(self.clients) + self.restarts


def bench_serve(wishes: Wishes, progress: Callable[[str], None]) -> Results:
    """Measure on this machine, in a folder that is removed afterwards.

    Raises:
        MissingExtra: Celery is not installed: a broker is named to the server that nobody runs, so that nobody listens
            while writing is measured.
        TreeringError: The server does not start.
    """
    if find_spec("celery") is None:
        raise MissingExtra("treering bench serve", "celery")
    with TemporaryDirectory(prefix="treering-bench-") as folder:
        settings = _settings(Path(folder), wishes.database_url)
        bench = _Bench(settings, wishes, progress)
        systems = bench.run()
    about: dict[str, str | int | float] = {
        "seconds": wishes.seconds,
        "rounds": wishes.rounds,
        "turns": wishes.turns,
        "claims": wishes.claims,
        "restarts": wishes.restarts,
        "embedder": settings.embedder,
        "database": settings.store_url.partition(":")[0],
    }
    return Results(bench="serve", suite="loopback", systems=systems, manifest=manifest(about))


def faults(results: Results) -> list[str]:
    """What should not be, in words: whatever failed, was cut or lost, or grows.

    Example:
        >>> results = Results(bench="serve", suite="", systems={"restarts": {"cut": 2.0}}, manifest=manifest({}))
        >>> faults(results)
        ['restarts: cut 2']
    """
    return [
        f"{system}: {name.replace('_', ' ')} {metrics[name]:g}"
        for system, metrics in results.systems.items()
        for name in ("errors", "cut", "wrong", "lost", "stored_twice", "grows")
        if metrics.get(name)
    ]


def _settings(home: Path, database_url: str | None) -> Settings:
    """The settings of this process, for a server whose work nobody does."""
    own = Settings.read(os.environ).model_dump(exclude_unset=True, exclude={"database_url", "upstream_url"})
    named = {"home": home, "auth": "open", "broker_url": f"redis://127.0.0.1:{free_port()}/0"}
    return Settings.model_validate(own | named | ({"database_url": database_url} if database_url else {}))


class _Bench:
    def __init__(self, settings: Settings, wishes: Wishes, progress: Callable[[str], None]) -> None:
        self._settings = settings
        self._wishes = wishes
        self._progress = progress
        self._run = uuid4().hex[:8]
        self._person = f"asked-{self._run}"

    def run(self) -> dict[str, Metrics]:
        """All of it: the server that is loaded is the one that is restarted."""
        self._progress(f"write {self._wishes.turns:,} turns and {self._wishes.claims:,} claims of one person")
        _fill(self._settings, self._person, self._wishes)
        with ServedProcess(self._settings) as server:
            systems = {"live, 8 clients": self._live(server)} | self._recalls(server) | self._remembers(server)
            if self._wishes.restarts:
                systems["restarts"] = self._restarts(server)
        return systems

    def _live(self, server: ServedProcess) -> Metrics:
        self._progress("the cheapest route, which tells what the clients cost")
        seconds = min(LIVE_S, self._wishes.seconds)
        load(server.port, min(WARM_S, self._wishes.seconds), [self._asking(seed) for seed in range(8)])
        cpu_before = server.cpu_s
        answered = load(server.port, seconds, [lambda: Request(path="/health/live")] * 8)
        count = max(1, len(answered.took_s))
        return {
            **answered.metrics(server.cpu_s - cpu_before),
            "client_cpu_ms": round(1_000 * answered.cpu_s / count, 3),
        }

    def _recalls(self, server: ServedProcess) -> dict[str, Metrics]:
        """Recalls by so many clients, and by threads of another process: they take turns."""
        wishes = self._wishes
        seconds = wishes.seconds / wishes.rounds
        found: dict[str, Answered] = {}
        cpu_s: dict[str, float] = {}
        ratios: list[float] = []
        with Inside(self._settings, self._person) as inside, server.watched() as samples:
            for number in range(wishes.rounds):
                p50_s: dict[str, float] = {}
                for place, clients in enumerate(wishes.clients):
                    name = _recall(clients)
                    self._progress(f"recall, {clients} clients, round {number + 1} of {wishes.rounds}")
                    before = server.cpu_s
                    answered = load(
                        server.port, seconds, [self._asking(seed) for seed in _seeds(number, place, clients)]
                    )
                    cpu_s[name] = cpu_s.get(name, 0.0) + server.cpu_s - before
                    p50_s[name] = median(answered.took_s or [0.0])
                    found.setdefault(name, Answered()).add(answered)
                place = wishes.clients.index(wishes.threads)
                self._progress(f"recall, {wishes.threads} {_INSIDE}, round {number + 1} of {wishes.rounds}")
                answered = inside.recall(seconds, _seeds(number, place, wishes.threads))
                found.setdefault(_INSIDE, Answered()).add(answered)
                ratios.append(p50_s[_recall(wishes.threads)] / median(answered.took_s))
        ratio = ratio_of(ratios)
        return {
            **{name: one.metrics(cpu_s[name]) for name, one in found.items() if name != _INSIDE},
            f"recall, {wishes.threads} {_INSIDE}": found[_INSIDE].metrics(found[_INSIDE].cpu_s),
            f"recall, {wishes.threads} clients beside {_INSIDE}": {
                "ratio": ratio.median,
                "ratio_low": ratio.low,
                "ratio_high": ratio.high,
            },
            "memory while recalling": _grown(samples),
        }

    def _remembers(self, server: ServedProcess) -> dict[str, Metrics]:
        """Writes by so many clients, each of a person of its own, while nobody listens."""
        found: dict[str, Metrics] = {}
        with server.watched() as samples:
            for clients in self._wishes.clients:
                self._progress(f"remember, {clients} clients")
                before = server.cpu_s
                seconds = self._wishes.seconds
                answered = load(server.port, seconds, [self._saying(clients, one) for one in range(clients)])
                found[f"remember, {clients} clients"] = answered.metrics(server.cpu_s - before)
        return {**found, "memory while remembering": _grown(samples)}

    def _restarts(self, server: ServedProcess) -> Metrics:
        wishes = self._wishes
        writers = restart_under_load(
            server,
            [f"writer-{self._run}-{number}" for number in range(wishes.threads)],
            restarts=wishes.restarts,
            seconds=min(RESTART_S, wishes.seconds),
            progress=self._progress,
        )
        with Memory(settings=self._settings, background=False) as memory:
            told = judged(writers, lambda person: [turn.message_id for turn in memory.turns(person, last=ALL_TURNS)])
        return {"restarts": float(wishes.restarts), **told}

    def _asking(self, seed: int) -> Callable[[], Request]:
        words, path = Words(seed), f"/v1/recall?user={quote(self._person)}"
        return lambda: Request(path=path, body=json.dumps({"query": words.question()}))

    def _saying(self, clients: int, one: int) -> Callable[[], Request]:
        person = f"said-{self._run}-{clients}-{one}"
        words, said = Words(one), iter(range(10**9))

        def say() -> Request:
            message = {"content": words.turn(), "id": f"{person}-{next(said)}"}
            return Request(path=f"/v1/messages?user={person}", body=json.dumps({"messages": [message]}))

        return say


def _recall(clients: int) -> str:
    return f"recall, {clients} clients"


def _seeds(number: int, place: int, count: int) -> Sequence[int]:
    """Seeds of questions that nobody else of the same server asks: a question that is known costs less."""
    return range(first := 1_000 + (100 * number + place) * 1_000, first + count)


def _fill(settings: Settings, person: str, wishes: Wishes) -> None:
    """One person, with turns whose vectors are invented: what a search costs is in their number."""
    embedder = SparingEmbedder(make_embedder(settings.embedder, settings.cache_dir))
    words = Words(seed=7)
    if settings.database_url is not None:
        upgrade_store(settings.store_url)
    with Memory(settings=settings, embedder=embedder, listener=DeafListener(), background=False) as memory:
        trunk = load_trunk(settings.trunk)
        additions = (one for one in long_ledger(trunk, 2 * wishes.claims) if one.kind == "ADD")
        with closing(SqlStore(settings.store_url, trunk, fingerprint=embedder.fingerprint)) as store:
            write_ledger(store, Scope(user=person), list(islice(additions, wishes.claims)))
        for first in range(0, wishes.turns, SESSION_TURNS):
            said = [
                Message(content=words.turn(), at=_BEGIN + timedelta(minutes=first * 10 + number))
                for number in range(min(SESSION_TURNS, wishes.turns - first))
            ]
            memory.remember(person, said, session=f"s{first}")
        memory.flush(person)


def _grown(samples: Sequence[tuple[float, int]]) -> Metrics:
    """What became of the server's memory."""
    found = trend([at for at, _ in samples], [size for _, size in samples], floor=MEMORY_FLOOR)
    return {
        "first_mb": round(found.first / _MB, 1),
        "middle_mb": round(found.middle / _MB, 1),
        "last_mb": round(found.last / _MB, 1),
        "grows": float(found.verdict == "grows"),
    }
