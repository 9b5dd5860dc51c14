"""What the graph needs of a memory: two methods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from treering.schemas.dialogue import Message, Receipt
from treering.schemas.recall import Recall


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
