"""The room of test aids is light to enter, and its list of names is whole."""

from __future__ import annotations

import subprocess
import sys

import pytest

import treering.testing


def test_importing_it_loads_no_framework() -> None:
    heavy = "{'langchain_core', 'langgraph', 'numpy', 'pydantic', 'sqlalchemy', 'torch'}"
    code = f"import sys, treering.testing; treering.testing.ManualClock(); print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_every_public_name_resolves_and_is_listed() -> None:
    assert dir(treering.testing) == sorted(treering.testing.__all__)
    for name in treering.testing.__all__:
        assert getattr(treering.testing, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        treering.testing.Nothing  # noqa: B018  # the access is the test
