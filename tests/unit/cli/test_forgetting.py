"""`treering forget`, `receipts` and `allow` from the outside."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from typer.testing import Result

from treering.cli import forgetting
from treering.errors import UnknownPath, UnknownUser
from treering.schemas.forgetting import ErasureReceipt

Run = Callable[..., Result]


@pytest.fixture
def run(command: Run) -> Run:
    """Runs a command on a store of the test's own, in which Ana has said two things."""
    command("remember", "ana", "I'm allergic to peanuts.", "--id", "m1")
    command("remember", "ana", "I live in Porto.", "--id", "m2")
    return command


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sits there and can be asked."""
    monkeypatch.setattr(forgetting, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))


def tree(run: Run) -> str:
    return run("tree", "ana").output


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (("--path", "health"), "Porto"),
        (("--about", "peanuts"), "Porto"),
        (("--message", "m1"), "Porto"),
        (("--path", "health", "--message", "m2"), ""),
        (("--everything", "--yes"), ""),
    ],
)
def test_what_is_named_goes_and_the_receipt_is_printed(run: Run, options: tuple[str, ...], left: str) -> None:
    receipt = ErasureReceipt.model_validate_json(run("forget", "ana", *options, "--json").stdout)
    assert receipt.claims
    assert {proof.left for proof in receipt.stores} == {0}
    assert "peanuts" not in tree(run)
    assert left in tree(run)
    [kept] = json.loads(run("receipts", "ana", "--json").stdout)
    assert ErasureReceipt.model_validate(kept) == receipt


def test_a_dry_run_shows_what_would_go_and_erases_nothing(run: Run) -> None:
    shown = run("forget", "ana", "--about", "peanuts", "--dry-run").output
    assert "Statements that go:\n  - is allergic to peanuts" in shown
    assert "Messages that are emptied:\n  - I'm allergic to peanuts." in shown
    assert "peanuts" in tree(run)
    seen = json.loads(run("forget", "ana", "--about", "peanuts", "--dry-run", "--json").stdout)
    assert seen["preview"]["claims"] == ["is allergic to peanuts"]
    assert "nothing would go" in run("forget", "ana", "--about", "elephants", "--dry-run").output
    assert "Nothing was forgotten" in run("receipts", "ana").output


@pytest.mark.usefixtures("terminal")
def test_on_a_terminal_it_shows_what_goes_and_asks(run: Run) -> None:
    refused = run("forget", "ana", "--everything", text="n\n")
    assert "I live in Porto." in refused.output
    assert refused.exit_code == 1
    assert "Porto" in tree(run)
    assert "Erased: 1 claim(s)" in run("forget", "ana", "--about", "peanuts", text="y\n").output
    assert "Erase this" not in run("forget", "ana", "--everything", "--yes").output
    assert "nothing is known" in tree(run)


def test_a_whole_person_does_not_go_by_accident(run: Run) -> None:
    result = run("forget", "ana", "--everything")
    assert result.exit_code == 2
    assert "--yes" in result.output
    result = run("forget", "ana", "--everything", "--yes", "--path", "health")
    assert result.exit_code == 2
    assert "Porto" in tree(run)


def test_nothing_said_nothing_erased(run: Run) -> None:
    assert "nothing was erased" in run("forget", "ana", "--about", "elephants").output
    with pytest.raises(UnknownPath):
        run("forget", "ana", "--path", "helth")
    with pytest.raises(UnknownUser):
        run("forget", "bo", "--everything", "--yes")


def test_what_was_forgotten_is_refused_until_it_is_allowed(run: Run) -> None:
    run("forget", "ana", "--about", "peanuts")
    assert "about: 1 claim(s)" in run("receipts", "ana").output
    assert "Forgotten before" in run("remember", "ana", "I'm allergic to peanuts!").output
    assert "peanuts" not in tree(run)
    assert "Nothing was forgotten that reads like this" in run("allow", "ana", "I like elephants").output
    assert "1 mark(s) lifted" in run("allow", "ana", "I'm allergic to peanuts.").output
    assert "1 mark(s) lifted" in run("allow", "ana", "--everything").output
    assert "+ ADD" in run("remember", "ana", "I'm allergic to peanuts.").output
    assert run("allow", "ana").exit_code == 2
    assert run("allow", "ana", "x", "--everything").exit_code == 2
