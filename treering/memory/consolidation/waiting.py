"""Conclusions that wait in quarantine for another support."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.schemas.listening import Draft, Verdict
from treering.schemas.operations import Add, Update

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from treering.schemas.claims import Claim, Evidence
    from treering.schemas.listening import Held

AWAITS_SUPPORT = "awaits-support"
"""The rule by which admission holds what was concluded from one place."""


def waiting(held: Iterable[Held]) -> list[tuple[Held, Claim]]:
    """The conclusions that wait for support, each with the claim that it would be, oldest first."""
    found = []
    for one in held:
        operation = one.verdict.operation
        if one.verdict.rule == AWAITS_SUPPORT and isinstance(operation, Add | Update) and operation.claim.evidence:
            found.append((one, operation.claim))
    return found


def wait_again(claim: Claim, evidence: Sequence[Evidence], *, rule: str, why: str) -> tuple[Verdict, ...]:
    """What holds a conclusion whose supports do not suffice any more, on those that are left; nothing on none."""
    if not evidence:
        return ()
    left = claim.model_copy(update={"evidence": tuple(evidence), "supersedes": ()})
    draft = Draft(
        kind="ADD",
        subject=claim.subject,
        path=claim.path,
        text=claim.text,
        message_id=evidence[0].message_id,
        quote=evidence[0].quote,
        valid_from=claim.valid_from,
        origin="inferred",
        confidence=claim.confidence,
        condition=claim.condition,
    )
    return (Verdict(ruling="quarantine", rule=rule, why=why, draft=draft, operation=Add(claim=left)),)
