"""A benchmark that is killed at any moment and started again ends in the numbers of one that was left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from treering.bench.results import Results

CODE = "from treering.cli import main; main()"
SYSTEMS = "treering-deaf,none"
TIMED = ("p50_ms", "p95_ms", "turns_per_s")
WAIT_S = 60


def begun(folder: Path, cache: Path) -> subprocess.Popen[bytes]:
    command = [
        "bench",
        "run",
        "--systems",
        SYSTEMS,
        "--limit",
        "3",
        "--folder",
        str(folder),
        "--json",
        f"{folder}.json",
    ]
    environment = {**os.environ, "TREERING_EMBEDDER": "hash", "TREERING_CACHE_DIR": str(cache)}
    return subprocess.Popen(
        [sys.executable, "-c", CODE, *command], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def killed_when(folder: Path, cache: Path, name: str) -> None:
    """Kill a run as soon as a file of it is there."""
    process = begun(folder, cache)
    deadline = time.monotonic() + WAIT_S
    while not list(folder.glob(name)) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it ended before it could be killed"


def numbers(folder: Path, cache: Path) -> dict[str, dict[str, float]]:
    assert begun(folder, cache).wait() == 0
    results = Results.model_validate_json(Path(f"{folder}.json").read_bytes())
    return {
        system: {name: value for name, value in row.items() if name not in TIMED}
        for system, row in results.systems.items()
    }


def test_a_killed_run_goes_on_and_ends_in_the_same_numbers(tmp_path: Path) -> None:
    folder, cache = tmp_path / "killed", tmp_path / "cache"
    killed_when(folder, cache, "contexts/treering-deaf/00000.json")
    kept = (folder / "contexts/treering-deaf/00000.json").stat().st_mtime_ns
    assert numbers(folder, cache) == numbers(tmp_path / "whole", cache)
    assert (folder / "contexts/treering-deaf/00000.json").stat().st_mtime_ns == kept, "it was heard a second time"
