"""Port to the gates before chat models, which all who share a store pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from treering.memory.gating import Entry, Order
    from treering.schemas.gates import Gate


class ModelGate(Protocol):
    """How much was asked of models lately, and which one rests; the laws are those of `treering.memory.gating`.

    Each method is a short transaction of its own, and may not be called within another one.
    """

    def enter(self, order: Order, now: datetime) -> Entry:
        """Let a call in, and lay down its fees. Of all who find a gate whose rest is over, one tries it.

        Raises:
            ModelDeferred: It has to wait.
        """
        ...

    def leave(self, entry: Entry, paid: Sequence[float], now: datetime) -> None:
        """Settle a call that was answered.

        Args:
            entry: The call.
            paid: What each of its fees came to.
            now: The moment.
        """
        ...

    def fail(self, entry: Entry, now: datetime, *, retry_after_s: float | None = None) -> float:
        """Note a call that was not answered; returns for how many seconds the model rests now, 0 if it does not.

        Args:
            entry: The call.
            now: The moment.
            retry_after_s: For how long the provider asks to be left alone, if it does.
        """
        ...

    def gates(self) -> list[Gate]:
        """All gates, by name."""
        ...
