"""Every program in examples/ runs, and says what it promises."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"

MAX_LINES = 80
"""An example is read in one go."""


def run(name: str, home: Path, *arguments: str, text: str = "") -> str:
    environment = {key: value for key, value in os.environ.items() if key != "TREERING_MODEL"}
    done = subprocess.run(
        [sys.executable, EXAMPLES / name, *arguments],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        cwd=home,
        env=environment | {"TREERING_HOME": str(home / "store")},
    )
    assert done.stderr == ""
    return done.stdout


def test_the_companion_remembers_across_restarts(tmp_path: Path) -> None:
    first = run("companion.py", tmp_path, "ana", text="I moved to Lisbon and I love ramen.\n")
    assert "I know 0 things" in first
    second = run("companion.py", tmp_path, "ana", text="In which city do I live?\n")
    assert "I know 2 things" in second
    assert "Lisbon" in second


def test_an_embedder_of_ones_own_finds_across_languages(tmp_path: Path) -> None:
    shown = run("custom_embedder.py", tmp_path)
    city, instrument = shown.split("Que instrumento toca?")
    assert "lives in Lisbon" in city
    assert "plays the cello" in instrument


def test_the_health_coach_fills_its_own_slots_and_heeds_them(tmp_path: Path) -> None:
    shown = run("health_coach.py", tmp_path)
    tree, *answers = shown.split("\n\n")
    assert "body.injuries: has a torn meniscus" in tree
    assert "training.goal: wants to swim" in tree
    assert "half marathon" not in tree
    for answer in answers:
        assert "boundaries" in answer
    assert "meniscus" in answers[0]
    assert "meniscus" not in answers[2]
    assert "peanuts" in answers[2]


def test_the_agent_looks_into_memory_by_tools(tmp_path: Path) -> None:
    shown = run("agent.py", tmp_path)
    first, second = (answer for answer in shown.split("\ntool: ")[1:])
    assert "named Marta" in first
    assert "pottery, she is at the wheel" in second
    assert shown.endswith("ai: A set of glazes, for her pottery.\n")


@pytest.mark.parametrize("program", sorted(EXAMPLES.glob("*.py")), ids=lambda program: program.name)
def test_examples_are_short_and_run_here(program: Path) -> None:
    assert len(program.read_text("utf-8").splitlines()) < MAX_LINES
    assert program.name in Path(__file__).read_text("utf-8")
