"""How an operation stands to what is in the tree, and to what the person decided before. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.errors import OperationError
from treering.memory.admission.situation import Objection, hold, reject
from treering.memory.operations import plant
from treering.schemas.operations import Delete, Update

if TYPE_CHECKING:
    from collections.abc import Iterator

    from treering.memory.admission.situation import Situation
    from treering.schemas.claims import Claim


def must_fit_the_tree(situation: Situation) -> Objection | None:
    """Refuse what cannot be applied: an invented slot, a claim that is gone."""
    try:
        plant(situation.trunk, (situation.operation,), situation.forest)
    except OperationError as error:
        return reject("does-not-fit", str(error))
    return None


def must_not_be_forgotten(situation: Situation) -> Objection | None:
    """Refuse what the person had forgotten, or said is wrong."""
    if situation.claim is not None and situation.tombstones.cover(situation.claim):
        return reject("forgotten-before", "the same was forgotten on request or rejected, and was not allowed again")
    return None


def must_be_confirmed_to_forget(situation: Situation) -> Objection | None:
    """Hold a wish to forget."""
    if situation.is_wish_to_forget:
        return hold("asked-to-forget", "erasure cannot be undone, so it waits to be confirmed")
    return None


def must_not_contradict_the_confirmed(situation: Situation) -> Objection | None:
    """Hold what was only concluded, where it would replace or end a claim that the person confirmed or wrote."""
    if situation.draft.origin == "inferred" and any(claim.origin == "manual" for claim in _changed(situation)):
        return hold("contradicts-confirmed", "it is only concluded, and the person confirmed what it would change")
    return None


def must_be_supported(situation: Situation) -> Objection | None:
    """Hold a trait that was only concluded: two independent dated statements have to support it."""
    if situation.claim is not None and situation.claim.origin == "inferred":
        return hold("awaits-support", "it is only concluded, from one statement; a second, on another day, supports it")
    return None


def _changed(situation: Situation) -> Iterator[Claim]:
    operation = situation.operation
    tree = situation.forest.get(situation.draft.subject)
    if tree is None:
        return
    targets = operation.claim.supersedes if isinstance(operation, Update) else ()
    if isinstance(operation, Delete):
        targets = (operation.target,)
    yield from (tree.claims[target] for target in targets if target in tree.claims)
