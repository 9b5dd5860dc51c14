"""The commands of time from the outside: versions, diff, undo, redo, rewind, and a tree of the past."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from treering import TreeView
from treering.cli.app import command_table
from treering.errors import NothingToUndo, UnknownVersion
from treering.schemas.operations import Commit
from treering.schemas.timeline import Change, Reversal

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a store in which Ana said three things; returns what it printed."""
    monkeypatch.setenv("TREERING_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TREERING_EMBEDDER", "hash")
    monkeypatch.delenv("TREERING_MODEL", raising=False)
    runner = CliRunner()

    def invoke(*arguments: str) -> str:
        result: Result = runner.invoke(command_table(arguments[0]), list(arguments), env={"COLUMNS": "120"})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.output

    for number, text in enumerate(("I live in Porto.", "I'm allergic to peanuts.", "I live in Lisbon."), start=1):
        invoke("remember", "ana", text, "--at", f"2024-03-0{number}", "--id", f"m{number}")
    return invoke


def test_versions_tell_who_made_them_and_what_they_take_back(run: Run) -> None:
    run("undo", "ana")
    lines = run("versions", "ana").splitlines()
    assert [line.split()[0] for line in lines] == ["4", "3", "2", "1"]
    assert "undo" in lines[0]
    assert "takes back version 3" in lines[0]
    assert "local/1" in lines[1]
    assert len(run("versions", "ana", "--limit", "2").splitlines()) == 2
    listed = [Commit.model_validate(one) for one in json.loads(run("versions", "ana", "--json"))]
    assert [(one.version, one.reverts) for one in listed] == [(4, 3), (3, None), (2, None), (1, None)]
    assert "No versions yet" in run("versions", "nobody")


def test_a_diff_marks_what_was_gained_and_lost(run: Run) -> None:
    lines = [line.rstrip() for line in run("diff", "ana", "1").splitlines()]
    assert lines == [
        "- home.city: lives in Porto  2024-03-01",
        "+ home.city: lives in Lisbon  2024-03-03",
        "+ health.allergies: is allergic to peanuts  2024-03-02",
    ]
    assert run("diff", "ana", "1", "2").startswith("+ health.allergies")
    assert "do not differ" in run("diff", "ana", "2", "2")
    assert len(Change.model_validate_json(run("diff", "ana", "0", "--json")).subjects[0].gained) == 2


def test_undo_redo_and_rewind_show_what_they_did(run: Run) -> None:
    undone = run("undo", "ana")
    assert "- home.city: lives in Lisbon" in undone
    assert "+ home.city: lives in Porto" in undone
    assert "undo of version 3: version 3 became 4." in undone
    assert "lives in Porto" in run("recall", "ana", "Where does Ana live? Porto?")
    assert "redo of version 4: version 4 became 5." in run("redo", "ana")
    rewound = run("rewind", "ana", "1")
    assert "- health.allergies: is allergic to peanuts" in rewound
    assert "rewind to version 1: version 5 became 6." in rewound
    assert "Nothing to do" in run("rewind", "ana", "1")
    assert Reversal.model_validate_json(run("undo", "ana", "--json")).reverted == (6,)
    assert Reversal.model_validate_json(run("undo", "ana", "2", "--json")).reverted == (3, 2)
    assert Reversal.model_validate_json(run("redo", "ana", "2", "--json")).action == "redo"
    assert Reversal.model_validate_json(run("undo", "ana", "--version", "2", "--json")).reverted == (2,)
    assert Reversal.model_validate_json(run("rewind", "ana", "0", "--json")).target == 0
    with pytest.raises(NothingToUndo):
        run("undo", "ana", "9")
    with pytest.raises(NothingToUndo):
        run("redo", "ana")


def test_the_tree_of_the_past_is_asked_for_by_version_or_by_moment(run: Run) -> None:
    seen = TreeView.model_validate_json(run("tree", "ana", "--version", "2", "--json"))
    assert [claim.text for claim in seen.claims] == ["lives in Porto", "is allergic to peanuts"]
    assert "lives in Porto" in run("tree", "ana", "--version", "2")
    assert "nothing is known yet" in run("tree", "ana", "--known-at", "2024-03-02")
    assert "lives in Lisbon" in run("tree", "ana", "--known-at", "2099-01-01")
    with pytest.raises(UnknownVersion):
        run("tree", "ana", "--version", "99")


def test_history_names_who_committed_what_and_which_message_said_so(run: Run) -> None:
    run("undo", "ana")
    shown = run("history", "ana", "home.city")
    assert shown.index("local/1") < shown.index("lives in Porto") < shown.index("“I live in Porto.”  m1")
    assert "undo   takes back version 3" in shown
    assert "peanuts" not in shown
