"""The command line from the outside."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from treering import Recall, TreeView, __version__
from treering.cli import main
from treering.cli.app import app, command_table
from treering.errors import UnknownPath

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a store of the test's own."""
    monkeypatch.setenv("TREERING_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TREERING_EMBEDDER", "hash")
    monkeypatch.delenv("TREERING_MODEL", raising=False)
    runner = CliRunner()

    def invoke(*arguments: str, text: str | None = None) -> Result:
        result = runner.invoke(
            app if arguments[0].startswith("-") else command_table(arguments[0]), list(arguments), input=text
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


def test_remember_shows_what_it_learned(run: Run) -> None:
    assert "+ ADD" in run("remember", "ana", "I live in Porto.").output
    assert "nothing in it became a claim" in run("remember", "ana", "What time is it?").output
    run("remember", "ana", "Hi there.", "--id", "m1")
    assert "Known already" in run("remember", "ana", "Hi there.", "--id", "m1").output


def test_remember_reads_standard_input_and_prints_json(run: Run) -> None:
    said = json.loads(run("remember", "ana", "-", "--json", text="I live in Porto.\n").stdout)
    assert len(said["receipt"]["stored"]) == 1
    assert said["heard"][0]["verdicts"][0]["ruling"] == "commit"


def test_recall_prints_the_context_or_says_that_there_is_none(run: Run) -> None:
    run("remember", "ana", "The spare key hangs behind the old clock.")
    assert "behind the old clock" in run("recall", "ana", "Where is the spare key?").output
    assert "Nothing that is known" in run("recall", "bo", "Where is the spare key?").output


def test_recall_explains_each_line(run: Run) -> None:
    run("remember", "ana", "The spare key hangs behind the old clock.")
    shown = run("recall", "ana", "Where is the spare key?", "--explain", "--mode", "hybrid").output
    assert "mode hybrid (asked-for)" in shown
    assert "dense #1" in shown
    assert "tokens" in shown


def test_what_waits_to_be_forgotten_is_explained_and_marked_in_the_tree(run: Run) -> None:
    run("remember", "ana", "I live in Porto.")
    run("remember", "ana", "Please forget that I live in Porto.")
    [waiting] = json.loads(run("quarantine", "list", "ana", "--json").stdout)
    shown = run("recall", "ana", "Do I live in Porto?", "--explain", "--mode", "tree").output
    assert f"held back: 1 line(s), asked to be forgotten; in quarantine: {waiting['id'][:12]}\n" in shown
    assert "lives in Porto" not in shown
    assert "lives in Porto  asked to be forgotten" in run("tree", "ana").output
    run("quarantine", "drop", "ana", waiting["id"][:12])
    assert "lives in Porto" in run("recall", "ana", "Do I live in Porto?").output
    assert "asked to be forgotten" not in run("tree", "ana").output


def test_an_agentic_recall_tells_what_it_searched_for(run: Run) -> None:
    run("remember", "ana", "The spare key hangs behind the old clock.")
    question = "Where is the [bold]spare key and what colour has the boat?"
    shown = run("recall", "ana", question, "--explain", "--mode", "agentic").output
    assert "mode agentic (asked-for)" in shown
    assert "tokens of a chat model" in shown
    assert "\n  Where is the [bold]spare key\n" in shown
    assert "“Where is the [bold]spare key”" in " ".join(shown.split())


def test_json_outputs_are_the_documented_values(run: Run) -> None:
    run("remember", "ana", "I live in Porto.", "--at", "2024-03-01")
    recall = Recall.model_validate_json(run("recall", "ana", "Where do I live? Porto?", "--json", "--explain").stdout)
    assert recall.lines[0].found_by
    view = TreeView.model_validate_json(run("tree", "ana", "--json").stdout)
    assert [claim.text for claim in view.claims] == ["lives in Porto"]
    [entry] = json.loads(run("history", "ana", "--json").stdout)
    assert entry["operation"]["claim"]["evidence"][0]["quote"] == "I live in Porto."
    assert json.loads(run("history", "ana", "home.pets", "--json").stdout) == []
    assert json.loads(run("jobs", "--json").stdout) == []


def test_tree_and_history_are_drawn(run: Run) -> None:
    assert "nothing is known yet" in run("tree", "ana").output
    assert "No operations yet" in run("history", "ana").output
    run("remember", "ana", "I live in Porto.", "--at", "2024-03-01T10:00+01:00")
    assert "lives in Porto  2024-03-01" in run("tree", "ana").output
    assert "“I live in Porto.”" in run("history", "ana").output
    assert "nothing is known yet" in run("tree", "ana", "--as-of", "2024-02-01").output


def test_a_claim_is_forgotten_by_its_id(run: Run) -> None:
    run("remember", "ana", "I live in Porto.")
    assert "Nothing waits" in run("forget", "ana").output
    [claim] = TreeView.model_validate_json(run("tree", "ana", "--json").stdout).claims
    assert "Erased: 1 claim(s)" in run("forget", "ana", claim.id).output
    assert "nothing is known yet" in run("tree", "ana").output


def test_a_wish_to_forget_is_listed_confirmed_and_dropped(run: Run) -> None:
    run("remember", "ana", "I have a friend named Zebulon.")
    run("remember", "ana", "Please forget my friend Zebulon.", "--id", "w1")
    [held] = json.loads(run("forget", "ana", "--json").stdout)
    assert "asked-to-forget" in run("forget", "ana").output
    assert "Dropped" in run("forget", "ana", "--drop", held["id"]).output
    run("remember", "ana", "Please forget my friend Zebulon!", "--id", "w2")
    [held] = json.loads(run("forget", "ana", "--json").stdout)
    erasure = json.loads(run("forget", "ana", "--confirm", held["id"], "--json").stdout)
    assert len(erasure["claims"]) == 1
    assert "Zebulon" not in run("history", "ana").output


def test_what_waits_says_how_to_carry_it_out(run: Run) -> None:
    run("remember", "ana", "I have a friend named Zebulon.")
    assert "quarantine list ana" in run("remember", "ana", "Please forget my friend Zebulon.").output
    assert "--confirm ID" in run("forget", "ana").output


def test_the_tree_shows_ids_where_asked(run: Run) -> None:
    run("remember", "ana", "I live in Porto.")
    [claim] = TreeView.model_validate_json(run("tree", "ana", "--json").stdout).claims
    assert claim.id in run("tree", "ana", "--ids").output
    assert claim.id not in run("tree", "ana").output


def test_a_path_that_is_not_there_is_named_beside_those_that_are(run: Run) -> None:
    with pytest.raises(UnknownPath) as caught:
        run("history", "ana", "preferences.fod")
    assert "preferences.food" in caught.value.suggestions
    assert "No operations at preferences yet" in run("history", "ana", "preferences").output


def test_chat_leaves_commands_and_bad_messages_out_of_memory(run: Run) -> None:
    shown = run("chat", "ana", text="/help\nI live in \x00 Porto.\nPlease forget nothing.\n").output
    assert shown.count("/tree shows") == 2
    assert "treering: " in shown
    assert json.loads(run("history", "ana", "--json").stdout) == []


def test_chat_says_what_waits_and_does_not_deny_what_it_learned(run: Run) -> None:
    shown = run("chat", "ana", text="I have a friend named Zebulon.\nPlease forget my friend Zebulon.\n").output
    assert "+ ADD" in shown
    assert "I know nothing" not in shown
    assert "? QUARANTINE" in shown
    assert "quarantine list ana" in shown


def test_a_failed_listener_is_told_once_and_in_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TREERING_MODEL", "nobody:nothing")
    result = run("remember", "ana", "I live in Porto.")
    assert "listen failed" in result.stderr
    assert "became a claim" not in result.stdout
    assert len([line for line in result.stderr.splitlines() if "listen failed" in line]) == 1


def test_chat_without_a_model_says_so_and_answers_from_memory(run: Run) -> None:
    shown = run("chat", "ana", text="I live in Porto.\nIn which city do I live? Porto?\n/tree\n/quit\n").output
    assert "No model is set (TREERING_MODEL)" in shown
    assert "+ ADD" in shown
    assert "lives in Porto" in shown


@pytest.fixture
def contexts(tmp_path: Path) -> Path:
    file = tmp_path / "contexts.jsonl"
    said = [
        {"role": "system", "content": "Current user persona: Ana."},
        {"role": "user", "content": "User: I live in Porto."},
        {"role": "assistant", "content": "Assistant: How nice!"},
        {"role": "system", "content": "Current user persona: Ana."},
        {"role": "user", "content": "User: I love ramen."},
    ]
    file.write_text(json.dumps({"abcdefghij": said}) + "\n")
    return file


def test_replay_sums_up_and_changes_nothing_the_second_time(run: Run, contexts: Path) -> None:
    first = json.loads(run("replay", str(contexts), "--json").stdout)
    assert (first["turns"], first["stored"], first["operations"]["ADD"]) == (5, 5, 2)
    for entry in first["entries"]:
        [evidence] = entry["operation"]["claim"]["evidence"]
        assert evidence["message_id"] in ("abcdefghij:1", "abcdefghij:4")
    second = json.loads(run("replay", str(contexts), "--json").stdout)
    assert second["stored"] == 0
    assert {**first, "stored": 0, "seconds": 0} == {**second, "seconds": 0}
    assert "claims now" in run("replay", str(contexts)).output


def fails(arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[Any, str]:
    monkeypatch.setattr(sys, "argv", ["treering", *arguments])
    with pytest.raises(SystemExit) as raised:
        main()
    return raised.value.code, capsys.readouterr().err


@pytest.mark.usefixtures("run")
def test_errors_are_one_line_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    junk = tmp_path / "junk.jsonl"
    junk.write_text('{"x": 1}\n')
    cases = {
        ("recall", "ana", ""): "query: is empty",
        ("remember", "ana", "x", "--role", "narrator"): "role",
        ("remember", "ana", "x", "--at", "2999-01-01"): "in the future",
        ("remember", "", "x"): "no person is named",
        ("replay", str(tmp_path / "none.jsonl")): "cannot be read",
        ("replay", str(junk)): "no PersonaMem history",
        ("replay", str(junk), "--context", "7"): "no such line",
        ("tree", "ana", "--subject", "banana"): "person:<name>",
        ("forget", "ana", "--confirm", "h1"): "nothing with id",
        ("jobs", "retry", "7"): "there is no 7",
    }
    for arguments, says in cases.items():
        code, error = fails(list(arguments), monkeypatch, capsys)
        assert code == 2, arguments
        assert error.startswith("treering: "), error
        assert says in error
        assert len(error.splitlines()) == 1
        assert "Traceback" not in error


def test_a_chat_model_that_does_not_exist_is_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("langchain")
    for spec in ("banana", "banana:1"):
        monkeypatch.setenv("TREERING_MODEL", spec)
        code, error = fails(["chat", "ana"], monkeypatch, capsys)
        assert code == 2
        assert error.startswith(f"treering: chat model '{spec}': ")
        assert len(error.splitlines()) == 1


def test_options_that_make_no_sense_are_usage_errors(run: Run) -> None:
    for arguments, says in (
        (("recall", "ana", "x", "--mode", "psychic"), "psychic"),
        (("tree", "ana", "--as-of", "yesterday-ish"), "yesterday-ish"),
    ):
        result = run(*arguments)
        assert result.exit_code == 2
        assert says in result.output


def test_help_teaches_and_the_version_is_told(run: Run) -> None:
    shown = run("--help").output
    for command in ("demo", "chat", "replay", "remember", "recall", "tree", "history", "forget", "jobs", "bench"):
        assert command in shown
    assert "TREERING_MODEL" in shown
    assert run("--version").output.strip() == f"treering {__version__}"


def test_hostile_text_cannot_steer_the_terminal(run: Run) -> None:
    run("remember", "ana", "I live in \x1b[31m[bold]Porto[/bold]\x07.")
    for shown in (run("tree", "ana").output, run("history", "ana").output):
        assert "\x1b" not in shown
        assert "\x07" not in shown
        assert "[bold]" in shown


def test_words_between_colons_are_no_emoji(run: Run) -> None:
    run("remember", "ana", "I love :ramen: and :smile: soup.")
    assert ":smile:" in run("recall", "ana", "Which soup with :smile: does she love?", "--explain").output


@pytest.mark.usefixtures("run")
def test_an_interrupted_command_ends_as_the_shell_expects(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("treering.client.memory.Memory.tree", interrupted)
    code, error = fails(["tree", "ana"], monkeypatch, capsys)
    assert code == 130
    assert "Stopped" in error
    assert "Traceback" not in error


def test_the_program_is_installed_under_its_name() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("treering"), "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("treering ")
