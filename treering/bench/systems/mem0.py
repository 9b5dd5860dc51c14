"""mem0 in raw mode: every message is stored as it is, in its own embedded Qdrant, with the embedder of the run."""

from __future__ import annotations

import logging
import os
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol, TypedDict

from treering.bench.systems.port import Stats, folder_bytes
from treering.bench.systems.raw import RawPeer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.bench.samples import Question, SaidTurn
    from treering.memory.ports import Embedder


class Mem0(RawPeer):
    """mem0 without a chat model (`infer=False`), searched with no threshold, so that rankings are whole."""

    mode = "raw (infer=False)"

    def __init__(self, embedder: Embedder) -> None:
        super().__init__()
        self._embedder = embedder
        self._folder = TemporaryDirectory(prefix="treering-bench-mem0-")
        self._memory = open_mem0(embedder, self._folder.name)
        self._person = ""

    @property
    def embedder(self) -> str:
        """The fingerprint of the embedder."""
        return self._embedder.fingerprint

    def reset(self, person: str) -> None:
        """Begin with another person, in the same store."""
        super().reset(person)
        self._person = person

    def stats(self) -> Stats:
        """What its folder takes."""
        return Stats(disk_bytes=folder_bytes(Path(self._folder.name)))

    def close(self) -> None:
        """Remove the store."""
        self._folder.cleanup()

    def _store(self, turns: Sequence[SaidTurn]) -> Sequence[str]:
        messages = [{"role": turn.role, "content": turn.line} for turn in turns]
        added = self._memory.add(messages, user_id=self._person, infer=False)["results"]
        return [one["id"] for one in added]

    def _find(self, question: Question, limit: int) -> Sequence[str]:
        hits = self._memory.search(question.text, top_k=limit, filters={"user_id": self._person}, threshold=0.0)
        return [hit["id"] for hit in hits["results"]]


class Mem0Hit(TypedDict):
    """A memory that is found or made."""

    id: str
    memory: str
    metadata: dict[str, str] | None


class Mem0Memory(Protocol):
    """The part of mem0's `Memory` that is used."""

    embedding_model: _Embedding

    def add(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        user_id: str,
        infer: bool,
        metadata: Mapping[str, str] | None = None,
    ) -> dict[str, list[Mem0Hit]]:
        """Keep messages, or what is inferred from them."""
        ...

    def search(
        self, query: str, *, top_k: int, filters: Mapping[str, str], threshold: float
    ) -> dict[str, list[Mem0Hit]]:
        """The best memories."""
        ...


class _Embedding:
    """The embedder of the run, as mem0 calls one."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed(self, text: str, memory_action: str | None = None) -> list[float]:
        del memory_action
        vector: list[float] = self._embedder.embed([text])[0].tolist()
        return vector

    def embed_batch(self, texts: Sequence[str], memory_action: str = "add") -> list[list[float]]:
        return [self.embed(text, memory_action) for text in texts]


def open_mem0(embedder: Embedder, folder: str, model: object = None) -> Mem0Memory:
    """mem0 with a store of its own in a folder; a chat model of LangChain is asked where it infers."""
    os.environ["MEM0_TELEMETRY"] = "False"  # read while it is imported; a measurement calls nobody
    os.environ["MEM0_DIR"] = folder
    logging.getLogger("mem0").setLevel(logging.ERROR)  # it warns of each extra that it can do without
    memory_class = import_module("mem0").Memory
    unasked = {"provider": "openai", "config": {"api_key": "none"}}
    store = {"path": f"{folder}/qdrant", "embedding_model_dims": embedder.dimension, "on_disk": True}
    memory: Mem0Memory = memory_class.from_config(
        {
            "vector_store": {"provider": "qdrant", "config": store},
            "embedder": unasked,  # replaced below
            "llm": {"provider": "langchain", "config": {"model": model}} if model else unasked,
            "history_db_path": f"{folder}/history.db",
        }
    )
    memory.embedding_model = _Embedding(embedder)
    return memory
