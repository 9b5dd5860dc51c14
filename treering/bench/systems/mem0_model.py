"""mem0 as it is meant: a chat model infers memories from what is said, in its own embedded Qdrant."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from treering.bench.systems.facts import Fact, context_of
from treering.bench.systems.mem0 import open_mem0
from treering.bench.systems.port import Stats, folder_bytes
from treering.bench.systems.raw import CONTEXT_CANDIDATES
from treering.bench.systems.servers import UNTOLD, asking
from treering.composition import load_chat_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.bench.samples import Question, SaidTurn
    from treering.bench.systems.port import Context
    from treering.memory.ports import Embedder

MODEL = "TREERING_MODEL"
"""Names the chat model, which listens for Treering too where that has one."""


class Mem0WithModel:
    """mem0 with a chat model (`infer=True`). A memory does not say on which turns it rests, and none are ranked."""

    mode = "inferred (infer=True)"

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._model = os.environ.get(MODEL, "")
        self._folder = TemporaryDirectory(prefix="treering-bench-mem0-")
        self._memory = open_mem0(embedder, self._folder.name, load_chat_model(self._model))
        self._person = ""

    @property
    def embedder(self) -> str:
        """The fingerprint of the embedder."""
        return self._embedder.fingerprint

    def reset(self, person: str) -> None:
        """Begin with another person, in the same store."""
        self._person = person

    def ingest(self, turns: Sequence[SaidTurn]) -> None:
        """Add the turns of a session in one call, each with its day: mem0 takes all for what is said today."""
        messages = [{"role": turn.role, "content": f"{turn.at:%Y-%m-%d} {turn.line}"} for turn in turns]
        day = {"day": f"{turns[-1].at:%Y-%m-%d}"}
        with asking(self._model):
            self._memory.add(messages, user_id=self._person, infer=True, metadata=day)

    def flush(self, *, is_over: bool) -> None:
        """Nothing waits."""
        del is_over

    def recall(self, question: Question) -> Context:
        """The best memories, with their days."""
        with asking(self._model):
            found = self._memory.search(
                question.text, top_k=CONTEXT_CANDIDATES, filters={"user_id": self._person}, threshold=0.0
            )
        days = [(hit["metadata"] or {}).get("day", "") for hit in found["results"]]
        return context_of(
            [Fact(line=f"{day} {hit['memory']}".strip()) for day, hit in zip(days, found["results"], strict=True)]
        )

    def stats(self) -> Stats:
        """What its folder takes; the calls of its model are not told."""
        return UNTOLD.model_copy(update={"disk_bytes": folder_bytes(Path(self._folder.name))})

    def close(self) -> None:
        """Remove the store."""
        self._folder.cleanup()
