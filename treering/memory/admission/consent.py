"""Whether the person agreed that such things are kept: by slot, by branch, by sensitivity. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.memory.admission.situation import Objection, hold, reject

if TYPE_CHECKING:
    from treering.memory.admission.situation import Situation


def must_be_agreed_to(situation: Situation) -> Objection | None:
    """Hold a claim of a slot whose policy is `ask`, refuse one of a slot whose policy is `never`."""
    slot = situation.trunk.by_path.get(situation.claim.path) if situation.claim else None
    if slot is None:
        return None
    consent = situation.policy.of(slot)
    if consent == "ask":
        return hold("ask-first", f"{slot.path} is kept only after the person was asked")
    return reject("never-kept", f"the policy never keeps {slot.path}") if consent == "never" else None
