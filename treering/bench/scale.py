"""`treering bench scale`: what recall, writing, memory and disk cost as people, passages and ledgers grow."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, get_args

from treering.bench.exponents import fitted
from treering.bench.filling import kept_folder
from treering.bench.results import Results, manifest
from treering.bench.scale_probes import disk_of, own_process, timed, weighed, writing_of
from treering.bench.scale_stores import Axis, empty_store, write_stores
from treering.bench.scale_units import Amounts, measure_units
from treering.memory.models.choose import make_embedder
from treering.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from treering.bench.scale_stores import Progress, SizedStore, Sizes

FITTED = (
    "first_ms",
    "hybrid_ms",
    "tree_ms",
    "first_cpu_ms",
    "hybrid_cpu_ms",
    "tree_cpu_ms",
    "write_cpu_ms",
    "remember_ms",
    "opened_bytes",
    "memory_bytes",
    "disk_bytes",
)
"""Costs that are given an exponent."""

OVER = "exponents over "
"""What the rows of exponents begin with; the axis follows."""

UNITS = "unit costs"
"""The row of what one of everything costs."""


def bench_scale(
    sizes: Sizes,
    *,
    folder: Path | None,
    repeats: int,
    database_url: str | None,
    progress: Progress,
    amounts: Amounts | None = None,
    apart: Callable[[], Executor] = own_process,
) -> Results:
    """Write what is missing, and measure.

    Args:
        sizes: How far each axis goes.
        folder: Where the stores are kept, so that another run measures them again; none: they are removed.
        repeats: Recalls of each kind and size.
        database_url: A scratch PostgreSQL database for the unit costs; none: they have none of PostgreSQL.
        progress: Told what is being done, how much of it is, and how much there is.
        amounts: How much the unit costs are measured on.
        apart: Makes what measures the memory of one store.

    Raises:
        InvalidInput: The folder cannot be used.
    """
    settings = Settings.read(os.environ)
    true = make_embedder(settings.embedder, settings.cache_dir)
    with kept_folder(folder, true.fingerprint) as home:
        stores = write_stores(home, sizes, true, progress)
        times = timed(stores, true, repeats, progress)
        weights = weighed(stores, settings, progress, apart)
        rows = [
            {
                "people": float(one.size if one.axis == "people" else 1),
                one.axis: float(one.size),
                **spent.medians(),
                **writing_of(one),
                **weight,
                "disk_bytes": disk_of(one, empty_store(home)),
            }
            for one, spent, weight in zip(stores, times, weights, strict=True)
        ]
    units = measure_units(settings, true, database_url, amounts or Amounts(), progress)
    systems = {_name(one): row for one, row in zip(stores, rows, strict=True)}
    for axis in get_args(Axis):
        systems[OVER + axis] = exponents([row for one, row in zip(stores, rows, strict=True) if one.axis == axis], axis)
    systems[UNITS] = units
    about: dict[str, str | int | float] = {**sizes.model_dump(), "repeats": repeats, "embedder": true.fingerprint}
    return Results(bench="scale", suite="embedded", systems=systems, manifest=manifest(about))


def write_scale(sizes: Sizes, folder: Path, progress: Progress) -> None:
    """Only write what is missing.

    Raises:
        InvalidInput: The folder cannot be used.
    """
    settings = Settings.read(os.environ)
    true = make_embedder(settings.embedder, settings.cache_dir)
    with kept_folder(folder, true.fingerprint) as home:
        write_stores(home, sizes, true, progress)


def exponents(rows: Sequence[Mapping[str, float]], axis: Axis) -> dict[str, float]:
    """For each cost the exponent over the sizes of an axis, its standard error, and what size 1 would cost."""
    found: dict[str, float] = {}
    for cost in FITTED:
        known = [row for row in rows if cost in row]
        law = fitted([row[axis] for row in known], [row[cost] for row in known])
        if law is not None:
            found |= {
                cost: round(law.exponent, 3),
                f"{cost}_se": round(law.exponent_se, 3),
                f"{cost}_at_1": float(f"{law.factor:.4g}"),
            }
    return found


def _name(one: SizedStore) -> str:
    return f"{one.axis} {one.size:,}"
