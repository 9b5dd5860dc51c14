"""What is told of new processes: their times beside those of others, round by round."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from treering.bench.start import BESIDE, MEANINGS, Spent, environment_on, numbers, programs_on, run
from treering.settings import Settings


def spent(*wall_s: float, said: str = "") -> list[Spent]:
    """Processes that were busy for half of their time."""
    return [Spent(wall_s=one, cpu_s=one / 2, said=said) for one in wall_s]


def test_a_ratio_is_that_of_one_round_and_not_of_two_medians() -> None:
    found = numbers("help", {"typer": spent(1.0, 2.0, 4.0), "help": spent(2.0, 2.0, 12.0)})
    assert (found["p50_ms"], found["beside_p50_ms"]) == (2_000, 2_000)
    assert (found["ratio"], found["ratio_low"], found["ratio_high"]) == (2, 1, 3)
    assert (found["cpu_p50_ms"], found["cpu_ratio"]) == (1_000, 2)


def test_one_embedding_is_free_beside_the_libraries_and_not_beside_the_model() -> None:
    rounds = {"libraries": spent(1.0), "model": spent(2.0, said="0.5\n"), "recall": spent(3.0), "tree": spent(3.0)}
    assert (numbers("recall", rounds)["ratio"], numbers("recall", rounds)["embedding_ms"]) == (2.5, 500)
    assert numbers("recall, with model", rounds)["ratio"] == 1.5
    assert numbers("tree", rounds)["ratio"] == 3


def test_what_is_told_is_started_and_what_it_stands_beside_is_explained() -> None:
    try:
        programs = programs_on(Settings(home=Path("nowhere")))
    except ImportError:
        pytest.skip("the weights are not installed")
    assert {name.partition(",")[0] for name in BESIDE} | set(BESIDE.values()) == set(programs)
    assert set(MEANINGS) == set(BESIDE.values())


def test_programs_find_their_modules_compiled_also_where_this_python_keeps_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert "PYTHONPYCACHEPREFIX" not in environment_on(Settings(), tmp_path), "all would be compiled a second time"
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    run(("-c", "import this"), environment_on(Settings(), tmp_path))
    assert list(tmp_path.rglob("this.*.pyc"))


def test_a_process_is_measured_with_what_it_says_and_a_failure_is_no_measurement(tmp_path: Path) -> None:
    environment = environment_on(Settings(home=tmp_path), tmp_path / "bytecode")
    assert environment["TREERING_HOME"] == str(tmp_path)
    found = run(("-c", "print(sum(range(1_000_000)) > 0)"), environment)
    assert found.said == "True\n"
    assert found.cpu_s > 0
    assert found.wall_s > 0
    with pytest.raises(subprocess.CalledProcessError):
        run(("-c", "import sys; sys.exit(3)"), environment)
