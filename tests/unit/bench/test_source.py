"""Every suite says where its files are; files are known by their place in the folder, and listed for people."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from treering.bench.choice.catalogue import choice_suites, suite_files
from treering.bench.suites.source import Source
from treering.cli.app import command_table
from treering.cli.bench_suites import ELSEWHERE
from treering.errors import InvalidInput

SOURCE = Source(
    name="Tiny",
    url="https://example.org/tiny",
    licence="",
    files=("a.json", "*/a.json"),
    sha256={"x/a.json": hashlib.sha256(b"as published").hexdigest()},
)


def test_every_suite_says_what_it_measures_and_where_its_files_are() -> None:
    for name in choice_suites():
        source = suite_files(name).source
        assert source.measures, name
        assert source.licence, name
        assert source.files, name
        assert all(len(digest) == 64 for digest in source.sha256.values()), name


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for folder in ("", "x", "y"):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "a.json").write_text(f"in {folder}")
    found = SOURCE.checksums(tmp_path)
    assert list(found) == ["a.json", "x/a.json", "y/a.json"]
    assert len(set(found.values())) == 3
    assert SOURCE.changed(found) == ["x/a.json"]
    (tmp_path / "x/a.json").write_text("as published")
    assert not SOURCE.changed(SOURCE.checksums(tmp_path / "a.json"))


def test_a_thousand_files_have_one_checksum_which_any_of_them_changes(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number:02}.txt").write_text(str(number))
    (tmp_path / "a.json").write_text("table")
    many = replace(SOURCE, files=("a.json", "*.txt"))
    before = many.checksums(tmp_path)
    assert list(before) == ["*.txt", "a.json"]
    (tmp_path / "33.txt").write_text("34")
    after = many.checksums(tmp_path)
    assert (after["a.json"], after["*.txt"] == before["*.txt"]) == (before["a.json"], False)


def test_a_missing_file_says_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no file a\.json; Tiny is at https://example\.org/tiny \(no licence"):
        SOURCE.found(tmp_path)


def test_suites_are_listed_with_licences_and_what_they_were_tried_on() -> None:
    shown = CliRunner().invoke(command_table("bench"), ["bench", "suites"], catch_exceptions=False).output
    words = " ".join(shown.split())
    assert all(name in words for name in (*choice_suites(), "precision", "adversarial"))
    assert "CC BY-NC 4.0" in words
    assert "tried on: nothing" in words
    assert "265 of the 589 questions" in words


def test_the_table_of_the_page_has_every_suite_with_its_licence() -> None:
    page = (Path(__file__).parents[3] / "docs" / "benchmarks.md").read_text("utf-8")
    rows = [line.split("|") for line in page.split("| suite | what it measures |")[1].split("\n\n")[0].splitlines()[2:]]
    listed = {name: row[4].strip() for row in rows for name in re.findall(r"`([a-z0-9-]+)`", row[1])}
    known = {name: suite_files(name).source for name in choice_suites()}
    known |= {name: source for name, (source, _) in ELSEWHERE.items()}
    assert listed == {name: source.licence for name, source in known.items()}
