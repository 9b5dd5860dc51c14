"""What the graph and the tools need of a memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from treering.schemas.dialogue import Message, Receipt, Turn
from treering.schemas.recall import Mode, Recall, SearchHit
from treering.schemas.views import TreeView


class ConversationMemory(Protocol):
    """Keeps what was said and gives back what matters; `treering.Memory` is one."""

    def remember(self, user: str, messages: Sequence[Message], *, session: str, tenant: str) -> Receipt:
        """What was stored; storing a message id again changes nothing.

        Raises:
            InvalidInput: A message cannot be stored as it is.
            StoreError: The store cannot take it now.
        """
        ...

    def recall(self, user: str, query: str, *, budget_tokens: int, exclude: Sequence[str], tenant: str) -> Recall:
        """The context for `query`, without the messages whose ids are in `exclude`."""
        ...


class ReadableMemory(Protocol):
    """What the tools need of a memory; `treering.Memory` is one."""

    def recall(
        self, user: str, query: str, *, mode: Mode, budget_tokens: int, exclude: Sequence[str], tenant: str
    ) -> Recall:
        """The context for `query`."""
        ...

    def search(
        self, user: str, query: str, *, limit: int, since: datetime | None, until: datetime | None, tenant: str
    ) -> tuple[SearchHit, ...]:
        """The turns that are nearest to `query`."""
        ...

    def tree(self, user: str, *, tenant: str) -> TreeView:
        """What is known now."""
        ...

    def turns(self, user: str, *, session: str | None, last: int, tenant: str) -> list[Turn]:
        """The last turns of a conversation."""
        ...
