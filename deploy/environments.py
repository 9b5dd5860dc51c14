"""Environments of their own, in which what is built is tried, and which are thrown away."""  # noqa: INP001 - of scripts

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]

TESTED = ("--constraint", str(ROOT / "constraints.txt"))
"""The versions that were tested together."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A folder with a virtual environment in it; programs run in the folder, away from the source."""

    folder: Path

    @property
    def python(self) -> str:
        """Its Python."""
        return self.program("python")

    def program(self, name: str) -> str:
        """A program that was installed in it."""
        return str(self.folder / "venv" / "bin" / name)

    def install(self, *what: str) -> None:
        """Install packages, by uv where it is on the path: it does in seconds what takes pip a minute."""
        uv = shutil.which("uv")
        pip = [uv, "pip", "install", "--python", self.python] if uv else [self.python, "-m", "pip", "install"]
        self.run(*pip, "--quiet", *what)

    def check(self) -> None:
        """Fail where packages contradict each other."""
        uv = shutil.which("uv")
        pip = [uv, "pip", "check", "--quiet", "--python", self.python] if uv else [self.python, "-m", "pip", "check"]
        self.run(*pip, stdout=subprocess.DEVNULL)

    def run(
        self, *command: str, where: str = ".", stdout: int | None = None, is_checked: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a program there; one that fails is an error, unless it is not checked."""
        named = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TREERING"))}
        told = named | {"TREERING_HOME": str(self.folder), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        return subprocess.run(  # noqa: S603 - programs of ours
            command, check=is_checked, cwd=self.folder / where, env=told, stdout=stdout, text=True
        )


@contextmanager
def environment(python: str) -> Iterator[Environment]:
    """A new one, of that Python."""
    with tempfile.TemporaryDirectory() as folder:
        made = Environment(Path(folder))
        without = ["--without-pip"] if shutil.which("uv") else []
        made.run(python, "-m", "venv", str(made.folder / "venv"), *without)
        yield made


def built(kind: str) -> Path:
    """The one file of a kind in dist/: `*.whl`, `*.tar.gz`."""
    [made] = ROOT.glob(f"dist/{kind}")
    return made


def tell(*lines: str) -> None:
    """Tell a person, at once."""
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
