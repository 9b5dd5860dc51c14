"""Systems and suites of other packages stand beside the built-in ones; a broken one breaks itself alone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.testing import CliRunner

from treering.bench import plugins
from treering.bench.choice.catalogue import choice_suites, read_choice_suite
from treering.bench.recall import measure, read_suite
from treering.bench.systems.catalogue import BUILT_IN, check_systems, make_system
from treering.cli.app import app
from treering.errors import InvalidInput
from treering.testing import HashEmbedder

Install = Callable[..., None]

SYSTEM = """
from treering.bench.systems.controls import FullContext
from treering.bench.systems.entry import Entry
PARROT = Entry(make=lambda embedder: FullContext(), about="says it all again", embedder="none")
MUTE = Entry(make=lambda embedder: object(), about="says nothing", embedder="none")
NOTHING = object()
"""

SUITE = """
from datetime import UTC, datetime
from treering.bench.choice.catalogue import SuiteFiles
from treering.bench.gold.answers import RightText
from treering.bench.samples import Conversation, Question, SaidTurn
from treering.bench.suites.source import Source

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)

def read(data):
    said, asked, _ = (data / "life.txt").read_text().splitlines()
    turn = SaidTurn(id="t0", session="s", role="user", speaker="Bo", text=said, at=NOON)
    questions = [Question(id=name, text=asked, at=NOON) for name in ("q0", "q1")]
    return [Conversation(id="bo", steps=(turn, *questions))]

def read_key(data):
    right = (data / "life.txt").read_text().splitlines()[2]
    known = RightText(texts=(right,), type="fact", evidence=frozenset({"t0"}))
    return {("bo", "q0"): known, ("bo", "q1"): RightText(texts=(), type="unknown", is_unknowable=True)}

SOURCE = Source(name="Lives", url="https://lives.test", licence="CC0-1.0", files=("life.txt",))
LIVES = SuiteFiles(source=SOURCE, read=read, read_key=read_key)
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a package as pip would: a module, and a folder that says what its entry points are."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def installed(package: str, source: str, group: str = plugins.SYSTEMS, **points: str) -> None:
        (tmp_path / f"{package}.py").write_text(source, "utf-8")
        monkeypatch.delitem(sys.modules, package, raising=False)
        about = tmp_path / f"{package}-1.2.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n", "utf-8")
        lines = [f"{name.replace('_', '-')} = {package}:{target}" for name, target in points.items()]
        (about / "entry_points.txt").write_text("\n".join([f"[{group}]", *lines]), "utf-8")

    return installed


def test_a_system_of_another_package_is_one_like_the_built_in(install: Install) -> None:
    install("aviary", SYSTEM, parrot="PARROT")
    check_systems(["bm25", "parrot"])
    assert make_system("parrot", HashEmbedder).mode == "everything, in order"
    assert plugins.names(plugins.SYSTEMS, BUILT_IN) == (*BUILT_IN, "parrot")
    assert list(plugins.packages(plugins.SYSTEMS)) == [("parrot", "aviary 1.2")]
    with pytest.raises(InvalidInput, match=r"known are treering, .*, parrot$"):
        check_systems(["crow"])


def test_a_system_that_lacks_a_method_is_told_before_it_hears_anything(install: Install) -> None:
    install("aviary", SYSTEM, mute="MUTE")
    with pytest.raises(InvalidInput, match=r"system 'mute': lacks mode, embedder, reset, .*, close, which"):
        make_system("mute", HashEmbedder)


def test_a_suite_of_another_package_is_read_and_asked_for_its_evidence(install: Install, tmp_path: Path) -> None:
    install("biographer", SUITE, plugins.SUITES, lives="LIVES", cracked="NOBODY")
    with pytest.raises(InvalidInput, match=r"holds no file life\.txt; Lives is at https://lives\.test"):
        read_choice_suite("lives", tmp_path)
    (tmp_path / "life.txt").write_text("I live in Porto.\nWhere do I live?\nPorto\n", "utf-8")
    suite = read_choice_suite("lives", tmp_path)
    assert suite.questions == 2
    assert set(suite.about("hash", None).sha256) == {"life.txt"}
    recalled = measure(read_suite("lives", tmp_path), "bm25", HashEmbedder, lambda _: None)
    assert [mark.question for mark in recalled.marks] == ["q0"], "of the other no evidence is named"
    assert recalled.marks[0].values["recall@5"] == 1
    assert "lives" in choice_suites()
    with pytest.raises(InvalidInput, match=r"plugin 'cracked' of biographer 1\.2: cannot be loaded"):
        read_choice_suite("cracked", tmp_path)


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [
        ("import no_such_module", "PARROT", "cannot be loaded .ModuleNotFoundError: .*no_such_module"),
        ("raise SystemError('odd')", "PARROT", "cannot be loaded .SystemError: odd"),
        (SYSTEM, "CROW", "cannot be loaded .AttributeError"),
        (SYSTEM, "NOTHING", "gives object, where Entry belongs"),
    ],
)
def test_a_broken_package_is_named_and_breaks_no_other_system(
    install: Install, source: str, target: str, why: str
) -> None:
    install("cracked", source, bad=target)
    install("aviary", SYSTEM, parrot="PARROT")
    check_systems(["treering", "parrot"])
    with pytest.raises(InvalidInput, match=f"plugin 'bad' of cracked 1.2: {why}"):
        check_systems(["parrot", "bad"])


@pytest.mark.parametrize(
    ("name", "owners"), [("bm25", "treering itself and of aviary 1.2"), ("parrot", "aviary 1.2 and of zoo 1.2")]
)
def test_a_name_that_two_have_is_nobodys(install: Install, name: str, owners: str) -> None:
    install("aviary", SYSTEM, **{name: "PARROT", "other": "PARROT"})
    install("zoo", SYSTEM, parrot="PARROT")
    with pytest.raises(InvalidInput, match=f"plugin '{name}': is of {owners}; uninstall"):
        check_systems([name])
    check_systems(["other", "dense"])


def test_all_systems_are_listed_with_what_they_need_and_who_adds_them(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    install("aviary", SYSTEM, parrot="PARROT", bad="NOTHING")
    done = CliRunner().invoke(app, ["bench", "systems"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    rows = {line.split()[0]: line for line in done.stdout.splitlines()[1:]}
    assert list(rows) == [*BUILT_IN, "parrot"]
    assert "says it all again" in rows["parrot"]
    assert rows["parrot"].rstrip().endswith("live, by aviary 1.2")
    for name, entry in BUILT_IN.items():
        assert ("untested" in rows[name]) == (not entry.is_tested_live)
        assert all(variable in rows[name] for variable in entry.variables)
        if entry.package and find_spec(entry.package) is None:
            assert f"treering[{entry.extra}]" in rows[name]
    assert "plugin 'bad' of aviary 1.2" in done.stderr
