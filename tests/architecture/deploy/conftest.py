"""Shared by tests of deploy/: where it is, and the programs that read it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import yaml

from treering.own_yaml import LOADER

DEPLOY = Path(__file__).parents[3] / "deploy"
CHART = DEPLOY / "helm" / "treering"


Manifest = dict[str, object]
Program = Callable[..., "subprocess.CompletedProcess[str]"]


def program(name: str) -> str:
    """Where a program is. Without it, tests skip at home and fail where everything is required."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        if os.environ.get("TREERING_REQUIRE_SERVICES") == "1":
            pytest.fail(f"no {name}; `make .venv/.full` brings it")
        pytest.skip(f"no {name}")
    return found


@pytest.fixture
def deploy() -> Path:
    return DEPLOY


@pytest.fixture
def run() -> Program:
    """Runs a program with these words."""

    def run(name: str, *words: str | Path, given: str | None = None) -> subprocess.CompletedProcess[str]:
        command = [program(name), *map(str, words)]
        return subprocess.run(command, input=given, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def render() -> Callable[..., list[Manifest]]:
    """What Helm makes of the chart with these `--set` values."""

    def render(*values: str, name: str = "memory") -> list[Manifest]:
        return [document for document in yaml.load_all(rendered(*values, name=name), Loader=LOADER) if document]

    return render


@cache
def rendered(*values: str, name: str) -> str:
    """The text, which many tests look at."""
    words = [word for value in values for word in ("--set", value)]
    command = [program("helm"), "template", name, str(CHART), "--namespace", "people", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
