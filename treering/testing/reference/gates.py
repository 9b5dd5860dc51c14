"""The gates before chat models, in a dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from treering.memory import gating
from treering.schemas.gates import Gate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from treering.memory.gating import Entry, Order

T = TypeVar("T")


class ReferenceModelGate:
    """What the port means."""

    def __init__(self, alone: Callable[[], AbstractContextManager[dict[str, Gate]]]) -> None:
        self._alone = alone

    def enter(self, order: Order, now: datetime) -> Entry:
        """Let a call in, and lay down its fees."""
        return self._change(gating.names_of(order), now, lambda gates: gating.enter(gates, order, now))

    def leave(self, entry: Entry, paid: Sequence[float], now: datetime) -> None:
        """Settle a call that was answered."""
        self._change(entry.names, now, lambda gates: (None, gating.leave(gates, entry, paid, now)))

    def fail(self, entry: Entry, now: datetime, *, retry_after_s: float | None = None) -> float:
        """Note a call that was not answered; returns for how many seconds the model rests now."""
        return self._change(entry.names, now, lambda gates: gating.fail(gates, entry, now, retry_after_s=retry_after_s))

    def gates(self) -> list[Gate]:
        """All gates, by name."""
        with self._alone() as known:
            return [known[name] for name in sorted(known)]

    def _change(
        self, names: Sequence[str], now: datetime, law: Callable[[Mapping[str, Gate]], tuple[T, list[Gate]]]
    ) -> T:
        with self._alone() as known:
            outcome, changed = law({name: known.get(name) or Gate(name=name, at=now) for name in names})
            known |= {gate.name: gate for gate in changed}
        return outcome
