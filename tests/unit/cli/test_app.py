"""The table of commands: what is loaded, what is refused, what is said instead."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from treering import Memory
from treering.cli import main
from treering.cli.app import app, command_table

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store in which Ana told two things."""
    monkeypatch.setenv("TREERING_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TREERING_EMBEDDER", "hash")
    with Memory(tmp_path / "home", embedder="hash", background=False) as memory:
        memory.remember("ana", {"content": "I live in Porto.", "id": "m1"})
        memory.flush()
        memory.remember("ana", {"content": "I'm allergic to peanuts.", "id": "m2"})
        memory.flush()
    return tmp_path / "home"


def run(*words: str, said: bytes | None = None) -> Result:
    return CliRunner().invoke(command_table(words[0]), words, input=said)


def ended(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """The exit code of the program, errors of ours included."""
    monkeypatch.setattr(sys, "argv", ["treering", *words])
    with pytest.raises(SystemExit) as caught:
        main()
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_a_command_loads_no_other() -> None:
    code = (
        "import sys; from treering.cli import main; sys.argv = ['treering', 'tree', '--help']\n"
        "try: main()\n"
        "except SystemExit: print(*sorted(name for name in sys.modules if name.startswith('treering.cli.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.splitlines()[-1].split()
    assert "treering.cli.reading" in loaded
    assert "treering.cli.trunk" not in loaded
    assert "treering.cli.exchange" not in loaded


def test_the_help_lists_every_command_under_a_heading() -> None:
    page = CliRunner().invoke(app, ["--help"]).output
    for heading in ("Talk", "Look", "Take back", "Forget", "Move", "Look after"):
        assert f"─ {heading} ─" in page
    assert "─ Commands ─" not in page


@pytest.mark.parametrize(
    "words",
    [
        ("undo", "ana", "99"),
        ("redo", "ana"),
        ("forget", "ana", "f" * 24),
        ("tree", "ana", "--version", "99"),
        ("trunk", "show", "nope"),
        ("retract", "ana", "nope"),
    ],
    ids=" ".join,
)
def test_bad_input_ends_with_two(home: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    assert home.exists()
    assert ended(monkeypatch, *words) == 2


def test_what_bad_input_is_not_ends_with_one(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("export", "ana", "-o", str(home / "ana.json")).exit_code == 0
    assert ended(monkeypatch, "import", str(home / "ana.json")) == 1
    assert "import under another name" in capsys.readouterr().err


def test_contradictory_options_are_refused(home: Path) -> None:
    assert home.exists()
    assert run("undo", "ana", "1", "--version", "1").exit_code == 2
    assert run("forget", "ana", "--confirm", "x", "--everything", "--yes").exit_code == 2
    assert run("forget", "ana", "--confirm", "x", "--drop", "y").exit_code == 2
    assert "Porto" in run("tree", "ana").output


def test_an_export_passes_through_a_pipe(home: Path) -> None:
    document = run("export", "ana").stdout_bytes
    assert run("import", "-", "--as", "copy", said=document).exit_code == 0
    assert run("history", "copy", "--json").output == run("history", "ana", "--json").output
    kept = json.dumps({"results": [{"id": "1", "memory": "Is allergic to nuts"}]}).encode()
    assert "from mem0: " in run("import", "-", "--as", "kim", said=kept).output
    assert home.exists()


def test_the_schema_goes_where_it_is_asked_for(tmp_path: Path) -> None:
    assert run("export", "--schema", "-o", str(tmp_path / "schema.json")).output == ""
    assert json.loads((tmp_path / "schema.json").read_text("utf-8"))["title"] == "Export"


def test_a_format_that_finds_nothing_is_told(home: Path) -> None:
    (home / "mem0.json").write_text('{"results": [{"id": "1", "memory": "Likes jazz"}]}', "utf-8")
    assert (
        "Nothing in it is of the format zep"
        in run("import", str(home / "mem0.json"), "--as", "kim", "--format", "zep").output
    )


def test_what_was_forgotten_before_says_how_to_allow_it(home: Path) -> None:
    assert home.exists()
    assert run("forget", "ana", "--message", "m2", "--yes").exit_code == 0
    said = run("remember", "ana", "Well, what can I say. I'm allergic to peanuts.").output
    assert 'treering allow ana "is allergic to peanuts"' in " ".join(said.split())
    assert json.loads(run("allow", "ana", "is allergic to peanuts", "--json").output) == {"lifted": 1}
    assert "+ ADD" in run("remember", "ana", "Once more. I'm allergic to peanuts.").output
