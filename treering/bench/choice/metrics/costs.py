"""What a system costs: tokens, times, calls of a chat model, and bytes."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.bench.choice.folder import Heard
    from treering.bench.systems.port import Stats


def costs(heard: Sequence[Heard]) -> dict[str, float]:
    """Tokens of a context, milliseconds of each stage, turns taken in a second, and what the system says of itself."""
    asked = [one for each in heard for one in each.asked]
    if not asked:
        return {}
    ingest_s = sum(one.ingest_s for one in heard)
    found = {"context_tokens": fmean(one.tokens for one in asked)}
    found |= _percentiles("", [one.seconds for one in asked])
    found |= _percentiles("ingest_", [one for each in heard for one in each.ingest_seconds])
    found |= _percentiles("flush_", [one for each in heard for one in each.flush_seconds])
    found["ingest_s"] = ingest_s
    if ingest_s:
        found["turns_per_s"] = sum(one.turns for one in heard) / ingest_s
    stats = [one.stats for one in heard if one.stats is not None]
    return found | (_told(stats) if len(stats) == len(heard) else {})


def _percentiles(stage: str, seconds: Sequence[float]) -> dict[str, float]:
    if not seconds:
        return {}
    return {f"{stage}p{share}_ms": float(np.percentile(seconds, share)) * 1_000 for share in (50, 95)}


def _told(stats: Sequence[Stats]) -> dict[str, float]:
    """Calls and tokens of all histories together; what they add on disk; the most that is held in memory at a time."""
    counted = {
        "listening_calls": [one.model_calls for one in stats],
        "listening_input_tokens": [one.input_tokens for one in stats],
        "listening_output_tokens": [one.output_tokens for one in stats],
    }
    told = {name: [one for one in counts if one is not None] for name, counts in counted.items()}
    found: dict[str, float] = {name: sum(counts) for name, counts in told.items() if len(counts) == len(stats)}
    on_disk = [one.disk_bytes for one in stats if one.disk_bytes is not None]
    in_memory = [one.memory_bytes for one in stats if one.memory_bytes is not None]
    if len(on_disk) == len(stats):
        found["disk_bytes"] = sum(on_disk)
    if len(in_memory) == len(stats):
        found["memory_bytes"] = max(in_memory)
    return found
