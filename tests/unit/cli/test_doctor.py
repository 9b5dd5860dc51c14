"""`treering doctor` from the outside."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from treering import AsyncMemory, Memory
from treering.errors import UnknownUser
from treering.schemas.health import HealthReport

Run = Callable[..., Result]


@pytest.fixture
def run(command: Run) -> Run:
    """Runs a command on a store in which Ana has said something."""
    command("remember", "ana", "I live in Porto.", "--id", "m1")
    return command


def change(home: Path, statement: str) -> None:
    """Change the file behind everybody's back."""
    with sqlite3.connect(home / "treering.db") as connection:
        assert connection.execute(statement).rowcount > 0
    connection.close()


def test_a_sound_store_is_said_to_be_sound(run: Run) -> None:
    done = run("doctor")
    assert done.exit_code == 0
    assert "1 person, 14 checks" in done.output
    assert "all is well." in done.output
    assert HealthReport.model_validate_json(run("doctor", "ana", "--json").output).is_sound


def test_what_can_be_mended_is_told_and_mended(run: Run, home: Path) -> None:
    change(home, "UPDATE sessions SET turns = 7")
    told = run("doctor")
    assert told.exit_code == 1
    assert "default/ana  sessions: 1 session(s) miscount their turns (can be mended with --repair)" in told.output
    assert "not all is well" in told.output
    mended = run("doctor", "--repair")
    assert mended.exit_code == 0
    assert "(mended)" in mended.output
    assert run("doctor").exit_code == 0


def test_what_cannot_be_mended_comes_with_advice(run: Run, home: Path) -> None:
    change(home, "UPDATE turns SET content = 'I like soup.'")
    done = run("doctor", "--repair")
    assert done.exit_code == 1
    assert "(!)" in done.output
    assert "treering history" in done.output


def test_only_people_who_are_there_are_examined(run: Run) -> None:
    with pytest.raises(UnknownUser, match="bo"):
        run("doctor", "bo")
    with pytest.raises(UnknownUser):
        run("doctor", "ana", "--tenant", "other")
    assert "0 people" in run("doctor", "--tenant", "other").output


async def test_the_same_for_event_loops(tmp_path: Path) -> None:
    async with AsyncMemory(Memory(tmp_path, embedder="hash", background=False)) as memory:
        await memory.remember("ana", "I live in Porto.")
        report = await memory.doctor("ana", repair=True)
    assert report.is_sound
