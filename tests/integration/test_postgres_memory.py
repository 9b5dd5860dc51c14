"""The whole product on PostgreSQL, and the commands that look after its tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from treering import Memory, Settings
from treering.cli.app import command_table
from treering.errors import StoreNotReady

pytestmark = pytest.mark.services

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_postgres_url: Callable[[], str]) -> Run:
    """Runs a command on an empty database of the test's own."""
    monkeypatch.setenv("TREERING_DATABASE_URL", new_postgres_url())
    monkeypatch.setenv("TREERING_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TREERING_EMBEDDER", "hash")
    monkeypatch.delenv("TREERING_MODEL", raising=False)

    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(command_table(arguments[0]), list(arguments))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


def test_a_life_on_a_server(postgres_url: str) -> None:
    settings = Settings(database_url=postgres_url, embedder="hash")
    with Memory(settings=settings) as memory:
        memory.remember("ana", {"role": "user", "content": "I live in Porto and I am allergic to peanuts.", "id": "m1"})
        memory.remember("bo", "I live in Rome.")
        memory.flush()
    with Memory(settings=settings, background=False) as memory:
        assert (
            memory.remember("ana", {"content": "I live in Porto and I am allergic to peanuts.", "id": "m1"}).stored
            == ()
        )
        assert "Porto" in memory.recall("ana", "Where does Ana live?").context
        claims = {claim.path: claim for claim in memory.tree("ana").claims}
        assert [claim.text for claim in memory.tree("bo").claims] == ["lives in Rome"]
        memory.forget("ana", claims=[next(iter(claims.values())).id])
        memory.flush()
        assert len(memory.tree("ana").claims) == len(claims) - 1
        assert "Porto" not in memory.recall("ana", "Where does Ana live?").context


def test_an_empty_database_is_made_ready_by_a_command(run: Run) -> None:
    assert "no tables yet" in run("db", "current").output
    assert run("db", "check").exit_code == 1
    with pytest.raises(StoreNotReady, match="treering db upgrade"):
        run("tree", "ana")
    shown = run("db", "upgrade").output
    assert "made the tables of store format" in shown
    assert "up to date" in shown
    assert "nothing to do" in run("db", "upgrade").output
    assert run("db", "check").exit_code == 0
    assert run("remember", "ana", "I live in Porto.").exit_code == 0
    assert "Porto" in run("tree", "ana").output


def test_the_commands_print_json(run: Run) -> None:
    assert json.loads(run("db", "current", "--json").stdout)["format"] is None
    made = json.loads(run("db", "upgrade", "--json").stdout)
    assert len(made["steps"]) == 1
    assert made["format"] == made["needed"]
    checked = json.loads(run("db", "check", "--json").stdout)
    assert checked["differences"] == []
    assert checked["where"].startswith("postgresql://")


def test_a_folder_outweighs_the_database_of_the_environment(run: Run, tmp_path: Path) -> None:
    shown = run("db", "upgrade", "--home", str(tmp_path / "other")).output
    assert str(tmp_path / "other") in shown
    assert "no tables yet" in run("db", "current").output
