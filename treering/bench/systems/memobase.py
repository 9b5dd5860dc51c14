"""Memobase, behind its server: it makes a profile and events of what is said, and packs a context by itself."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from treering.bench.systems.facts import Fact, context_of
from treering.bench.systems.port import CONTEXT_TOKENS, Context, Stats
from treering.bench.systems.servers import UNTOLD, asking

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.bench.samples import Question, SaidTurn
    from treering.memory.ports import Embedder

URL = "MEMOBASE_PROJECT_URL"
"""Names the server."""

KEY = "MEMOBASE_API_KEY"
"""The token of the project."""

_ESCAPED = str.maketrans({sign: f"%{ord(sign):02X}" for sign in "%&#+"})
"""Signs that mean something in an address: the client writes a question into one as it is."""


class Memobase:
    """A user of the project a person; turns are not ranked, and lines do not say on which turns they rest."""

    mode = "profile and events"
    embedder = ""

    def __init__(self, embedder: Embedder) -> None:
        del embedder  # the server has its own
        self._where = os.environ.get(URL, "")
        self._package: _Package = import_module("memobase")
        with asking(self._where):
            self._client = self._package.MemoBaseClient(project_url=self._where, api_key=os.environ.get(KEY, ""))
        self._id = ""

    def reset(self, person: str) -> None:
        """Begin with another person, a user that the server names."""
        del person
        self._drop()
        with asking(self._where):
            self._id = self._client.add_user()
            self._user = self._client.get_user(self._id, no_get=True)

    def ingest(self, turns: Sequence[SaidTurn]) -> None:
        """Insert the turns of a session; the server gathers them until it is flushed."""
        messages = [
            {
                "role": "assistant" if turn.role == "assistant" else "user",  # it knows no other roles
                "content": turn.text,
                "alias": turn.speaker,
                "created_at": turn.at.isoformat(),
            }
            for turn in turns
        ]
        with asking(self._where):
            self._user.insert(self._package.ChatBlob(messages=messages))

    def flush(self, *, is_over: bool) -> None:
        """Wait until the server has made of it what it makes."""
        del is_over
        with asking(self._where):
            self._user.flush(sync=True)

    def recall(self, question: Question) -> Context:
        """The context that the server packs, cut where it is longer by our count of tokens."""
        said = [{"role": "user", "content": question.text.translate(_ESCAPED)}]
        with asking(self._where):
            context = self._user.context(max_token_size=CONTEXT_TOKENS, chats=said)
        return context_of([Fact(line=line) for line in context.splitlines()])

    def stats(self) -> Stats:
        """The server tells what all projects have used, and not what one user takes."""
        return UNTOLD

    def close(self) -> None:
        """Remove the user."""
        self._drop()

    def _drop(self) -> None:
        if self._id:
            with asking(self._where):
                self._client.delete_user(self._id)
            self._id = ""


class _User(Protocol):
    def insert(self, blob_data: object) -> str: ...

    def flush(self, *, sync: bool) -> bool: ...

    def context(self, *, max_token_size: int, chats: Sequence[Mapping[str, str]]) -> str: ...


class _Client(Protocol):
    def add_user(self) -> str: ...

    def get_user(self, user_id: str, *, no_get: bool) -> _User: ...

    def delete_user(self, user_id: str) -> bool: ...


class _Package(Protocol):
    """The part of the client that is used."""

    def MemoBaseClient(self, *, project_url: str, api_key: str) -> _Client: ...  # noqa: N802 - its own name

    def ChatBlob(self, *, messages: Sequence[Mapping[str, str]]) -> object: ...  # noqa: N802 - likewise
