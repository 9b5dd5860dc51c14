"""`treering bench ledger`: reading the past, undo, retraction, forgetting, export and import, as a ledger grows."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from treering.bench.long_ledger import BATCH, LIVE_CLAIMS, long_ledger, write_ledger
from treering.bench.results import Results, manifest
from treering.bench.timing import p50_ms, ratio_of
from treering.client.memory import Memory
from treering.memory.stores import SqlStore
from treering.memory.stores.upgrading import upgrade_store
from treering.schemas.dialogue import Scope
from treering.schemas.trunks import load_trunk
from treering.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

READS = 61
"""Point-in-time reads of each ledger, at versions spread over all of it, the ledgers taking turns."""

FULL = 600
"""Operations after which a ledger has all its live claims; reads of the past begin there, so that sizes are equal."""

CHANGES = 7
"""Undos, retractions and erasures of each ledger."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A database to measure on."""

    name: str
    """As the table of results calls it."""
    url: str
    """SQLAlchemy URL."""


def bench_ledger(lengths: Sequence[int], postgres: str | None, progress: Progress) -> Results:
    """Measure on SQLite, and on a PostgreSQL database made for it where one is named.

    Args:
        lengths: Operations of each ledger.
        postgres: URL of a scratch database; people with random names are added to it.
        progress: Told what is being done.
    """
    systems: dict[str, dict[str, float]] = {}
    with TemporaryDirectory(prefix="treering-bench-") as folder:
        places = [Place(name="sqlite", url=f"sqlite:///{folder}/treering.db")]
        if postgres is not None:
            upgrade_store(postgres)
            places.append(Place(name="postgres", url=postgres))
        for place in places:
            systems |= _bench_place(place, sorted(lengths), progress)
    settings: dict[str, str | int | float] = {
        "lengths": ", ".join(map(str, lengths)),
        "live_claims": LIVE_CLAIMS,
        "operations_a_batch": BATCH,
        "reads": READS,
        "changes": CHANGES,
    }
    return Results(bench="ledger", suite="long ledgers", systems=systems, manifest=manifest(settings))


def _bench_place(place: Place, lengths: Sequence[int], progress: Progress) -> dict[str, dict[str, float]]:
    people = {length: f"bench-{length}-{secrets.token_hex(4)}" for length in lengths}
    metrics: dict[int, dict[str, float]] = {}
    with _opened(place) as memory:
        for length, user in people.items():
            progress(f"{place.name}: write {length:,} operations")
            metrics[length] = {"operations": length, "write_s": _write(place, user, length)}
        progress(f"{place.name}: read the past, the ledgers taking turns")
        for length, read in _read(memory, people).items():
            metrics[length] |= read
        for length, user in people.items():
            progress(f"{place.name}: export and import {length:,} operations")
            metrics[length] |= _move(memory, user)
            progress(f"{place.name}: change a ledger of {length:,} operations")
            metrics[length] |= _change(memory, user)
    return {f"{place.name} {length:,}": found for length, found in metrics.items()}


@contextmanager
def _opened(place: Place) -> Iterator[Memory]:
    settings = Settings.read(os.environ).model_copy(update={"database_url": place.url, "embedder": "hash"})
    with Memory(settings=settings, background=False) as memory:
        yield memory


def _write(place: Place, user: str, length: int) -> float:
    """Write a ledger with the turns that it rests on; seconds."""
    trunk = load_trunk("core")
    store = SqlStore(place.url, trunk)
    operations = list(long_ledger(trunk, length))
    began = perf_counter()
    write_ledger(store, Scope(user=user), operations)
    store.close()
    return round(perf_counter() - began, 1)


def _read(memory: Memory, people: Mapping[int, str]) -> dict[int, dict[str, float]]:
    """Point-in-time reads, interleaved; each ratio is to the read of the shortest ledger in the same round."""
    spent: dict[int, list[float]] = {length: [] for length in people}
    present: dict[int, list[float]] = {length: [] for length in people}
    for number in range(READS):
        for length, user in people.items():
            grown, last = min(FULL, length) // BATCH, length // BATCH
            version = grown + round((last - grown) * number / (READS - 1))
            spent[length].append(_seconds(partial(memory.tree, user, version=version)))
            present[length].append(_seconds(partial(memory.tree, user)))
    shortest = min(people)
    found: dict[int, dict[str, float]] = {}
    for length, seconds in spent.items():
        ratio = ratio_of([one / other for one, other in zip(seconds, spent[shortest], strict=True)])
        found[length] = {
            "as_of_p50_ms": p50_ms(seconds),
            "present_p50_ms": p50_ms(present[length]),
            "as_of_ratio_to_shortest": ratio.median,
            "ratio_low": ratio.low,
            "ratio_high": ratio.high,
        }
    return found


def _change(memory: Memory, user: str) -> dict[str, float]:
    """Undo one batch (and bring it back), retract a message, forget a claim: each committed, vectors not counted."""
    undo, redo = [], []
    for _ in range(CHANGES):
        undo.append(_seconds(partial(memory.undo, user)))
        redo.append(_seconds(partial(memory.redo, user)))
    messages = [claim.evidence[0].message_id for claim in memory.tree(user).claims[:CHANGES]]
    retract = [_seconds(partial(memory.retract, user, message)) for message in messages]
    claims = [claim.id for claim in memory.tree(user).claims[-CHANGES:]]
    forget = [_seconds(partial(memory.forget, user, claims=[claim])) for claim in claims]
    return {
        "undo_p50_ms": p50_ms(undo),
        "redo_p50_ms": p50_ms(redo),
        "retract_p50_ms": p50_ms(retract),
        "forget_p50_ms": p50_ms(forget),
    }


def _move(memory: Memory, user: str) -> dict[str, float]:
    """Export to a file, and import it under another name."""
    with TemporaryDirectory(prefix="treering-bench-") as folder:
        file = Path(folder, "export.json")
        export_s = _seconds(partial(memory.export_to, user, file))
        import_s = _seconds(partial(memory.restore, f"{user}-moved", file))
        size = file.stat().st_size
    return {"export_s": round(export_s, 2), "import_s": round(import_s, 2), "export_mb": round(size / 1e6, 1)}


def _seconds(action: Callable[[], object]) -> float:
    began = perf_counter()
    action()
    return perf_counter() - began
