"""From unit costs to machines: what so many people need, and what is full first. Reckoned, not measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, ValidationError

from treering.bench.exponents import PowerLaw
from treering.bench.results import Results, manifest
from treering.bench.scale import OVER, UNITS
from treering.errors import InvalidInput
from treering.memory.listeners.model import WINDOW_TURNS
from treering.memory.upkeep import PEOPLE_A_PERIOD, PERIOD_S, SESSIONS_A_SWEEP
from treering.schemas.value import Value
from treering.workers.schedule import SWEEP_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DAY_S = 86_400
FLOAT_BYTES = 4

Share = Annotated[float, Field(gt=0, le=1)]
Amount = Annotated[float, Field(gt=0)]


class Assumed(Value):
    """What is assumed: how people talk, and what a machine can do. None of it was measured."""

    active: Share = 0.1
    """Share of the people who talk on a day."""
    turns_a_day: Amount = 20.0
    """Turns of each of these, with the answers."""
    sessions_a_day: Amount = 2.0
    """Conversations of each of these."""
    session_minutes: Amount = 15.0
    """How long one lasts: for so long what was read of a person is worth keeping in memory."""
    peak: Amount = 3.0
    """The busiest hour, by the mean one."""
    passages: Amount = 2_000.0
    """Passages of a person."""
    hot: Share = 1.0
    """Share of the people whose memory is in a database; of the others there is an export in object storage. Nothing
    moves anybody there yet."""
    copies: Amount = 2.0
    """Copies of each database and of each shard of vectors."""
    busy: Share = 0.6
    """How busy cores, disks and memory may be in the busiest hour."""
    cores: Amount = 32.0
    """Cores of a machine, each as fast as one of those that measured."""
    memory_gb: Amount = 128.0
    """Memory of a machine."""
    disk_tb: Amount = 4.0
    """Disk of a machine."""
    transactions: Amount = 20_000.0
    """Transactions a second of a PostgreSQL server, those that only read too."""
    log_mb: Amount = 200.0
    """Megabytes a second that a PostgreSQL server can write to its log, and send to its copies."""
    messages: Amount = 10_000.0
    """Messages a second of a broker."""
    upkeep_days: Amount = 1.0
    """In how many days the net of the upkeep should have come by everybody."""
    code_bytes: Amount = 1.0
    """Bytes of a number of a vector that Qdrant keeps in memory: 1 for scalar quantisation, 4 without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One kind of thing that people fill."""

    name: str
    """What."""
    holds: float
    """People whom one of it can serve."""
    copies: float
    """How many stand where one is needed."""
    is_of_store: bool
    """Whether there is one a store, so that more of it means more stores."""
    rests_on: str
    """The measured figure behind it, by its name in the results."""

    def count(self, people: float) -> int:
        """How many of it so many people need, copies included."""
        return math.ceil(people / self.holds * self.copies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What so many people need."""

    people: int
    """How many."""
    assumed: Assumed
    """What was assumed."""
    needs: tuple[Need, ...]
    """What is full first comes first."""
    totals: Mapping[str, float]
    """Sums over everybody."""

    @property
    def people_a_store(self) -> float:
        """People whom one store can have: what is full first of that of which a store has one."""
        return min(need.holds for need in self.needs if need.is_of_store)

    @property
    def stores(self) -> int:
        """Independent stores, each with its own sweep, upkeep and database."""
        return math.ceil(self.people / self.people_a_store)


def assumptions(given: Sequence[str]) -> Assumed:
    """The assumptions, with some replaced by `name=value`.

    Raises:
        InvalidInput: One is not known, or its value cannot be.

    Example:
        >>> assumptions(["turns_a_day=40"]).turns_a_day
        40.0
    """
    named = dict(one.partition("=")[::2] for one in given)
    try:
        return Assumed.model_validate_strings(named)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        known = ", ".join(Assumed.model_fields)
        raise InvalidInput(f"--assume {wrong['loc'][0]}", f"{wrong['msg']}; known are {known}") from error


def planned(results: Results, people: int, assumed: Assumed) -> Plan:
    """What so many people need, by the unit costs of a run.

    Raises:
        InvalidInput: The run has no such figures.
    """
    figures = _Figures(results)
    turns_s = assumed.active * assumed.turns_a_day * assumed.peak / DAY_S
    hot_passages = assumed.hot * assumed.passages
    needs = (
        *_machines(figures, assumed, turns_s),
        *_database(figures, assumed, turns_s, hot_passages),
        *_vectors(figures, assumed, hot_passages),
        *_beat(assumed),
        Need(
            name="broker, messages",
            holds=assumed.messages * assumed.busy / turns_s,
            copies=assumed.copies,
            is_of_store=False,
            rests_on="one message a turn",
        ),
    )
    cold = people * (1 - assumed.hot) * assumed.passages
    return Plan(
        people=people,
        assumed=assumed,
        needs=tuple(sorted(needs, key=lambda need: need.holds)),
        totals={
            "turns a second, busiest hour": people * turns_s,
            "recalls a second, busiest hour": people * turns_s / 2,
            "passages in databases": people * hot_passages,
            "TB in databases, one copy": people * hot_passages * figures.unit("postgres_bytes") / 1e12,
            "TB of vectors, one copy": people * hot_passages * figures.unit("dimension") * FLOAT_BYTES / 1e12,
            "TB of exports in object storage": cold * figures.unit("export_bytes") / 1e12,
            "windows a day, where a chat model listens": people * assumed.active * assumed.turns_a_day / WINDOW_TURNS,
        },
    )


def as_results(plan: Plan) -> Results:
    """The plan as other commands write their numbers: a row for each thing, and one of sums."""
    rows = {
        need.name: {"people_of_one": round(need.holds), "needed": float(need.count(plan.people))} for need in plan.needs
    }
    sums = {**plan.totals, "stores": float(plan.stores), "people_a_store": round(plan.people_a_store)}
    about: dict[str, str | int | float] = {"people": plan.people, **plan.assumed.model_dump()}
    return Results(bench="scale", suite="plan", systems={**rows, "altogether": sums}, manifest=manifest(about))


class _Figures:
    """The figures of a run, by name."""

    def __init__(self, results: Results) -> None:
        self._systems = results.systems

    def unit(self, name: str) -> float:
        """What one costs."""
        return self._read(UNITS, name)

    def of_person(self, cost: str, passages: float) -> float:
        """A cost of a person who has so many passages, by the fitted line."""
        row = OVER + "passages"
        law = PowerLaw(
            exponent=self._read(row, cost),
            exponent_se=self._read(row, f"{cost}_se"),
            factor=self._read(row, f"{cost}_at_1"),
        )
        return law.at(passages)

    def _read(self, row: str, name: str) -> float:
        try:
            return self._systems[row][name]
        except KeyError as error:
            raise InvalidInput(
                "--from", f"has no {name!r} of {row!r}; measure with `treering bench scale --database-url … --json`"
            ) from error


def _machines(figures: _Figures, assumed: Assumed, turns_s: float) -> list[Need]:
    """Machines that listen, and machines that answer: as many as one likes of both."""
    cores = assumed.cores * assumed.busy
    first = min(1.0, 2 * assumed.sessions_a_day / assumed.turns_a_day)
    later_ms, first_ms = (figures.of_person(name, assumed.passages) for name in ("hybrid_cpu_ms", "first_cpu_ms"))
    recall_ms = figures.unit("question_cpu_ms") + first * first_ms + (1 - first) * later_ms
    talking = assumed.active * assumed.sessions_a_day * assumed.session_minutes * 60 * assumed.peak / DAY_S
    warm_bytes = talking * figures.of_person("memory_bytes", assumed.passages)
    return [
        _free(
            "machine of workers, cores",
            1_000 * cores / figures.unit("postgres_turn_cpu_ms") / turns_s,
            "postgres_turn_cpu_ms",
        ),
        _free(
            "machine that answers, cores",
            1_000 * cores / recall_ms / (turns_s / 2),
            "question_cpu_ms, hybrid_cpu_ms, first_cpu_ms",
        ),
        _free("machine that answers, memory", assumed.memory_gb * 1e9 * assumed.busy / warm_bytes, "memory_bytes"),
    ]


def _database(figures: _Figures, assumed: Assumed, turns_s: float, hot_passages: float) -> list[Need]:
    """PostgreSQL: one primary a store, and its copies."""
    a_turn = {name: figures.unit(name) * turns_s for name in ("postgres_transactions", "postgres_log_bytes")}
    room = assumed.disk_tb * 1e12 * assumed.busy
    return [
        _of_store(
            "PostgreSQL, disk", room / (hot_passages * figures.unit("postgres_bytes")), assumed, "postgres_bytes"
        ),
        _of_store(
            "PostgreSQL, transactions",
            assumed.transactions * assumed.busy / a_turn["postgres_transactions"],
            assumed,
            "postgres_transactions",
        ),
        _of_store(
            "PostgreSQL, log",
            assumed.log_mb * 1e6 * assumed.busy / a_turn["postgres_log_bytes"],
            assumed,
            "postgres_log_bytes",
        ),
    ]


def _vectors(figures: _Figures, assumed: Assumed, hot_passages: float) -> list[Need]:
    """Qdrant, where it holds the vectors: codes in memory, whole vectors on disk."""
    numbers = hot_passages * figures.unit("dimension")
    memory = assumed.memory_gb * 1e9 * assumed.busy / (numbers * assumed.code_bytes)
    disk = assumed.disk_tb * 1e12 * assumed.busy / (numbers * (FLOAT_BYTES + assumed.code_bytes))
    return [
        Need(name="Qdrant, memory", holds=memory, copies=assumed.copies, is_of_store=False, rests_on="dimension"),
        Need(name="Qdrant, disk", holds=disk, copies=assumed.copies, is_of_store=False, rests_on="dimension"),
    ]


def _beat(assumed: Assumed) -> list[Need]:
    """What goes by the clock, by the constants of the code."""
    sessions_s = assumed.active * assumed.sessions_a_day * assumed.peak / DAY_S
    return [
        Need(
            name="sweep of idle sessions",
            holds=SESSIONS_A_SWEEP / SWEEP_S / sessions_s,
            copies=1,
            is_of_store=True,
            rests_on=f"{SESSIONS_A_SWEEP} sessions every {SWEEP_S:g} s",
        ),
        Need(
            name="round of the upkeep",
            holds=PEOPLE_A_PERIOD / PERIOD_S * DAY_S * assumed.upkeep_days,
            copies=1,
            is_of_store=True,
            rests_on=f"{PEOPLE_A_PERIOD:,} people every {PERIOD_S:g} s",
        ),
    ]


def _free(name: str, holds: float, rests_on: str) -> Need:
    return Need(name=name, holds=holds, copies=1, is_of_store=False, rests_on=rests_on)


def _of_store(name: str, holds: float, assumed: Assumed, rests_on: str) -> Need:
    return Need(name=name, holds=holds, copies=assumed.copies, is_of_store=True, rests_on=rests_on)
