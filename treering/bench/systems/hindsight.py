"""Hindsight, behind its server: it makes facts and observations of what is said, and ranks them by several searches."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from treering.bench.systems.facts import Fact, FactPeer
from treering.bench.systems.port import CONTEXT_TOKENS, Stats
from treering.bench.systems.servers import UNTOLD, asking, fresh_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.bench.samples import Question, SaidTurn
    from treering.memory.ports import Embedder

URL = "HINDSIGHT_API_URL"
"""Names the server."""

KEY = "HINDSIGHT_API_KEY"
"""The key to it, where it asks for one."""


class Hindsight(FactPeer):
    """A bank a person, a document a turn: so a fact leads back to the turn that it was made of."""

    mode = "facts and observations"
    embedder = ""

    def __init__(self, embedder: Embedder) -> None:
        del embedder  # the server has its own
        self._where = os.environ.get(URL, "")
        self._bank = ""
        with asking(self._where):
            self._client: _Client = import_module("hindsight_client").Hindsight(
                base_url=self._where, api_key=os.environ.get(KEY) or None
            )

    def reset(self, person: str) -> None:
        """Begin with another person, in a bank of their own."""
        del person
        self._drop()
        self._bank = fresh_name()
        with asking(self._where):
            self._client.create_bank(self._bank)

    def ingest(self, turns: Sequence[SaidTurn]) -> None:
        """Have the turns of a session retained, and wait until they are."""
        items = [
            {"content": turn.line, "timestamp": turn.at, "context": "a conversation", "document_id": turn.id}
            for turn in turns
        ]
        with asking(self._where):
            self._client.retain_batch(self._bank, items)

    def flush(self, *, is_over: bool) -> None:
        """Nothing waits that could be waited for: observations are made when the server comes to it."""

    def stats(self) -> Stats:
        """The server does not say."""
        return UNTOLD

    def close(self) -> None:
        """Remove the bank."""
        self._drop()
        with asking(self._where):
            self._client.close()

    def _facts(self, question: Question) -> Sequence[Fact]:
        with asking(self._where):
            found = self._client.recall(
                self._bank,
                question.text,
                max_tokens=CONTEXT_TOKENS,
                query_timestamp=question.at.isoformat(),
                include_source_facts=True,
            )
        sources = {one.id: one for one in (*found.results, *(found.source_facts or {}).values())}
        return [Fact(line=_line(one), turns=_turns(one, sources)) for one in found.results]

    def _drop(self) -> None:
        if self._bank:
            with asking(self._where):
                self._client.delete_bank(self._bank)
            self._bank = ""


def _line(found: _Result) -> str:
    day = (found.occurred_start or found.mentioned_at or "")[:10]
    return f"{day} {found.text}".strip()


def _turns(found: _Result, sources: Mapping[str, _Result]) -> tuple[str, ...]:
    """The documents of a fact, and of the facts that an observation was made of."""
    behind = (found, *(sources[one] for one in found.source_fact_ids or () if one in sources))
    return tuple(dict.fromkeys(one.document_id for one in behind if one.document_id))


class _Result(Protocol):
    id: str
    text: str
    occurred_start: str | None
    mentioned_at: str | None
    document_id: str | None
    source_fact_ids: Sequence[str] | None


class _Response(Protocol):
    results: Sequence[_Result]
    source_facts: Mapping[str, _Result] | None


class _Client(Protocol):
    """The part of the client that is used."""

    def create_bank(self, bank_id: str) -> object: ...

    def delete_bank(self, bank_id: str) -> object: ...

    def retain_batch(self, bank_id: str, items: Sequence[Mapping[str, object]]) -> object: ...

    def recall(
        self, bank_id: str, query: str, *, max_tokens: int, query_timestamp: str, include_source_facts: bool
    ) -> _Response: ...

    def close(self) -> None: ...
