"""The systems by name."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from treering.bench.systems.controls import FullContext, LastTurns, NoMemory
from treering.bench.systems.plain import Bm25Retriever, DenseRetriever, LinearBlend, RankFusion
from treering.bench.systems.treering import TreeringSystem
from treering.errors import InvalidInput, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from treering.bench.systems.port import System
    from treering.memory.ports import Embedder

DEFAULT_SYSTEMS = ("treering", "bm25", "dense", "rrf")
"""What is measured where nothing is asked for: what is installed in any case."""

_PACKAGES = {"mem0": "mem0"}
"""Packages of systems that are an optional extra."""


def check_systems(names: Sequence[str]) -> None:
    """Refuses names before an hour is spent on the others.

    Raises:
        InvalidInput: There is no system of a name, or a name comes twice.
        MissingExtra: A system is not installed.
    """
    for place, name in enumerate(names):
        if name not in SYSTEMS:
            raise InvalidInput("--systems", f"{name!r} is none; known are {', '.join(SYSTEMS)}")
        if name in names[:place]:
            raise InvalidInput("--systems", f"{name!r} is there twice")
        if name in _PACKAGES and find_spec(_PACKAGES[name]) is None:
            raise MissingExtra(f"{name} as a system to measure", "bench")


def make_system(name: str, embedder: Callable[[], Embedder]) -> System:
    """A system, with an embedder of its own, so that none profits from what another has embedded.

    Raises:
        InvalidInput: There is none of this name.
        MissingExtra: It is not installed.
    """
    check_systems([name])
    return SYSTEMS[name](embedder())


def _mem0(embedder: Embedder) -> System:
    from treering.bench.systems.mem0 import Mem0  # noqa: PLC0415 - sets its environment

    return Mem0(embedder)


SYSTEMS: Mapping[str, Callable[[Embedder], System]] = {
    "treering": TreeringSystem,
    "treering-deaf": lambda embedder: TreeringSystem(embedder, listens=False),
    "treering-tree": lambda embedder: TreeringSystem(embedder, mode="tree"),
    "treering-agentic": lambda embedder: TreeringSystem(embedder, mode="agentic"),
    "bm25": lambda _: Bm25Retriever(),
    "dense": DenseRetriever,
    "rrf": RankFusion,
    "linear": LinearBlend,
    "mem0": _mem0,
    "none": lambda _: NoMemory(),
    "full-context": lambda _: FullContext(),
    "last-turns": lambda _: LastTurns(),
}
"""`treering` listens without a chat model, `treering-deaf` does not listen at all."""
