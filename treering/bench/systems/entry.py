"""How a system is made, and what is said of it: an entry of the catalogue, or of another package."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from treering.bench.systems.port import System
from treering.memory.ports import Embedder

Factory = Callable[[Embedder], System]
"""Makes a system; it gets an embedder of its own, so that none profits from what another has embedded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A system that can be measured."""

    make: Factory
    """Makes it."""
    about: str
    """What it is, in a line."""
    embedder: Literal["of the run", "its own", "none"]
    """Whose vectors it searches by."""
    package: str = ""
    """The module without which it cannot be made; empty where nothing is missing."""
    extra: str = ""
    """The extra of Treering that installs the module."""
    variables: tuple[str, ...] = ()
    """Environment variables that name its server, or the key to its model."""
    ranks: bool = True
    """Whether it ranks single turns, which is what `treering bench recall` measures."""
    is_tested_live: bool = True
    """Whether it was measured itself, and not only an imitation of it, before it was published."""
