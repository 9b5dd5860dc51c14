"""A ledger as long as one likes, with about as many live claims as a person has after a year or two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from treering.memory.drafting import claim_id
from treering.schemas.claims import Claim, Evidence
from treering.schemas.operations import Add, Delete, Operation, Update

if TYPE_CHECKING:
    from collections.abc import Iterator

    from treering.schemas.trunk import Trunk

LIVE_CLAIMS = 500
"""Claims that live at once: a person after a year or two."""

START = datetime(2024, 1, 1, tzinfo=UTC)
"""When the first of them was said."""


def long_ledger(trunk: Trunk, count: int) -> Iterator[Operation]:
    """Additions, updates, endings and retractions that keep about `LIVE_CLAIMS` claims alive."""
    slots = [slot.path for slot in trunk.slots if slot.cardinality == "many"]
    alive: list[Claim] = []
    for number in range(count):
        at = START + timedelta(minutes=number)
        if len(alive) >= LIVE_CLAIMS and number % 3:
            old = alive.pop(0)
            yield Delete(path=old.path, target=old.id, reason="retracted", at=at)
            continue
        former = alive[-1] if alive and number % 5 == 0 else None
        claim = _claim(number, former.path if former else slots[number % len(slots)], at, former)
        alive.append(claim)
        yield Update(claim=claim) if former else Add(claim=claim)


def _claim(number: int, path: str, at: datetime, former: Claim | None) -> Claim:
    message = f"m{number}"
    return Claim(
        id=claim_id(message, "said", "self", path),
        path=path,
        text=f"says thing number {number}",
        valid_from=at,
        recorded_at=at,
        order=number,
        evidence=(Evidence(message_id=message, quote="said", start=0),),
        supersedes=(former.id,) if former else (),
    )
