"""The page of `treering --help` is written beside the commands, and says what they say."""

from __future__ import annotations

from importlib import import_module

import pytest
import typer
from typer.testing import CliRunner

from treering.cli.app import command_table
from treering.cli.commands import PANELS, name_of
from treering.cli.help import flowing

PLACES = {place: summary for places in PANELS.values() for place, summary in places.items()}


@pytest.mark.parametrize("place", PLACES)
def test_what_the_page_says_of_a_command_is_the_first_paragraph_of_its_own_help(place: str) -> None:
    module, _, function = place.partition(".")
    found = getattr(import_module(f"treering.cli.{module}"), function)
    told = found.info.help if isinstance(found, typer.Typer) else found.__doc__
    assert flowing(told).split("\n\n")[0] == PLACES[place]


def test_the_page_tells_of_options_examples_and_commands_though_none_is_laid_out() -> None:
    page = CliRunner(env={"COLUMNS": "200"}).invoke(command_table(""), ["--help"]).output
    assert "Usage: treering [OPTIONS] COMMAND" in page
    assert "\n treering tree ana " in page
    for option in ("--version", "--install-completion", "-h, --help"):
        assert f"│ {option} " in page
    for place, summary in PLACES.items():
        assert f"│ {name_of(place)} " in page
        assert summary in page
    assert "\x08" not in page


def test_without_a_command_there_is_the_page_and_the_code_of_bad_input() -> None:
    result = CliRunner().invoke(command_table(""), [])
    assert "─ Look after ─" in result.output
    assert result.exit_code == 2


def test_the_page_fits_a_narrow_terminal() -> None:
    page = CliRunner(env={"COLUMNS": "60"}).invoke(command_table(""), ["-h"]).output
    assert max(len(line) for line in page.splitlines()) == 60
