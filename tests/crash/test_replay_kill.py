"""A replay that is killed at any moment and started again ends in the same tree as one that was left alone."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from treering.bench.talk import small_talk
from treering.testing.starting import Program

KILLS_A_STORE = 5
STORES = (0, *(pytest.param(number, marks=pytest.mark.crash_long) for number in range(1, 4)))
"""Numbers of stores, each with deaths of its own; the first also in the short form."""

TURNS = 36


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small talk in the shape of a PersonaMem file, three sessions long."""
    messages = []
    for number, turn in enumerate(small_talk(TURNS).turns):
        if number % (TURNS // 3) == 0:
            messages.append({"role": "system", "content": "Current user persona: somebody."})
        messages.append({"role": turn.message.role, "content": turn.message.content})
    file = tmp_path_factory.mktemp("history") / "contexts.jsonl"
    file.write_text(json.dumps({"small-talk": messages}) + "\n")
    return file


def begun(history: Path, home: Path, log: Path) -> Program:
    environment = {**os.environ, "TREERING_EMBEDDER": "hash", "TREERING_LEASE_S": "0.4"}
    return Program(["replay", str(history), "--home", str(home), "--user", "ana", "--json"], environment, log=log)


def replay(history: Path, home: Path) -> tuple[dict[str, Any], float]:
    """What is told of a replay, and the seconds that it took once it had begun."""
    (log := home.with_suffix(".json")).unlink(missing_ok=True)
    process, began = begun(history, home, log), time.monotonic()
    assert process.wait() == 0, log.read_text()
    took_s = time.monotonic() - began
    return json.loads(log.read_text()), took_s


def killed_replay(history: Path, home: Path, after_s: float) -> bool:
    """Start a replay and kill it; whether it was still running."""
    process = begun(history, home, home.with_suffix(".log"))
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def outcome(summary: dict[str, Any]) -> tuple[object, ...]:
    """What must be equal: the tree, and every operation but for when it was recorded and its salted digest."""
    operations = [
        {**entry["operation"], "claim": {**entry["operation"].get("claim", {}), "recorded_at": None}}
        for entry in summary["entries"]
    ]
    return summary["digest"], summary["claims"], summary["turns"], operations


@pytest.mark.slow
@pytest.mark.parametrize("store", STORES)
def test_kill_9_at_random_moments_changes_nothing(history: Path, tmp_path: Path, store: int) -> None:
    undisturbed, duration_s = replay(history, tmp_path / "undisturbed")
    dice = random.Random(1_000 + store)
    # early ones first: a run that ends before its kill leaves the others nothing to be killed at
    moments = sorted(dice.uniform(0.2, 1.0) * duration_s for _ in range(KILLS_A_STORE))
    kills = sum(killed_replay(history, tmp_path / "killed", moment) for moment in moments)
    assert kills >= 1, f"every run ended before its kill at {moments} s"
    ended, _ = replay(history, tmp_path / "killed")
    assert undisturbed["operations"]["ADD"] > 0
    assert outcome(ended) == outcome(undisturbed), f"kills at {moments} s"
    again, _ = replay(history, tmp_path / "killed")
    assert again["version"] == ended["version"]
    assert again["stored"] == 0
