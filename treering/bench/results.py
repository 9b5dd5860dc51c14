"""What every benchmark prints and writes: systems, metrics, and the circumstances they were measured under."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from typing import TYPE_CHECKING

from treering.schemas.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

_WHOLE = ("context_tokens", "turns_per_s")
"""Metrics of which no fraction matters."""

_PACKAGES = ("treering", "pydantic", "sqlalchemy", "numpy", "onnxruntime", "langgraph")


class Manifest(Value):
    """The circumstances of a measurement."""

    python: str
    """Version of Python."""
    machine: str
    """Kind of machine."""
    cores: int
    """Cores that the process may use."""
    versions: dict[str, str]
    """Versions of the packages that matter."""
    settings: dict[str, str | int | float]
    """What the run was asked for."""


class Results(Value):
    """`{"bench", "suite", "systems": {SYSTEM: {METRIC: number}}, "manifest"}`."""

    bench: str
    """Name of the benchmark."""
    suite: str
    """What it was run on."""
    systems: dict[str, dict[str, float]]
    """Numbers by system and metric."""
    manifest: Manifest
    """The circumstances."""


def shown(row: Mapping[str, float], metric: str) -> str:
    """A number of a row as people read it, with its standard error where it has one; nothing where there is none.

    Example:
        >>> shown({"accuracy": 0.5, "accuracy_se": 0.05}, "accuracy"), shown({"p50_ms": 1.25}, "p50_ms")
        ('0.500 ±0.050', '1.2')
    """
    if metric not in row:
        return ""
    value, error = row[metric], row.get(f"{metric}_se")
    if metric in _WHOLE:
        return f"{value:,.0f}"
    if metric.endswith("_ms"):
        return f"{value:,.1f}"
    return f"{value:.2f}" if error is None else f"{value:.3f} ±{error:.3f}"


def manifest(settings: dict[str, str | int | float]) -> Manifest:
    """The circumstances of a measurement that is made here and now."""
    return Manifest(
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.machine()}",
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        versions={name: version for name in _PACKAGES if (version := _version(name))},
        settings=settings,
    )


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
