"""What was so and is no longer: shown only when a question is about change, and always with its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from treering.memory.tree import PersonaTree
    from treering.schemas.claims import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """A claim that is no longer so."""

    claim: Claim
    until: datetime
    """When it ended, or when a newer claim took its place."""


def former(tree: PersonaTree, as_of: datetime) -> dict[str, Former]:
    """By id, the live claims of a tree that had begun by `as_of` and do not hold then.

    Example:
        >>> from datetime import UTC, datetime
        >>> from treering.memory.tree import PersonaTree
        >>> from treering.schemas.trunk import Slot, Trunk
        >>> slots = (Slot(path="name", description="What the person is called."),)
        >>> trunk = Trunk(name="t", version=1, description="one slot", branches=(), slots=slots)
        >>> former(PersonaTree(trunk=trunk), datetime(2024, 1, 1, tzinfo=UTC))
        {}
    """
    current = {claim.id for claim in tree.current(as_of=as_of)}
    gone: dict[str, Former] = {}
    for path, claims in tree.by_path.items():
        slot = tree.trunk.by_path.get(path)
        begun = [claim for claim in claims if claim.valid_from <= as_of]
        for place, claim in enumerate(begun):
            if claim.id not in current:
                newer = begun[place + 1 :]
                replaced = newer if slot and slot.cardinality == "one" else _superseding(claim, newer)
                gone[claim.id] = Former(claim=claim, until=_end(claim, replaced))
    return gone


def _superseding(claim: Claim, newer: Sequence[Claim]) -> list[Claim]:
    return [other for other in newer if claim.id in other.supersedes]


def _end(claim: Claim, replaced: Sequence[Claim]) -> datetime:
    own = [claim.valid_to] if claim.valid_to else []
    return min([*own, *(other.valid_from for other in replaced)], default=claim.valid_from)
