"""A benchmark that is killed at any moment and started again ends in the numbers of one that was left alone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from treering.bench.results import Results
from treering.testing.starting import Program

SYSTEMS = "treering-deaf,none"
FIRST = "contexts/treering-deaf/00000.json"
MEASURED = ("_ms", "_s", "_bytes")
WAIT_S = 60
ATTEMPTS = 4
"""A busy machine may give a run so much time at once that it is over before it can be ended."""


def begun(folder: Path, cache: Path, workers: int) -> Program:
    options = ["--systems", SYSTEMS, "--limit", "2", "--workers", str(workers), "--json", f"{folder}.json"]
    environment = {**os.environ, "TREERING_EMBEDDER": "hash", "TREERING_CACHE_DIR": str(cache)}
    return Program(["bench", "run", *options, "--folder", str(folder)], environment, log=folder.with_suffix(".log"))


def begun_and_ended(folder: Path, cache: Path, end: signal.Signals) -> Program:
    """A run that got a signal as soon as its first conversation was kept."""
    process = begun(folder, cache, 2)
    assert waited_for(lambda: (folder / FIRST).exists() or process.poll() is not None)
    if process.poll() is None:
        # A terminal sends Ctrl-C to the whole group; kill -9 of the run alone leaves its workers to find out.
        (os.killpg if end is signal.SIGINT else os.kill)(process.pid, end)
    process.wait()
    return process


def waited_for(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + WAIT_S
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.002)
    return is_so()


def numbers(folder: Path, cache: Path, workers: int) -> dict[str, dict[str, float]]:
    """What was not measured by a clock, or on the disk."""
    assert begun(folder, cache, workers).wait() == 0
    results = Results.model_validate_json(Path(f"{folder}.json").read_bytes())
    return {
        system: {name: value for name, value in row.items() if not name.endswith(MEASURED)}
        for system, row in results.systems.items()
    }


def is_gone(group: int) -> bool:
    """Whether no process of a group runs any more; one that nobody has asked for its end yet does not."""
    return not any(_runs_in(file, group) for file in Path("/proc").glob("[0-9]*/stat"))


def _runs_in(file: Path, group: int) -> bool:
    try:
        state, _, its_group = file.read_text().rpartition(")")[2].split()[:3]
    except (OSError, ValueError):
        return False
    return int(its_group) == group and state != "Z"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float]]:
    """The numbers of a run that was left alone."""
    folder = tmp_path_factory.mktemp("whole")
    return numbers(folder / "run", folder / "cache", 1)


@pytest.mark.parametrize(
    ("end", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)], ids=["killed", "stopped by Ctrl-C"]
)
def test_a_run_that_was_ended_leaves_no_process_goes_on_and_ends_in_the_same_numbers(
    tmp_path: Path, whole: dict[str, dict[str, float]], end: signal.Signals, code: int
) -> None:
    for attempt in range(ATTEMPTS):
        folder, cache = tmp_path / f"run{attempt}", tmp_path / f"cache{attempt}"
        process = begun_and_ended(folder, cache, end)
        if process.poll():
            break
    assert process.poll() == code, "it ended before it could be ended"
    assert waited_for(lambda: is_gone(process.pid)), "a worker outlived its run"
    kept = (folder / FIRST).stat().st_mtime_ns
    assert numbers(folder, cache, 1) == whole
    assert (folder / FIRST).stat().st_mtime_ns == kept, "it was heard a second time"
