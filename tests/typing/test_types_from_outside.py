"""The types that an application sees: two programs of strangers, checked without our settings, and run."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent
PROGRAMS = ("application.py", "plugin.py")

CACHE = HERE.parents[1] / ".mypy_cache" / "outside"
"""Kept from run to run: 0.3 s of processor time with it, 4 s without."""


def test_the_programs_use_no_library_that_mypy_does_not_read() -> None:
    unread = set(re.findall(r"(\w+)\.\*", (HERE / "unread.ini").read_text()))
    assert len(unread) > 30
    for program in PROGRAMS:
        used = set(re.findall(r"^(?:from|import) (\w+)", (HERE / program).read_text(), re.MULTILINE))
        assert "treering" in used
        assert not used & unread


def test_what_is_public_is_typed_for_strangers(tmp_path: Path) -> None:
    """Away from the tree, as an application does: the package is an installed one, there is no plugin of pydantic."""
    said = [sys.executable, "-m", "mypy", "--strict", f"--config-file={HERE / 'unread.ini'}", f"--cache-dir={CACHE}"]
    told = {name: value for name, value in os.environ.items() if name not in {"MYPYPATH", "PYTHONPATH"}}
    programs = [str(HERE / name) for name in PROGRAMS]
    done = subprocess.run([*said, *programs], cwd=tmp_path, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Makes a module of a program."""

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)  # dataclasses look there
        spec.loader.exec_module(module)
        return module

    return load


def test_the_application_does_what_its_types_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loaded: Callable[[str], ModuleType]
) -> None:
    for name in [name for name in os.environ if name.startswith("TREERING_")]:
        monkeypatch.delenv(name)
    application = loaded("application")
    memory = application.opened(str(tmp_path / "store"))
    application.talked(memory)
    assert "Lisbon" in application.asked(memory)
    [*_, claim] = application.looked(memory)
    application.changed(memory, claim)
    assert application.chatted(memory) == "How about soup?"
    assert application.served(memory)
    assert asyncio.run(application.awaited(memory))
    assert repr(application.connected("http://127.0.0.1:9")) == "RemoteMemory('http://127.0.0.1:9')"


def test_the_plugin_can_be_measured(tmp_path: Path, loaded: Callable[[str], ModuleType]) -> None:
    assert loaded("plugin").measured(tmp_path) == ("t0",)
