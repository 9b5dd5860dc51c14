"""`treering consolidate` from the outside."""

from __future__ import annotations

from collections.abc import Callable

from typer.testing import Result

from treering.schemas.consolidation import Consolidation

Run = Callable[..., Result]


def plain(result: Result) -> str:
    return " ".join(result.output.split())


def test_it_shows_what_follows_and_why_and_a_dry_run_does_nothing(command: Run) -> None:
    assert plain(command("consolidate", "ana")).startswith("Nothing to do")
    command("add", "ana", "home.pets", "has two cats")
    command("add", "ana", "home.pets", "has three cats")
    would = plain(command("consolidate", "ana", "--dry-run"))
    assert "home.pets: has three cats" in would
    assert "(was: has two cats)" in would
    assert "why: contradiction: later than" in would
    assert "Nothing was changed" in would
    planned = Consolidation.model_validate_json(command("consolidate", "ana", "--dry-run", "--json").stdout)
    assert (planned.dry_run, planned.version_before, planned.version_after) == (True, 2, 2)
    done = Consolidation.model_validate_json(command("consolidate", "ana", "--json").stdout)
    assert (done.dry_run, done.version_before, done.version_after) == (False, 2, 3)
    assert [step.why for step in done.steps] == [step.why for step in planned.steps]
    history = plain(command("history", "ana"))
    assert "consolidation/1" in history
    assert "why: contradiction: later than" in history
    assert plain(command("consolidate", "ana")).startswith("Nothing to do")


def test_what_was_taken_back_is_not_done_again(command: Run) -> None:
    command("add", "ana", "home.pets", "has two cats")
    command("add", "ana", "home.pets", "has three cats")
    command("consolidate", "ana")
    command("undo", "ana")
    assert plain(command("consolidate", "ana")).startswith("Nothing to do")
    assert "has two cats" in plain(command("tree", "ana"))
