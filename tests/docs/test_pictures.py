"""The pictures of the documentation show what the program does today, and load nothing from anywhere."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from html import unescape
from pathlib import Path

import pytest

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


def texts(file: Path) -> list[str]:
    found = re.findall(r"<text [^>]*>(.*?)</text>", file.read_text("utf-8"))
    return [unescape(text).replace("\xa0", " ") for text in found]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec = importlib.util.spec_from_file_location("pictures", PICTURES / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = tmp_path_factory.mktemp("pictures")
    module.draw(folder)
    return folder


def test_the_picture_of_the_tree_is_what_the_story_gives_today(drawn: Path) -> None:
    assert texts(PICTURES / "tree.svg") == texts(drawn / "tree.svg"), "the demo looks different: run `make pictures`"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("tree.svg", ["moved to Lisbon", "(ended)", "+ has asthma", "~ can't stand jazz", "- gone"]),
        ("recall.svg", ["is allergic to peanuts", "boundaries.never_do", "found by", "boundary #1"]),
    ],
)
def test_the_pictures_say_what_matters(name: str, says: list[str]) -> None:
    shown = " ".join(texts(PICTURES / name))
    for words in says:
        assert words in shown


@pytest.mark.parametrize("script", ["layers", "concepts"])
def test_a_diagram_is_what_its_script_draws_today(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PICTURES))
    pictures = importlib.import_module(script).pictures()
    for name, svg in pictures.items():
        assert (PICTURES / name).read_text("utf-8") == svg, f"{name} would look different: run `make pictures`"


def test_the_picture_of_the_layers_has_each_of_them() -> None:
    project = tomllib.loads((PICTURES.parents[1] / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    named = {
        room
        for one in contracts
        if one["type"] == "layers"
        for layer in one["layers"]
        for room in re.findall(r"\w+", layer)
    }
    assert named == {*texts(PICTURES / "layers.svg")[1:], *texts(PICTURES / "engine-layers.svg")[1:]}


@pytest.mark.parametrize("name", sorted(file.name for file in PICTURES.glob("*.svg")))
def test_the_pictures_load_nothing(name: str) -> None:
    svg = (PICTURES / name).read_text("utf-8")
    assert re.findall(r"\w+://[^\s\"')]+", svg) == ["http://www.w3.org/2000/svg"]
    for loads in ("@font-face", "@import", "href", "<image", "<script"):
        assert loads not in svg
    assert all(target.startswith("#treering-") for target in re.findall(r"url\(([^)]*)\)", svg))


def test_photographs_are_small_shown_and_told_to_those_who_do_not_see_them() -> None:
    page = (PICTURES.parent / "inspector.md").read_text("utf-8")
    told = dict(re.findall(r"!\[([^\]]*)\]\(pictures/([^)]*)\)", page))
    assert {file.name for file in PICTURES.glob("*.png")} == set(told.values())
    assert all(len(words) > 60 for words in told)
    assert all(file.stat().st_size < 200_000 for file in PICTURES.glob("*.png"))
