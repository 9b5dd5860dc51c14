"""The rules of the house for the files of the inspector: plain modules, no markup from text, nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from treering.sidecar.inspector.pages import STATIC

FILES = sorted(file for file in STATIC.rglob("*") if file.is_file())
SCRIPTS = [file for file in FILES if file.suffix == ".js"]

MAX_LINES = 200
MAX_COLUMNS = 180

REFUSED = {
    "text as markup": r"\b(innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe|setHTML|srcdoc|DOMParser)\b"
    r"|createContextualFragment|document\.write|parseHTMLUnsafe",
    "text as a program": r"\beval\s*\(|new Function\b|\bsetTimeout\(\s*[\"'`]|\bimport\(\s*[^\"')]|javascript:",
    "a style or a listener in markup": r"<[^>]*\s(style|on[a-z]+)\s*=|setAttribute\(\s*[\"'](style|on)"
    r"|[{,]\s*style:|cssText",
    "an address elsewhere": r"\b(https?|wss?):|[\"'(]//\w|@import|\bdata:",
    "another way out": r"XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts|Worker\(|window\.open"
    r"|localStorage|document\.cookie|indexedDB|postMessage",
}

ALLOWED = {"icon.svg": "http://www.w3.org/2000/svg"}
"""The name of SVG, which is an address that nobody asks."""


EXPORTED = re.compile(r"^export (?:async )?(?:function\*?|const|class|let) (\w+)", re.MULTILINE)


def place(file: Path) -> str:
    return file.relative_to(STATIC).as_posix()


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/|(?m:^\s*//.*$)", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("file", FILES, ids=place)
def test_a_file_takes_no_text_for_markup_and_nothing_from_elsewhere(file: Path) -> None:
    text = without_comments(file.read_text("utf-8")).replace(ALLOWED.get(place(file), "\0"), "")
    found = {what: match.group() for what, refused in REFUSED.items() if (match := re.search(refused, text))}
    assert found == {}


@pytest.mark.parametrize("file", FILES, ids=place)
def test_a_file_is_short_and_hides_no_character(file: Path) -> None:
    lines = file.read_text("utf-8").splitlines()
    assert len(lines) < MAX_LINES
    hidden = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\t\r]")
    assert [line for line in lines if hidden.search(line)] == []


@pytest.mark.parametrize("file", SCRIPTS, ids=place)
def test_a_module_says_in_its_first_line_what_room_it_is(file: Path) -> None:
    assert re.match(r"// [A-Z].{15,}", file.read_text("utf-8"))
    for line in file.read_text("utf-8").splitlines():
        assert len(line) <= MAX_COLUMNS, line


@pytest.mark.parametrize("file", SCRIPTS, ids=place)
def test_what_a_module_imports_is_there_and_exported(file: Path) -> None:
    text = file.read_text("utf-8")
    for names, source in re.findall(r"^import (.*?)\s?from \"([^\"]+)\";", text, re.MULTILINE | re.DOTALL):
        target = (file.parent / source).resolve()
        assert target in FILES, source
        exported = EXPORTED.findall(target.read_text("utf-8"))
        for name in re.findall(r"(\w+)(?: as \w+)?\s*[,}]", names.partition("{")[2]):
            assert name in exported, f"{name} of {source}"
    for source in re.findall(r"\bimport\(\"([^\"]+)\"\)", text):
        assert (file.parent / source).resolve() in FILES, source
