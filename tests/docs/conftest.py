"""The makers of the site's pages, imported as MkDocs imports them: they are no package."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

MAKING = Path(__file__).parents[2] / "docs" / "making"


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Imports a module of `docs/making` by its name."""
    monkeypatch.syspath_prepend(str(MAKING))
    for file in MAKING.glob("*.py"):
        monkeypatch.delitem(sys.modules, file.stem, raising=False)
    return importlib.import_module
