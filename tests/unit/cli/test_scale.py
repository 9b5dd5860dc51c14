"""What so many people need is printed from a file of measurements."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.bench.test_scale import measured
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

PLAN = ("bench", "scale", "--plan", "100000000")


def test_a_plan_is_printed_and_written(command: Callable[..., Result], tmp_path: Path) -> None:
    source, written = tmp_path / "scale.json", tmp_path / "plan.json"
    source.write_text(measured().model_dump_json())
    shown = command(*PLAN, "--from", str(source), "--assume", "hot=0.1", "--json", str(written)).stdout
    assert "100,000,000 people: what is full first" in shown
    found = json.loads(written.read_text())
    assert found["manifest"]["settings"]["hot"] == 0.1
    assert found["systems"]["PostgreSQL, disk"]["needed"] > 1
    assert f"{found['systems']['altogether']['stores']:,.0f} independent stores" in shown


def test_what_cannot_be_used_is_named(command: Callable[..., Result], tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"--from.*--json"):
        command(*PLAN)
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(InvalidInput, match=r"--from.*other\.json"):
        command(*PLAN, "--from", str(tmp_path / "other.json"))
    with pytest.raises(InvalidInput, match="--folder"):
        command("bench", "scale", "--write-only")
