"""Graphiti over Neo4j: a chat model makes a graph of facts of what is said, searched by words and vectors."""

from __future__ import annotations

import asyncio
import os
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TypeVar

from treering.bench.systems.facts import Fact, FactPeer
from treering.bench.systems.port import Stats
from treering.bench.systems.raw import CONTEXT_CANDIDATES
from treering.bench.systems.servers import asking, fresh_name

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Mapping, Sequence
    from datetime import datetime

    from treering.bench.samples import Question, SaidTurn
    from treering.memory.ports import Embedder

URL, USER, PASSWORD = "NEO4J_URI", "NEO4J_USER", "NEO4J_PASSWORD"
"""Name the database, and who may use it. The model is that of OPENAI_API_KEY, which Graphiti reads itself."""


_T = TypeVar("_T")


class Graphiti(FactPeer):
    """A group of the graph a person, an episode a turn; a fact names the episodes that it was made of."""

    mode = "graph of facts"

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._where = os.environ.get(URL, "")
        self._group = ""
        self._runner = asyncio.Runner()  # one loop for all calls: the driver of the database is bound to it
        self._graph: _Graph = self._run(_open(self._where, embedder))

    @property
    def embedder(self) -> str:
        """The fingerprint of the embedder."""
        return self._embedder.fingerprint

    def reset(self, person: str) -> None:
        """Begin with another person, in a group of their own."""
        del person
        self._drop()
        self._group = fresh_name()
        self._turns: dict[str, str] = {}
        self._graph.token_tracker.reset()

    def ingest(self, turns: Sequence[SaidTurn]) -> None:
        """Add an episode a turn, one after the other, as later ones are read beside earlier ones."""
        for turn in turns:
            added = self._run(
                self._graph.add_episode(
                    name=turn.id,
                    episode_body=turn.line,
                    source_description="a conversation",
                    reference_time=turn.at,
                    group_id=self._group,
                )
            )
            self._turns[added.episode.uuid] = turn.id

    def flush(self, *, is_over: bool) -> None:
        """Nothing waits."""

    def stats(self) -> Stats:
        """What Graphiti counts of its model; what the database takes is not asked."""
        usage = self._graph.token_tracker.get_usage().values()
        return Stats(
            model_calls=sum(one.call_count for one in usage),
            input_tokens=sum(one.total_input_tokens for one in usage),
            output_tokens=sum(one.total_output_tokens for one in usage),
        )

    def close(self) -> None:
        """Remove the group, and let the database go."""
        self._drop()
        self._run(self._graph.close())
        self._runner.close()

    def _facts(self, question: Question) -> Sequence[Fact]:
        edges = self._run(self._graph.search(question.text, group_ids=[self._group], num_results=CONTEXT_CANDIDATES))
        return [
            Fact(line=_line(edge), turns=tuple(self._turns[one] for one in edge.episodes if one in self._turns))
            for edge in edges
        ]

    def _drop(self) -> None:
        if self._group:
            clear_data = import_module("graphiti_core.utils.maintenance.graph_data_operations").clear_data
            self._run(clear_data(self._graph.driver, group_ids=[self._group]))
            self._group = ""

    def _run(self, call: Coroutine[object, object, _T]) -> _T:
        with asking(self._where):
            return self._runner.run(call)


async def _open(where: str, embedder: Embedder) -> _Graph:
    """Open the graph, and make its indices where they are missing."""
    os.environ["GRAPHITI_TELEMETRY_ENABLED"] = "false"  # a measurement calls nobody
    import_module("graphiti_core.embedder.client").EmbedderClient.register(_Embedding)
    graph: _Graph = import_module("graphiti_core").Graphiti(
        where, os.environ.get(USER, ""), os.environ.get(PASSWORD, ""), embedder=_Embedding(embedder)
    )
    await graph.driver.health_check()  # or what follows would try for a minute
    await graph.build_indices_and_constraints()
    return graph


def _line(edge: _Edge) -> str:
    """A fact with the day from which it holds, and that on which it ended."""
    since = f"{edge.valid_at:%Y-%m-%d} " if edge.valid_at else ""
    until = f" (until {edge.invalid_at:%Y-%m-%d})" if edge.invalid_at else ""
    return f"{since}{edge.fact}{until}"


class _Embedding:
    """The embedder of the run, as Graphiti calls one."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    async def create(self, input_data: str | Iterable[str]) -> list[float]:
        """The vector of a text, or of the first of several."""
        return (await self.create_batch([input_data] if isinstance(input_data, str) else list(input_data)))[0]

    async def create_batch(self, input_data_list: Sequence[str]) -> list[list[float]]:
        """The vector of each text."""
        return [vector.tolist() for vector in self._embedder.embed(input_data_list)]


class _Episode(Protocol):
    uuid: str


class _Added(Protocol):
    episode: _Episode


class _Edge(Protocol):
    fact: str
    episodes: Sequence[str]
    valid_at: datetime | None
    invalid_at: datetime | None


class _Usage(Protocol):
    call_count: int
    total_input_tokens: int
    total_output_tokens: int


class _Tracker(Protocol):
    def get_usage(self) -> Mapping[str, _Usage]: ...

    def reset(self) -> None: ...


class _Driver(Protocol):
    async def health_check(self) -> None: ...


class _Graph(Protocol):
    """The part of the package that is used."""

    driver: _Driver
    token_tracker: _Tracker

    async def build_indices_and_constraints(self) -> None: ...

    async def add_episode(
        self, *, name: str, episode_body: str, source_description: str, reference_time: datetime, group_id: str
    ) -> _Added: ...

    async def search(self, query: str, *, group_ids: list[str], num_results: int) -> Sequence[_Edge]: ...

    async def close(self) -> None: ...
