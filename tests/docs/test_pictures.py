"""The pictures of the documentation show what the program does today, and load nothing from anywhere."""

from __future__ import annotations

import importlib.util
import re
from html import unescape
from pathlib import Path

import pytest

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
NAMES = ("tree.svg", "recall.svg")


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


@pytest.mark.parametrize("name", NAMES)
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
