"""Letta's archival memory, behind a Letta server: every turn a passage of an archive, searched by the server."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from treering.bench.systems.port import Stats
from treering.bench.systems.raw import RawPeer
from treering.bench.systems.servers import asking, fresh_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.bench.samples import Question, SaidTurn
    from treering.memory.ports import Embedder

URL = "LETTA_BASE_URL"
"""Names the server; the client reads it, and LETTA_API_KEY, itself."""

EMBEDDING = "LETTA_EMBEDDING"
"""May name the embedding model of the archives, as the server knows it."""

_MOST_FOUND = 100
"""The server finds no more at once."""


class Letta(RawPeer):
    """An archive a person, without an agent: what an agent would do with its archive, it does by a model."""

    mode = "archival memory, no agent"
    embedder = ""

    def __init__(self, embedder: Embedder) -> None:
        del embedder  # the server has its own
        super().__init__()
        self._where = os.environ.get(URL, "")
        self._archive = ""
        with asking(self._where):
            self._client: _Client = import_module("letta_client").Letta()

    def reset(self, person: str) -> None:
        """Begin with another person, in an archive of their own."""
        super().reset(person)
        self._drop()
        chosen = {"embedding": os.environ[EMBEDDING]} if os.environ.get(EMBEDDING) else {}
        with asking(self._where):
            self._archive = self._client.archives.create(name=fresh_name(), **chosen).id

    def stats(self) -> Stats:
        """The server does not say."""
        return Stats()

    def close(self) -> None:
        """Remove the archive."""
        self._drop()

    def _store(self, turns: Sequence[SaidTurn]) -> Sequence[str]:
        # The tag comes back with the passage; that passages come back in order is nowhere promised.
        passages = [{"text": turn.line, "created_at": turn.at.isoformat(), "tags": [turn.id]} for turn in turns]
        with asking(self._where):
            self._client.archives.passages.create_many(self._archive, passages=passages)
        return [turn.id for turn in turns]

    def _find(self, question: Question, limit: int) -> Sequence[str]:
        with asking(self._where):
            hits = self._client.passages.search(
                query=question.text, archive_id=self._archive, limit=min(limit, _MOST_FOUND)
            )
        return list(dict.fromkeys(tag for hit in hits for tag in hit.passage.tags or ()))

    def _drop(self) -> None:
        if self._archive:
            with asking(self._where):
                self._client.archives.delete(self._archive)
            self._archive = ""


class _Archive(Protocol):
    id: str


class _Passage(Protocol):
    tags: Sequence[str] | None


class _Hit(Protocol):
    passage: _Passage


class _ArchivePassages(Protocol):
    def create_many(self, archive_id: str, *, passages: Sequence[Mapping[str, object]]) -> object: ...


class _Archives(Protocol):
    passages: _ArchivePassages

    def create(self, *, name: str, embedding: str = ...) -> _Archive: ...

    def delete(self, archive_id: str) -> object: ...


class _Passages(Protocol):
    def search(self, *, query: str, archive_id: str, limit: int) -> Sequence[_Hit]: ...


class _Client(Protocol):
    """The part of the client that is used."""

    archives: _Archives
    passages: _Passages
