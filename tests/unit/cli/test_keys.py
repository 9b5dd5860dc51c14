"""`treering keys`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from treering import Memory
from treering.errors import InvalidInput

Command = Callable[..., Result]


def test_a_key_is_printed_alone_and_good(command: Command, home: Path) -> None:
    made = command("keys", "create", "--tenant", "acme", "--right", "read", "--label", "app", "--expires-in", "90d")
    [secret] = made.stdout.split()
    assert "may read in tenant 'acme', until 20" in made.stderr
    assert secret not in made.stderr
    with Memory(home, embedder="hash", background=False) as memory:
        found = memory.check_key(secret)
    assert found is not None
    assert (found.tenant, found.right, found.label) == ("acme", "read", "app")


def test_lists_show_no_secrets(command: Command) -> None:
    assert "No keys" in command("keys", "list").stdout
    made = json.loads(command("keys", "create", "--json").stdout)
    listed = command("keys", "list").stdout
    assert listed.split()[:2] == [made["key"]["id"], "write"]
    assert "does not expire" in listed
    assert json.loads(command("keys", "list", "--json").stdout) == [made["key"]]
    assert made["secret"].rpartition("_")[2] not in listed
    assert "No keys" in command("keys", "list", "--tenant", "other").stdout


def test_a_key_is_rotated_and_revoked(command: Command) -> None:
    key_id = json.loads(command("keys", "create", "--json").stdout)["key"]["id"]
    assert command("keys", "rotate", key_id, "--grace", "0s").stdout.startswith("tr_")
    assert "expired" in command("keys", "list").stdout
    assert command("keys", "revoke", key_id, "--tenant", "other").exit_code == 1
    assert "Revoked" in command("keys", "revoke", key_id).stdout
    assert "revoked" in command("keys", "list").stdout
    assert command("keys", "revoke", key_id).exit_code == 1
    with pytest.raises(InvalidInput):
        command("keys", "rotate", key_id)


@pytest.mark.parametrize("wrong", [["--right", "root"], ["--expires-in", "soon"], ["--expires-in", "3"]])
def test_what_makes_no_key_is_refused(command: Command, wrong: list[str]) -> None:
    assert command("keys", "create", *wrong).exit_code == 2
    assert "No keys" in command("keys", "list").stdout
