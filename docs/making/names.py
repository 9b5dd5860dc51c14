"""Which names a page of the Python reference lists; what is said of each comes from its docstring."""

from __future__ import annotations

import inspect
from importlib import import_module

MEMORIES = ("Memory", "AsyncMemory", "RemoteMemory", "Chat")
"""Names of the package that have a page of their own."""


def listed(module: str, *names: str) -> str:
    """Instructions for mkdocstrings: names of a module, or all that are public; `but-memories` leaves those out."""
    found = import_module(module)
    left_out = {*MEMORIES, "TreeringError"} if names == ("but-memories",) else set()
    chosen = names if names and not left_out else found.__all__
    return "\n\n".join(f"::: {_home(getattr(found, name), module, name)}" for name in chosen if name not in left_out)


def _home(value: object, module: str, name: str) -> str:
    """Where a name is written: a static reader cannot follow names that are loaded when they are first used."""
    if inspect.isclass(value) or inspect.isfunction(value):
        return f"{value.__module__}.{value.__qualname__}"
    return f"{module}.{name}"
