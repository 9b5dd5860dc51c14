"""What the graph needs of a memory: two methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from treering.schemas.dialogue import DEFAULT_TENANT, Message, Receipt
from treering.schemas.recall import DEFAULT_BUDGET_TOKENS, Mode, Recall


class ConversationMemory(Protocol):
    """Keeps what was said and gives back what matters; `treering.Memory` is one."""

    def remember(
        self,
        user: str,
        messages: str | Message | Mapping[str, Any] | Sequence[Message | Mapping[str, Any]],
        *,
        session: str | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> Receipt:
        """What was stored; storing a message id again changes nothing.

        Raises:
            InvalidInput: A message cannot be stored as it is.
            StoreError: The store cannot take it now.
        """
        ...

    def recall(
        self,
        user: str,
        query: str,
        *,
        mode: Mode = "auto",
        budget_tokens: int = DEFAULT_BUDGET_TOKENS,
        as_of: datetime | None = None,
        explain: bool = False,
        exclude: Sequence[str] = (),
        tenant: str = DEFAULT_TENANT,
    ) -> Recall:
        """The context for `query`, without the messages in `exclude`."""
        ...
