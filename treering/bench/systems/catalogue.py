"""The systems by name: those that are built in, and those that other packages add."""

from __future__ import annotations

import os
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from treering.bench import plugins
from treering.bench.systems.controls import FullContext, LastTurns, NoMemory
from treering.bench.systems.entry import Entry
from treering.bench.systems.graphiti import Graphiti
from treering.bench.systems.hindsight import Hindsight
from treering.bench.systems.langmem import LangMem
from treering.bench.systems.letta import Letta
from treering.bench.systems.mem0 import Mem0
from treering.bench.systems.mem0_model import Mem0WithModel
from treering.bench.systems.memobase import Memobase
from treering.bench.systems.plain import Bm25Retriever, DenseRetriever, LinearBlend, RankFusion
from treering.bench.systems.port import System
from treering.bench.systems.treering import TreeringSystem
from treering.errors import InvalidInput, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from treering.bench.systems.entry import Factory
    from treering.memory.ports import Embedder

DEFAULT_SYSTEMS = ("treering", "bm25", "dense", "rrf")
"""What is measured where nothing is asked for: what is installed in any case."""


def check_systems(names: Sequence[str], *, ranks: bool = False) -> None:
    """Refuses names before an hour is spent on the others.

    Args:
        names: The systems.
        ranks: Whether rankings of turns will be asked of them.

    Raises:
        InvalidInput: There is no system of a name, or it comes twice, is broken, or lacks a name of its server.
        MissingExtra: A system is not installed.
    """
    for place, name in enumerate(names):
        if name in names[:place]:
            raise InvalidInput("--systems", f"{name!r} is there twice")
        entry = entry_of(name)
        if entry.package and find_spec(entry.package) is None:
            raise MissingExtra(f"{name} as a system to measure", entry.extra)
        if ranks and not entry.ranks:
            raise InvalidInput("--systems", f"{name!r} ranks no turns; `treering bench run` measures it")
        missing = [one for one in entry.variables if not os.environ.get(one)]
        if missing:
            raise InvalidInput("--systems", f"{name!r} needs {' and '.join(missing)} in the environment")


def entry_of(name: str) -> Entry:
    """What is known of a system.

    Raises:
        InvalidInput: There is none of this name, or it is of several packages, or its package is broken.
    """
    found = plugins.named(plugins.SYSTEMS, BUILT_IN, name, Entry)
    if found is None:
        known = ", ".join(plugins.names(plugins.SYSTEMS, BUILT_IN))
        raise InvalidInput("--systems", f"{name!r} is none; known are {known}")
    return found


def make_system(name: str, embedder: Callable[[], Embedder]) -> System:
    """A system, with an embedder of its own, so that none profits from what another has embedded.

    Raises:
        InvalidInput: There is none of this name, or it cannot be made of what is in the environment.
        MissingExtra: It is not installed.
    """
    check_systems([name])
    made = entry_of(name).make(embedder())
    missing = [member for member in vars(System) if not member.startswith("_") and not hasattr(made, member)]
    if missing:
        raise InvalidInput(f"system {name!r}", f"lacks {', '.join(missing)}, which every system has")
    return made


def _without_embedder(kind: Callable[[], System]) -> Factory:
    return lambda _: kind()


BUILT_IN: Mapping[str, Entry] = {
    "treering": Entry(
        make=TreeringSystem,
        about="Treering, asked through the SDK; listens by rules, or by TREERING_MODEL",
        embedder="of the run",
    ),
    "treering-deaf": Entry(
        make=partial(TreeringSystem, listens=False),
        about="Treering with a listener that hears nothing: turns only",
        embedder="of the run",
    ),
    "treering-tree": Entry(
        make=partial(TreeringSystem, mode="tree"), about="the claims of Treering's tree alone", embedder="of the run"
    ),
    "treering-agentic": Entry(
        make=partial(TreeringSystem, mode="agentic"),
        about="Treering's agentic mode, without a chat model",
        embedder="of the run",
    ),
    "bm25": Entry(make=_without_embedder(Bm25Retriever), about="BM25 of single turns", embedder="none"),
    "dense": Entry(make=DenseRetriever, about="cosine of single turns", embedder="of the run"),
    "rrf": Entry(make=RankFusion, about="reciprocal rank fusion of the two", embedder="of the run"),
    "hybrid": Entry(make=LinearBlend, about="the sum of both, over turns and windows of three", embedder="of the run"),
    "mem0": Entry(
        make=Mem0,
        about="mem0, raw: every turn as it is, in its own Qdrant",
        embedder="of the run",
        package="mem0",
        extra="bench",
    ),
    "mem0-model": Entry(
        make=Mem0WithModel,
        about="mem0 with a chat model that infers memories",
        embedder="of the run",
        package="mem0",
        extra="bench",
        variables=("TREERING_MODEL",),
        ranks=False,
        is_tested_live=False,
    ),
    "langmem": Entry(
        make=LangMem,
        about="LangMem, raw: every turn by its tools, in LangGraph's store",
        embedder="of the run",
        package="langmem",
        extra="bench-langmem",
    ),
    "graphiti": Entry(
        make=Graphiti,
        about="Graphiti: a graph of facts in Neo4j, made by a model",
        embedder="of the run",
        package="graphiti_core",
        extra="bench-graphiti",
        variables=("NEO4J_URI", "OPENAI_API_KEY"),
        is_tested_live=False,
    ),
    "letta": Entry(
        make=Letta,
        about="Letta's archival memory, every turn a passage; no agent",
        embedder="its own",
        package="letta_client",
        extra="bench-letta",
        variables=("LETTA_BASE_URL",),
        is_tested_live=False,
    ),
    "memobase": Entry(
        make=Memobase,
        about="Memobase: a profile and events, packed by its server",
        embedder="its own",
        package="memobase",
        extra="bench-memobase",
        variables=("MEMOBASE_PROJECT_URL", "MEMOBASE_API_KEY"),
        ranks=False,
        is_tested_live=False,
    ),
    "hindsight": Entry(
        make=Hindsight,
        about="Hindsight: facts and observations, made by its server's model",
        embedder="its own",
        package="hindsight_client",
        extra="bench-hindsight",
        variables=("HINDSIGHT_API_URL",),
        is_tested_live=False,
    ),
    "none": Entry(make=_without_embedder(NoMemory), about="no memory", embedder="none"),
    "full-context": Entry(
        make=_without_embedder(FullContext), about="everything that was said, in order", embedder="none"
    ),
    "last-turns": Entry(make=_without_embedder(LastTurns), about="the last turns that fit", embedder="none"),
}
