"""The site of the documentation builds strictly, loads nothing from elsewhere, and its reference is whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

import treering
from treering.cli.app import command_table
from treering.sidecar.routes.messages import Said

ROOT = Path(__file__).parents[2]

Maker = Callable[[str], ModuleType]

LOADING = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src"}
"""Elements that a browser loads something for, and the attribute that says what."""


class Seen(HTMLParser):
    """What a page loads, where it leads, and what in it can be led to."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(page.read_text("utf-8"))

    def updatepos(self, i: int, j: int) -> int:
        """Where in the file a tag stands is no matter, and a quarter of the time."""
        return j

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if has.get("id"):
            self.anchors.add(str(has["id"]))
        if tag in LOADING and has.get(LOADING[tag]):
            self.loads.append(str(has[LOADING[tag]]))
        if tag == "a" and has.get("href"):
            self.leads.append(str(has["href"]))


def dead_links(site: Path, pages: dict[Path, Seen]) -> Iterator[str]:
    for page, seen in pages.items():
        if page.name == "404.html":  # its links are absolute, for whatever address it answers
            continue
        for target in (*seen.leads, *seen.loads):
            place, _, anchor = target.partition("#")
            found = (page.parent / place).resolve() if place else page
            if "://" in target or target.startswith(("data:", "mailto:")):
                continue
            if not found.exists() or (anchor and found in pages and anchor not in pages[found].anchors):
                yield f"{page.relative_to(site)}: {target}"


@pytest.mark.slow
def test_the_site_builds_strictly_leads_nowhere_wrong_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    from mkdocs.commands.build import build  # noqa: PLC0415 - most processes need not import it
    from mkdocs.config import load_config  # noqa: PLC0415 - likewise

    config = load_config(str(ROOT / "mkdocs.yml"), strict=True, site_dir=str(tmp_path))
    # What is done for readers alone would be half of the time: signatures, each laid out by a program of its own, the
    # colours of code, and the index of the search.
    config.plugins["mkdocstrings"].config["handlers"]["python"]["options"]["separate_signature"] = False
    config.mdx_configs["pymdownx.highlight"] = {"use_pygments": False}
    search = config.plugins["material/search"]
    for hooks in config.plugins.events.values():
        hooks[:] = [hook for hook in hooks if getattr(hook, "__self__", None) is not search]
    build(config)
    pages = {page: Seen(page) for page in tmp_path.rglob("*.html")}
    assert len(pages) > 70
    assert [load for seen in pages.values() for load in seen.loads if "://" in load] == []
    assert list(dead_links(tmp_path, pages)) == []
    for style in tmp_path.rglob("*.css"):
        assert re.findall(r"url\(['\"]?https?:", style.read_text("utf-8")) == []
    assert "<!-- made:" not in "".join(page.read_text("utf-8") for page in pages)


def words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text))


def test_the_reference_of_commands_says_what_help_says(maker: Maker) -> None:
    told = dict(
        re.findall(
            r"^## (treering [a-z -]+)\n(.*?)(?=^## |\Z)", maker("commands").reference(), re.MULTILINE | re.DOTALL
        )
    )
    runner = CliRunner(env={"COLUMNS": "300", "TERM": "dumb", "NO_COLOR": "1"})
    for name in (
        "treering recall",
        "treering forget",
        "treering db upgrade",
        "treering bench run",
        "treering keys create",
    ):
        _, *called = name.split()
        shown = runner.invoke(command_table(called[0]), [*called, "--help"]).output
        options = set(re.findall(r"^│ (?:\* +)?(--[a-z-]+)", shown, re.MULTILINE))
        assert options
        assert options == set(re.findall(r"^\| `[^`]*?(--[a-z-]+)", told[name], re.MULTILINE)), name
        said, *_ = told[name].strip().split("\n\n")
        assert words(said) in words(shown)
    assert set(told) == {name for name, _ in maker("commands").commands()}


def test_the_reference_of_routes_has_every_route_value_and_right(maker: Maker) -> None:
    routes = maker("routes")
    document = routes.described()
    told = routes.reference(document)
    for method, path, route in routes.operations(document):
        section = told.partition(f"### {method} {path}\n")[2].partition("\n### ")[0]
        assert all(f"`{one['name']}`" in section for one in route.get("parameters", ())), path
        assert all(f"`{status}`" in section for status in route["responses"] if status != "default"), path
        assert ("Right: `" in section) == bool(route.get("security")), path
    values = set(document["components"]["schemas"])
    assert set(re.findall(r"\]\(#(\w+)\)", told)) <= {name.lower() for name in values}
    assert values <= set(re.findall(r"^### (\w+)$", told, re.MULTILINE))


def test_the_request_that_help_shows_is_one_that_the_server_takes() -> None:
    shown = CliRunner(env={"COLUMNS": "300"}).invoke(command_table("serve"), ["serve", "--help"]).output
    [body] = re.findall(r"-d '(.*?)'", shown)
    assert Said.model_validate_json(body).messages[0].content == "I moved to Lisbon."


def test_each_public_name_is_on_one_page_of_the_reference(maker: Maker) -> None:
    hooks = maker("hooks")
    pages = [page.read_text("utf-8") for page in (ROOT / "docs/reference").glob("*.md")]
    listed = [
        name.rpartition(".")[2]
        for page in pages
        for mark in hooks.MARK.finditer(page)
        if mark[1] == "names"
        for name in re.findall(r"^::: (\S+)$", hooks.made(mark), re.MULTILINE)
    ]
    assert [name for name in treering.__all__ if listed.count(name) != 1] == []


def test_tables_take_words_for_words_and_code_for_code(maker: Maker) -> None:
    tables = maker("tables")
    assert tables.cell("a *b* | `c_d*` <e>\n f_g") == "a \\*b\\* \\| `c_d*` \\<e> f\\_g"
    assert tables.table(("A", "B"), [("1", "2")]) == "| A | B |\n|---|---|\n| 1 | 2 |\n"
    assert tables.table(("A",), []) == ""
