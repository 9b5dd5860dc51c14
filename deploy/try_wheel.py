"""Install the wheel of dist/ with each extra in a new environment, and try it there: `try_wheel.py PYTHON…`."""  # noqa: INP001 - a script

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from environments import TESTED, built, environment, tell

if TYPE_CHECKING:
    from pathlib import Path

ROOMS = {
    "": "treering.client.memory",
    "bench": "treering.bench.systems.mem0, mem0",
    "bench-graphiti": "treering.bench.systems.graphiti",
    "bench-hindsight": "treering.bench.systems.hindsight, hindsight_client",
    "bench-langmem": "treering.bench.systems.langmem",
    "bench-letta": "treering.bench.systems.letta, letta_client",
    "bench-memobase": "treering.bench.systems.memobase, memobase",
    "celery": "treering.workers.celery_app",
    "client": "treering.client.remote.memory",
    "encryption": "treering.memory.stores.encryption",
    "light": "treering.memory.models.minilm",
    "mcp": "treering.sidecar.mcp.server",
    "metrics": "treering.workers.metrics",
    "models": "treering.graph.middleware",
    "pii": "treering.memory.models.personal_data, presidio_analyzer",
    "postgres": "treering.memory.stores.postgres, psycopg",
    "qdrant": "treering.memory.indexes.qdrant",
    "report": "treering.bench.report.page, matplotlib",
    "server": "treering.sidecar.serving",
    "telemetry": "treering.telemetry.exporting, opentelemetry.sdk, pythonjsonlogger",
}
"""What is imported with each extra, warnings being errors. `local` is left out: it brings 3 GB of CUDA to Linux."""

THEIRS = {"bench-graphiti": "graphiti_core", "bench-langmem": "langmem"}
"""What is imported besides, and warns of what it does itself."""

UNTESTED = {"bench"}
"""Extras that contradict the versions that were tested together: mem0 asks for protobuf below 7."""

TALK = """
from treering import Memory
with Memory("store", embedder="hash", background=False) as memory:
    memory.remember("ana", "I moved to Lisbon.")
    memory.flush()
    assert "Lisbon" in memory.recall("ana", "In which city do I live?").context
"""


def tried(python: str, wheel: Path, extra: str) -> None:
    """Install it, look for what contradicts, import, talk, and ask for the version."""
    with environment(python) as own:
        versions = () if extra in UNTESTED else TESTED
        own.install(*versions, f"{wheel}[{extra}]" if extra else str(wheel))
        own.check()
        own.run(own.python, "-W", "error", "-c", f"import {ROOMS[extra]}")
        own.run(own.python, "-c", f"import {THEIRS.get(extra, 'treering')}")
        own.run(own.python, "-W", "error", "-c", TALK)
        said = own.run(own.program("treering"), "--version", stdout=subprocess.PIPE).stdout.strip()
    tell(f"{python}: {extra or 'no extra'} works, {said}")


if __name__ == "__main__":
    made = built("*.whl")
    for version in sys.argv[1:] or [sys.executable]:
        for one in ROOMS:
            tried(version, made, one)
