"""What the pages list is what there is: settings, commands, options, methods, pages."""

from __future__ import annotations

import inspect
import re
from functools import cache
from pathlib import Path

import pytest
import typer

import treering
from treering import AsyncMemory, Memory, Settings
from treering.cli.app import app

DOCS = Path(__file__).parents[2] / "docs"


@cache
def commands() -> dict[str, set[str]]:
    """Long options of each command, by the words that call it."""
    found: dict[str, set[str]] = {}
    root = typer.main.get_command(app)
    waiting = [("treering", root)]
    while waiting:
        name, command = waiting.pop()
        below = getattr(command, "commands", None)
        if below:
            waiting += [(f"{name} {word}", one) for word, one in below.items()]
        else:
            options = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
            found[name] = set(options) - {"--help"}
    return found


def test_the_page_of_the_command_line_lists_each_command_with_its_options() -> None:
    page = (DOCS / "cli.md").read_text("utf-8")
    sections = dict(re.findall(r"^## (treering [a-z -]+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    listed = {}
    for name, text in sections.items():
        assert "```bash" in text, f"{name} has no example"
        [line] = re.findall(r"^Options: (.*)\.$", text, re.MULTILINE)
        listed[name] = set(re.findall(r"`(--[a-z-]+)`", line))
    assert listed == commands()


def test_the_examples_of_the_page_use_options_that_exist() -> None:
    page = (DOCS / "cli.md").read_text("utf-8")
    for line in re.findall(r"^.*treering [a-z]+ .*$", page, re.MULTILINE):
        known = next((options for name, options in commands().items() if f"{name} " in f"{line} "), None)
        if known is not None:
            assert set(re.findall(r"(--[a-z-]+)", line.partition("#")[0])) <= known, line


def test_the_table_of_settings_is_that_of_the_code() -> None:
    page = (DOCS / "sdk.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `TREERING_([A-Z_]+)` \| (.*?) \|", page, re.MULTILINE))
    assert list(rows) == [name.upper() for name in Settings.model_fields]
    defaults = Settings()
    for name in Settings.model_fields:
        shown = rows[name.upper()].strip("`")
        value = getattr(defaults, name)
        match value:
            case None:
                assert shown == "none"
            case float():
                assert float(shown) == value
            case _ if name == "cache_dir":  # it depends on the machine
                assert Path(shown).name == "treering"
            case _:
                assert shown == str(value)


@pytest.mark.parametrize("of", [Memory, AsyncMemory])
def test_the_page_of_the_sdk_shows_every_method(of: type) -> None:
    page = (DOCS / "sdk.md").read_text("utf-8")
    methods = [name for name, _ in inspect.getmembers(of, inspect.isfunction) if not name.startswith("_")]
    assert [name for name in methods if f"memory.{name}(" not in page] == []


@pytest.mark.parametrize("of", [Memory, AsyncMemory])
def test_what_methods_return_can_be_imported_from_the_package(of: type) -> None:
    """`inspect.signature` gives the annotations as they are written."""
    methods = [method for name, method in inspect.getmembers(of, inspect.isfunction) if not name.startswith("_")]
    named = {name for one in methods for name in re.findall(r"[A-Z]\w+", str(inspect.signature(one).return_annotation))}
    assert named - {"None", "JsonValue", "BaseTool"} <= set(treering.__all__)


@pytest.mark.parametrize("page", [*sorted(DOCS.rglob("*.md")), DOCS.parent / "README.md"], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_first_page_leads_to_all_others() -> None:
    index = (DOCS / "index.md").read_text("utf-8")
    assert [page.name for page in DOCS.glob("*.md") if page.name != "index.md" and f"({page.name})" not in index] == []
