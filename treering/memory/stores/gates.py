"""The gates before chat models: one row each, changed in short transactions of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import bindparam, select, update

from treering.memory import gating
from treering.memory.stores.tables import model_gates
from treering.memory.stores.upsert import insert_missing
from treering.schemas.gates import Gate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Connection, Select

    from treering.memory.gating import Entry, Order
    from treering.memory.stores.transaction import Transaction

T = TypeVar("T")

_ALL = select(model_gates).order_by(model_gates.c.name)
_SOME = _ALL.where(model_gates.c.name.in_(bindparam("names", expanding=True)))
_LOCKED = _SOME.with_for_update()
_CHANGE = (
    update(model_gates)
    .where(model_gates.c.name == bindparam("of_gate"))
    .values({name: bindparam(name) for name in ("at", "level", "failures", "shut_until")})
)


class SqlModelGate:
    """The gates of one store.

    Args:
        begin: Starts a transaction of the store; true for one that writes.
    """

    def __init__(self, begin: Callable[[bool], AbstractContextManager[Transaction]]) -> None:
        self._begin = begin

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
        with self._begin(False) as transaction:
            return [Gate.model_validate(dict(row)) for row in transaction.connection.execute(_ALL).mappings()]

    def _change(
        self, names: Sequence[str], now: datetime, law: Callable[[Mapping[str, Gate]], tuple[T, list[Gate]]]
    ) -> T:
        """Apply a law to the rows of these names, which nobody else changes meanwhile.

        It is tried on a mere reading first: where there is no limit and no failure, nothing has to be written, and a
        call that has to wait locks nobody out.
        """
        with self._begin(False) as transaction:
            known = _read(transaction.connection, _SOME, names)
        outcome, changed = law(_all_of(names, known, now))
        if not changed:
            return outcome
        with self._begin(True) as transaction:
            connection = transaction.connection
            for name in names:
                if name not in known:
                    fresh = Gate(name=name, at=now).model_dump()
                    connection.execute(insert_missing(connection, model_gates), fresh)
            outcome, changed = law(_all_of(names, _read(connection, _LOCKED, names), now))
            for gate in changed:
                connection.execute(_CHANGE, {"of_gate": gate.name, **gate.model_dump(exclude={"name"})})
        return outcome


def _read(connection: Connection, query: Select[Any], names: Sequence[str]) -> dict[str, Gate]:
    rows = connection.execute(query, {"names": [*names]}).mappings()
    return {row["name"]: Gate.model_validate(dict(row)) for row in rows}


def _all_of(names: Sequence[str], known: Mapping[str, Gate], now: datetime) -> dict[str, Gate]:
    return {name: known.get(name) or Gate(name=name, at=now) for name in names}
