"""What a system costs: tokens and times."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.bench.choice.folder import Heard


def costs(heard: Sequence[Heard]) -> dict[str, float]:
    """Tokens of a context, milliseconds until it stands, and turns taken in a second."""
    asked = [one for each in heard for one in each.asked]
    if not asked:
        return {}
    seconds = [one.seconds for one in asked]
    ingest_s = sum(one.ingest_s for one in heard)
    return {
        "context_tokens": fmean(one.tokens for one in asked),
        "p50_ms": float(np.percentile(seconds, 50)) * 1_000,
        "p95_ms": float(np.percentile(seconds, 95)) * 1_000,
        **({"turns_per_s": sum(one.turns for one in heard) / ingest_s} if ingest_s else {}),
    }
