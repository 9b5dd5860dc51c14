"""Install the wheel of dist/ with each extra in a new environment, and try it there: `try_wheel.py PYTHON…`."""  # noqa: INP001 - a script

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]

ROOMS = {
    "": "treering.client.memory",
    "celery": "treering.workers.celery_app",
    "client": "treering.client.remote.memory",
    "encryption": "treering.memory.stores.encryption",
    "light": "treering.memory.models.minilm",
    "mcp": "treering.sidecar.mcp.server",
    "metrics": "treering.workers.metrics",
    "models": "treering.graph.middleware",
    "postgres": "treering.memory.stores.postgres, psycopg",
    "qdrant": "treering.memory.indexes.qdrant",
    "report": "treering.bench.report.page, matplotlib",
    "server": "treering.sidecar.serving",
    "telemetry": "treering.telemetry.exporting, opentelemetry.sdk, pythonjsonlogger",
}
"""What is imported with each extra, warnings being errors."""

TALK = """
from treering import Memory
with Memory("store", embedder="hash", background=False) as memory:
    memory.remember("ana", "I moved to Lisbon.")
    memory.flush()
    assert "Lisbon" in memory.recall("ana", "In which city do I live?").context
"""


def tried(python: str, wheel: Path, extra: str) -> None:
    """Install it, look for what contradicts, import, talk, and ask for the version."""
    with tempfile.TemporaryDirectory() as folder:
        told = {**os.environ, "TREERING_HOME": folder}
        own = str(Path(folder, "venv", "bin", "python"))
        what = f"{wheel}[{extra}]" if extra else str(wheel)
        limits = ["--constraint", str(ROOT / "constraints.txt")]
        uv = shutil.which("uv")  # does in seconds what takes pip a minute
        pip = [uv, "pip"] if uv else [own, "-m", "pip", "--disable-pip-version-check"]
        whose = ["--python", own] if uv else []
        for command in (
            [python, "-m", "venv", str(Path(folder, "venv")), *(["--without-pip"] if uv else [])],
            [*pip, "install", "--quiet", *whose, *limits, what],
            [*pip, "check", *(["--quiet"] if uv else []), *whose],
            [own, "-W", "error", "-c", f"import {ROOMS[extra]}"],
            [own, "-W", "error", "-c", TALK],
            [str(Path(folder, "venv", "bin", "treering")), "--version"],
        ):
            subprocess.run(command, check=True, cwd=folder, env=told, stdout=subprocess.DEVNULL)  # noqa: S603 - ours
    print(f"{python}: {extra or 'no extra'} works", flush=True)  # noqa: T201 - it tells a person


if __name__ == "__main__":
    [made] = ROOT.glob("dist/*.whl")
    for version in sys.argv[1:] or [sys.executable]:
        for one in ROOMS:
            tried(version, made, one)
