"""What is built to be published: the package whole, and nothing beside it."""

from __future__ import annotations

import re
import runpy
import tarfile
import tomllib
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

from treering import __version__

ROOT = Path(__file__).parents[2]

KINDS = {".css", ".html", ".js", ".md", ".npz", ".py", ".svg", ".txt", ".typed", ".yaml"}
"""What a package of Python and a few pages consists of: no databases, no data sets, no weights."""

MOST_BYTES = 4_000_000
"""What a wheel may take; it takes half of this."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the source distribution, as `make dist` builds them."""
    folder = str(tmp_path_factory.mktemp("dist"))
    builders = WheelBuilder(str(ROOT)), SdistBuilder(str(ROOT))
    wheel, source = (Path(next(builder.build(directory=folder, versions=["standard"]))) for builder in builders)
    return wheel, source


def test_the_wheel_is_the_package_and_nothing_beside_it(built: tuple[Path, Path]) -> None:
    wheel, _ = built
    with zipfile.ZipFile(wheel) as opened:
        names = {name for name in opened.namelist() if ".dist-info/" not in name}
        [about] = (opened.read(name).decode() for name in opened.namelist() if name.endswith("/METADATA"))
        [commands] = (opened.read(name).decode() for name in opened.namelist() if name.endswith("/entry_points.txt"))
    package = (file for file in (ROOT / "treering").rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    assert names == {file.relative_to(ROOT).as_posix() for file in package}
    assert {"treering/py.typed", "treering/sidecar/inspector/static/icon.svg"} <= names
    assert {PurePosixPath(name).suffix for name in names} <= KINDS
    assert wheel.stat().st_size < MOST_BYTES
    assert "treering = treering.cli:main" in commands
    assert "\nLicense-File: LICENSE\n" in about
    assert "\nDescription-Content-Type: text/markdown\n" in about, "the page of the registry"


def test_the_source_distribution_builds_the_same_wheel(built: tuple[Path, Path], tmp_path: Path) -> None:
    wheel, source = built
    with tarfile.open(source) as opened:
        opened.extractall(tmp_path, filter="data")
    [unpacked] = tmp_path.iterdir()
    again = Path(next(WheelBuilder(str(unpacked)).build(directory=str(tmp_path / "dist"), versions=["standard"])))
    assert again.name == wheel.name
    assert record(again) == record(wheel)
    assert not [name for name in unpacked.rglob("*") if name.suffix in {".pyc", ".db"}]
    assert {"CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "constraints.txt", "docs", "examples", "tests"} <= {
        one.name for one in unpacked.iterdir()
    }


def record(wheel: Path) -> list[str]:
    """Each file of a wheel with its hash and size."""
    with zipfile.ZipFile(wheel) as opened:
        [name] = (name for name in opened.namelist() if name.endswith("/RECORD"))
        return sorted(opened.read(name).decode().splitlines())


def test_each_extra_that_is_for_users_is_tried_from_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "deploy"))  # as for a program that is run
    optional = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"])
    tried = set(runpy.run_path(str(ROOT / "deploy" / "try_wheel.py"))["ROOMS"]) - {""}
    heavy = {"local"}  # with PyTorch: gigabytes an environment
    assert tried == optional - heavy - {"dev", "docs", "mutants"}


SAYS_THE_VERSION = {
    "CHANGELOG.md": r"^## \[(\d[^\]]*)\] - \d{4}-\d\d-\d\d$",
    "deploy/.env.example": r"IMAGE=.*/treering:(\S+)",
    "deploy/helm/treering/Chart.yaml": r"^appVersion: (\S+)$",
    "docs/serve.md": r'"name": "treering", "version": "([^"]+)"',
    "treering/sidecar/routes/moving.py": r'"treering": "([^"]+)"',
}
"""Where people read which version this is, apart from what asks the package: the first one in a file counts."""


@pytest.mark.parametrize("file", sorted(SAYS_THE_VERSION))
def test_whatever_tells_of_the_version_tells_of_this_one(file: str) -> None:
    found = re.search(SAYS_THE_VERSION[file], (ROOT / file).read_text("utf-8"), re.MULTILINE)
    assert found is not None
    assert found[1] == __version__


def test_what_is_built_is_of_this_version(built: tuple[Path, Path]) -> None:
    wheel, source = built
    assert wheel.name == f"treering-{__version__}-py3-none-any.whl"
    assert source.name == f"treering-{__version__}.tar.gz"
    with zipfile.ZipFile(wheel) as opened:
        assert f"\nVersion: {__version__}\n" in opened.read(f"treering-{__version__}.dist-info/METADATA").decode()


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    releases = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert releases[0] == "Unreleased"
    assert len(releases) == len(set(releases))
