"""LangMem without a chat model: its tools for writing and searching memories, over LangGraph's store in memory."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from treering.bench.systems.port import Stats
from treering.bench.systems.raw import RawPeer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.bench.samples import Question, SaidTurn
    from treering.memory.ports import Embedder

_ROOT = "turns"
"""The first part of each namespace; the second is of a person."""


class LangMem(RawPeer):
    """The tools that an agent would call, called for every turn; a namespace a person."""

    mode = "raw (its tools, no manager)"

    def __init__(self, embedder: Embedder) -> None:
        super().__init__()
        self._embedder = embedder
        self._people = 0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # what its own imports say of LangGraph
            self._langmem: _LangMem = import_module("langmem")
        self._store_in_memory: object = import_module("langgraph.store.memory").InMemoryStore(
            index={"dims": embedder.dimension, "embed": self._embed, "fields": ["content"]}
        )
        self.reset("")

    @property
    def embedder(self) -> str:
        """The fingerprint of the embedder."""
        return self._embedder.fingerprint

    def reset(self, person: str) -> None:
        """Begin with another person, in the same store; names are numbered, as a namespace takes no full stop."""
        super().reset(person)
        self._people += 1
        namespace = (_ROOT, str(self._people))
        self._write = self._langmem.create_manage_memory_tool(namespace, store=self._store_in_memory)
        self._read = self._langmem.create_search_memory_tool(
            namespace, store=self._store_in_memory, response_format="content_and_artifact"
        )

    def stats(self) -> Stats:
        """It lies in memory, and does not say how much of it."""
        return Stats()

    def close(self) -> None:
        """Let the store go."""
        self._store_in_memory = None

    def _store(self, turns: Sequence[SaidTurn]) -> Sequence[str]:
        replies = [self._write.invoke({"content": turn.line, "action": "create"}) for turn in turns]
        return [str(reply).rpartition(" ")[2] for reply in replies]  # "created memory ID"

    def _find(self, question: Question, limit: int) -> Sequence[str]:
        call = {
            "type": "tool_call",
            "id": question.id,
            "name": self._read.name,
            "args": {"query": question.text, "limit": limit},
        }
        found: _Found = self._read.invoke(call)
        return [item.key for item in found.artifact]

    def _embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [vector.tolist() for vector in self._embedder.embed(texts)]


class _Item(Protocol):
    key: str


class _Found(Protocol):
    artifact: Sequence[_Item]


class _Tool(Protocol):
    name: str

    def invoke(self, call: Mapping[str, object]) -> _Found: ...


class _LangMem(Protocol):
    """The part of the package that is used."""

    def create_manage_memory_tool(self, namespace: tuple[str, ...], *, store: object) -> _Tool: ...

    def create_search_memory_tool(
        self, namespace: tuple[str, ...], *, store: object, response_format: str
    ) -> _Tool: ...
