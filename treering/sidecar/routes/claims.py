"""What a person or an application says of claims: so it is, so it should say, so it never was."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import ConfigDict, Field

from treering.schemas.claims import MAX_CLAIM_CHARS, MAX_CONDITION_CHARS, SELF, Subject
from treering.schemas.feedback import Feedback
from treering.schemas.trunk import Path as SlotPath
from treering.schemas.value import Instant, Text
from treering.sidecar.access import User, Writer
from treering.sidecar.idempotency import IdempotencyKey, once
from treering.sidecar.problems import described
from treering.sidecar.routes import Remembers
from treering.sidecar.routes.bodies import Body

MAX_WHY_CHARS = 1_000
"""Longest reason, in characters."""

router = APIRouter(prefix="/v1/claims", tags=["claims"], responses=described(404, 409))

Why = Annotated[Text, Field(max_length=MAX_WHY_CHARS)]

ClaimRef = Annotated[
    str,
    Path(
        min_length=1,
        max_length=64,
        description="The claim, by its id or at least the first six digits of it.",
        examples=["4e9a0c6d1f2b7a8c3d5e6f70"],
    ),
]
"""Which claim is spoken of."""


class NewClaim(Body):
    """A claim by hand, as from a form."""

    path: SlotPath
    """The slot."""
    text: Annotated[Text, Field(max_length=MAX_CLAIM_CHARS)]
    """The statement, worded as claims are: "lives in Braga"."""
    subject: Subject = SELF
    """Whom it is about: `self`, `agent:<name>` or `person:<name>`."""
    valid_from: Instant | None = None
    """Since when it is so, with a time zone; without it, now."""
    condition: Annotated[Text, Field(max_length=MAX_CONDITION_CHARS)] | None = None
    """When it is so, where it is not always; without it, what the text says of it."""
    why: Why | None = None
    """The reason, shown in history."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"path": "home.city", "text": "lives in Braga", "why": "on the address form"}]}
    )


class Reason(Body):
    """Why something is said of a claim."""

    why: Why | None = None
    """The reason, shown in history."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"why": "on the address form"}]})


class Correction(Reason):
    """What a claim should say."""

    text: Annotated[Text, Field(max_length=MAX_CLAIM_CHARS)]
    """The statement, worded as claims are: "lives in Braga"."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "lives in Braga"}]})


@router.post("")
def add_claim(
    memory: Remembers, caller: Writer, user: User, body: NewClaim, idempotency_key: IdempotencyKey = None
) -> Feedback:
    """Add a claim by hand, with the origin `manual`. In a slot for one claim it replaces what is there.

    What is current and says so already is confirmed instead.
    """
    return memory.add_claim(
        user,
        body.path,
        body.text,
        subject=body.subject,
        valid_from=body.valid_from,
        condition=body.condition,
        why=body.why,
        once=once(caller, idempotency_key),
        tenant=caller.tenant,
    )


@router.post("/{claim_id}/confirm")
def confirm(
    memory: Remembers,
    caller: Writer,
    user: User,
    *,
    claim_id: ClaimRef,
    body: Reason | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Feedback:
    """Vouch for a claim: nothing that is merely inferred replaces or ends it, and it does not fade."""
    why = None if body is None else body.why
    return memory.confirm(user, claim_id, why=why, once=once(caller, idempotency_key), tenant=caller.tenant)


@router.post("/{claim_id}/correct")
def correct(
    memory: Remembers,
    caller: Writer,
    user: User,
    *,
    claim_id: ClaimRef,
    body: Correction,
    idempotency_key: IdempotencyKey = None,
) -> Feedback:
    """Let a claim say something else, as if it had from the start. What was so and is no longer is a new message."""
    name = once(caller, idempotency_key)
    return memory.correct(user, claim_id, body.text, why=body.why, once=name, tenant=caller.tenant)


@router.post("/{claim_id}/reject")
def reject(
    memory: Remembers,
    caller: Writer,
    user: User,
    *,
    claim_id: ClaimRef,
    body: Reason | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Feedback:
    """Withdraw a claim that never was so; the same statement is not learned again. To erase its words, forget it."""
    why = None if body is None else body.why
    return memory.reject(user, claim_id, why=why, once=once(caller, idempotency_key), tenant=caller.tenant)
