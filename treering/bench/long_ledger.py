"""A ledger as long as one likes, with about as many live claims as a person has after a year or two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from treering.memory.drafting import claim_id
from treering.schemas.claims import Claim, Evidence
from treering.schemas.dialogue import Message
from treering.schemas.operations import Add, Batch, Delete, Operation, Update

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from treering.memory.ports import Store
    from treering.schemas.dialogue import Scope
    from treering.schemas.trunk import Trunk

LIVE_CLAIMS = 500
"""Claims that live at once: a person after a year or two."""

BATCH = 20
"""Operations a batch: what a window of lively talk comes to."""

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


def write_ledger(store: Store, scope: Scope, operations: Sequence[Operation]) -> None:
    """Commit operations in batches, with the turns that they rest on; nobody listens to these."""
    for version, first in enumerate(range(0, len(operations), BATCH)):
        some = tuple(operations[first : first + BATCH])
        at = START + timedelta(minutes=first)
        said = [_message(one.claim) for one in some if isinstance(one, Add | Update)]
        with store.begin() as unit:
            unit.turns.append(scope, "bench", said, at)
            heard = unit.ledger.head(scope).last_seq
            batch = Batch(id=f"b{version}", operations=some, recorded_at=at, author="bench", heard_through=heard)
            unit.ledger.commit(scope, batch, expected_version=version)


def _message(claim: Claim) -> Message:
    """The turn that a claim rests on: each says something of its own, so that forgetting one leaves the others."""
    [evidence] = claim.evidence
    return Message(content=f"{evidence.quote} {claim.text}", id=evidence.message_id, at=claim.valid_from)


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
