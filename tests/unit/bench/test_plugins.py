"""Systems and suites of other packages stand beside the built-in ones; a broken one breaks itself alone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from treering.bench import plugins
from treering.bench.systems.catalogue import BUILT_IN, check_systems, make_system
from treering.errors import InvalidInput
from treering.testing import HashEmbedder

Install = Callable[..., None]

SYSTEM = """
from treering.bench.systems.controls import FullContext
from treering.bench.systems.entry import Entry
PARROT = Entry(make=lambda embedder: FullContext(), about="says it all again", embedder="none")
NOTHING = object()
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
