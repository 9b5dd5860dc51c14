"""What is measured of a store of one size: recalls in turn with those of other sizes, memory, and disk."""

from __future__ import annotations

import gc
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from treering.bench.filling import Filling, written
from treering.bench.scale_stores import OPENER
from treering.bench.systems.port import folder_bytes
from treering.memory.models.choose import make_embedder
from treering.testing.processes import private_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from treering.bench.scale_stores import Progress, SizedStore
    from treering.memory.ports import Embedder
    from treering.schemas.recall import Mode
    from treering.settings import Settings

ASKED = 10
"""People whose recall shows what one takes of memory."""

MODES: tuple[Mode, ...] = ("hybrid", "hybrid", "tree")
"""What is asked of a person in a round: the first, the next, and the tree alone."""

LATEST = 0.9
"""Writing is judged by the people who came after this share of the others: they met a store of about its size."""


@dataclass(slots=True)
class Times:
    """Seconds of recalls beyond the embedding of their question, on the wall and of processors, by what is asked."""

    wall: list[Sequence[float]] = field(default_factory=list)
    """A round each, in the order of `MODES`."""
    cpu: list[Sequence[float]] = field(default_factory=list)
    """Likewise; what else the machine does hardly changes it."""

    def medians(self) -> dict[str, float]:
        """In milliseconds."""
        found = {}
        for spent, unit in ((self.wall, "ms"), (self.cpu, "cpu_ms")):
            for name, seconds in zip(("first", "hybrid", "tree"), zip(*spent, strict=True), strict=True):
                found[f"{name}_{unit}"] = round(1_000 * median(seconds), 3)
        return found


def timed(stores: Sequence[SizedStore], true: Embedder, repeats: int, progress: Progress) -> list[Times]:
    """Recalls of all stores, which take turns: what else the machine does meets all sizes alike.

    A store is opened anew for each round, by a recall of somebody else, so that nothing is known of the person yet, and
    in a round all are asked the same. A round before the first is not counted.
    """
    found = [Times() for _ in stores]
    asked = [one.asked(repeats) for one in stores]
    for number in range(repeats + 1):
        order = range(len(stores)) if number % 2 else reversed(range(len(stores)))
        for place in order:
            who = asked[place][number - 1]
            with Filling(stores[place].home, true, seed=number) as filling:
                filling.recall(OPENER, "hybrid", invents=True)
                wall, cpu = zip(*(_seconds(filling, who, mode) for mode in MODES), strict=True)
            if number:
                found[place].wall.append(wall)
                found[place].cpu.append(cpu)
        progress("recall, the sizes taking turns", number, repeats)
    return found


def weighed(
    stores: Sequence[SizedStore], settings: Settings, progress: Progress, apart: Callable[[], Executor]
) -> list[dict[str, float]]:
    """Memory of each store's recalls.

    Args:
        stores: The stores.
        settings: Those of the run, by which the embedder is made.
        progress: Told how many are done.
        apart: Makes what measures one: a process that has not seen another.
    """
    found = []
    for done, one in enumerate(stores, start=1):
        with apart() as executor:
            found.append(executor.submit(memory_of, one.home, one.asked(ASKED), settings).result())
        progress("memory, a process for each size", done, len(stores))
    return found


def own_process() -> Executor:
    """Runs what it is given in a process of its own."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def memory_of(home: Path, asked: Sequence[str], settings: Settings) -> dict[str, float]:
    """Bytes that this process has for itself once a store is open, and what each person adds who is recalled."""
    with Filling(home, make_embedder(settings.embedder, settings.cache_dir)) as filling:
        for mode in MODES:
            filling.recall(OPENER, mode, invents=True)
        opened = _held()
        for who in asked:
            for mode in MODES:
                filling.recall(who, mode, invents=True)
        added = _held() - opened
    return {"opened_bytes": float(opened), "memory_bytes": max(0.0, added / len(set(asked)))}


def disk_of(one: SizedStore, empty: Path) -> float:
    """Bytes beyond a store with hardly anybody in it."""
    return float(max(0, folder_bytes(one.home) - folder_bytes(empty)))


def writing_of(one: SizedStore) -> dict[str, float]:
    """What writing cost those who came last: processor time a turn, and the wait for a `remember` of a session."""
    came = [person for person in written(one.home) if person.turns == one.turns]
    latest = came[int(LATEST * len(came)) :]
    if not latest or not one.turns:
        return {}
    return {
        "write_cpu_ms": round(1_000 * median(person.cpu_s / person.turns for person in latest), 3),
        "remember_ms": round(median(person.remember_ms for person in latest), 3),
    }


def _held() -> int:
    gc.collect()
    return private_bytes(os.getpid())


def _seconds(filling: Filling, who: str, mode: Mode) -> tuple[float, float]:
    began, cpu = perf_counter(), process_time()
    filling.recall(who, mode, invents=True)
    return perf_counter() - began, process_time() - cpu
