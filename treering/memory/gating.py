"""The laws of the gates before chat models, as pure functions: what a call uses up, and when a model is left alone.

A limit is a bucket that leaks, as in the generic cell rate algorithm (ITU-T I.371): what is used fills it, time empties
it, and a call waits that does not fit. A gate that fails often in a row is shut, and then opened by one call that tries
(a circuit breaker, after Nygard).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from treering.errors import ModelDeferred

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from treering.schemas.gates import Gate

FAILURES = 5
"""Failures in a row, whoever asked, after which a model rests."""

FIRST_REST_S = 30.0
"""Seconds of the first rest; each probe that fails doubles it."""

MAX_REST_S = 600.0
"""Seconds of the longest rest."""

MAX_ASKED_S = 3_600.0
"""Most seconds that a provider's `Retry-After` can shut a gate for: then one call asks whether it still holds."""

LOOK_AGAIN_S = 10.0
"""Longest wait, in seconds, that is told before a shut gate: one probe may open it long before."""

CLOCKS_DIFFER_S = 300.0
"""What is dated further ahead, in seconds, was written by a clock that was wrong, and binds nobody."""

_FULL = 1e-9
"""Share of a bucket that is nothing: what rounding leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A limit."""

    per_s: float
    """What leaks out in a second, and so may be used in the long run."""
    size: float
    """What may be used at once."""
    says: str
    """The limit in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """What a call uses up at one gate."""

    gate: str
    """The gate's name."""
    amount: float
    """In the unit of the bucket."""
    bucket: Bucket


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A call that is to be made."""

    model: str
    """The model, as errors call it."""
    gate: str
    """The gate that is shut where it fails."""
    fees: Sequence[Fee] = ()
    """What it will use up, as far as that is known before."""
    hold_s: float
    """Seconds that it takes at most: for so long nobody else tries a gate that it tries."""
    goes_on: bool = False
    """It belongs to work that was let in before: it is charged, and waits for no bucket."""
    is_waited_for: bool = False
    """A person waits for it, and not for long: so it does not try a shut gate, nor does its failure tell anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A call that was let in."""

    order: Order
    probe: datetime | None = None
    """Where it tries a gate that was shut: until when nobody else does."""

    @property
    def names(self) -> list[str]:
        """The gates that it passed."""
        return names_of(self.order)


def names_of(order: Order) -> list[str]:
    """The gates that a call passes, in the order in which everybody takes them."""
    return sorted({order.gate, *(fee.gate for fee in order.fees)})


def enter(gates: Mapping[str, Gate], order: Order, now: datetime) -> tuple[Entry, list[Gate]]:
    """Let a call in; with the gates that it changed.

    Raises:
        ModelDeferred: It has to wait.
    """
    gate = gates[order.gate]
    is_tried = gate.shut_until is not None
    if gate.shut_until is not None:
        left_s = (gate.shut_until - now).total_seconds()
        if 0 < left_s <= MAX_ASKED_S + CLOCKS_DIFFER_S or order.is_waited_for:
            why = f"it rests until {gate.shut_until:%H:%M:%S} UTC, failures in a row: {gate.failures}"
            raise ModelDeferred(order.model, why, retry_after_s=min(LOOK_AGAIN_S, max(left_s, 0.0)))
    if not order.goes_on:
        waits = [(wait_s(gates[fee.gate], fee, now), fee.bucket.says) for fee in order.fees]
        longest_s, says = max(waits, default=(0.0, ""))
        if longest_s > 0:
            raise ModelDeferred(order.model, f"{says} are used up for now", retry_after_s=longest_s)
    probe = now + timedelta(seconds=min(order.hold_s, MAX_ASKED_S)) if is_tried else None
    changed = _charged(gates, [(fee, fee.amount) for fee in order.fees], now)
    if probe is not None:
        changed[order.gate] = changed.get(order.gate, gate).model_copy(update={"shut_until": probe})
    return Entry(order=order, probe=probe), [*changed.values()]


def leave(gates: Mapping[str, Gate], entry: Entry, paid: Sequence[float], now: datetime) -> list[Gate]:
    """Settle a call that was answered; `paid` is what each fee came to. Returns the gates that it changed."""
    fees = zip(entry.order.fees, paid, strict=True)
    changed = _charged(gates, [(fee, amount - fee.amount) for fee, amount in fees if amount != fee.amount], now)
    gate = changed.get(entry.order.gate, gates[entry.order.gate])
    # An answer to a call from before says nothing against a gate that was shut since: a provider may have asked for it.
    if gate.shut_until == entry.probe and (gate.failures or gate.shut_until is not None):
        changed[gate.name] = gate.model_copy(update={"failures": 0, "shut_until": None})
    return [*changed.values()]


def fail(
    gates: Mapping[str, Gate], entry: Entry, now: datetime, *, retry_after_s: float | None
) -> tuple[float, list[Gate]]:
    """Note a call that was not answered. Returns for how many seconds the model rests now, and the changed gates.

    What it used up is not known, so its fees stay as they were laid down.
    """
    gate = gates[entry.order.gate]
    tells = gate.shut_until == entry.probe and not entry.order.is_waited_for
    failures = gate.failures + 1 if tells else gate.failures
    ends = [] if tells or gate.shut_until is None else [gate.shut_until]
    if tells and failures >= FAILURES:
        ends.append(now + timedelta(seconds=_rest_s(failures)))
    if retry_after_s:
        ends.append(now + timedelta(seconds=min(retry_after_s, MAX_ASKED_S)))
    after = gate.model_copy(update={"failures": failures, "shut_until": max(ends, default=None)})
    rests_s = 0.0 if after.shut_until is None else max(0.0, (after.shut_until - now).total_seconds())
    return rests_s, [] if after == gate else [after]


def wait_s(gate: Gate, fee: Fee, now: datetime) -> float:
    """Seconds until a fee fits into its bucket, 0 if it does now; one larger than the bucket fits into an empty one.

    Example:
        >>> from datetime import UTC, datetime
        >>> from treering.schemas.gates import Gate
        >>> noon = datetime(2024, 3, 1, 12, tzinfo=UTC)
        >>> fee = Fee(gate="cost", amount=4.0, bucket=Bucket(per_s=2.0, size=10.0, says="10 dollars"))
        >>> wait_s(Gate(name="cost", at=noon, level=9.0), fee, noon)
        1.5
    """
    bucket = fee.bucket
    level = _level(gate, bucket, now)
    over = min(level, level + fee.amount - bucket.size)
    # In whole milliseconds, upwards: after so long it does fit, whatever rounding did.
    return math.ceil(over / bucket.per_s * 1_000) / 1_000 if over > _FULL * bucket.size else 0.0


def _charged(gates: Mapping[str, Gate], fees: Iterable[tuple[Fee, float]], now: datetime) -> dict[str, Gate]:
    changed: dict[str, Gate] = {}
    for fee, amount in fees:
        gate = changed.get(fee.gate, gates[fee.gate])
        level = max(0.0, _level(gate, fee.bucket, now) + amount)
        at = now if _is_wrong(gate.at, now) else max(gate.at, now)
        changed[fee.gate] = gate.model_copy(update={"level": level, "at": at})
    return changed


def _level(gate: Gate, bucket: Bucket, now: datetime) -> float:
    """What is still in a bucket. Clocks of machines differ: one that is behind lets nothing leak."""
    if _is_wrong(gate.at, now):
        return 0.0
    return max(0.0, gate.level - bucket.per_s * max(0.0, (now - gate.at).total_seconds()))


def _is_wrong(at: datetime, now: datetime) -> bool:
    return (at - now).total_seconds() > CLOCKS_DIFFER_S


def _rest_s(failures: int) -> float:
    return float(min(MAX_REST_S, FIRST_REST_S * 2 ** min(failures - FAILURES, 16)))
