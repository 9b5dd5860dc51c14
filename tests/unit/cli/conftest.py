"""Running commands on a store of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from treering.cli.app import command_table


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the store is."""
    return tmp_path / "home"


@pytest.fixture
def command(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command; its typed errors come through as they are raised."""
    monkeypatch.setenv("TREERING_HOME", str(home))
    monkeypatch.setenv("TREERING_EMBEDDER", "hash")
    monkeypatch.delenv("TREERING_MODEL", raising=False)
    runner = CliRunner()

    def invoke(*arguments: str, text: str | None = None) -> Result:
        result = runner.invoke(command_table(arguments[0]), list(arguments), input=text)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke
