"""What a person or an application said of claims and of proposals that wait, and what came of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from treering.schemas.claims import Claim
from treering.schemas.forgetting import ErasureReceipt
from treering.schemas.listening import Held
from treering.schemas.operations import Operation
from treering.schemas.value import Instant, Value

Count = Annotated[int, Field(ge=0)]
FeedbackKind = Literal["confirm", "correct", "reject", "add"]


class Feedback(Value):
    """What feedback on a claim did to the memory."""

    kind: FeedbackKind
    """What was said of it."""
    changed: bool
    """Whether anything was done; false where the memory stood so already."""
    before: Claim | None = None
    """The claim as it was; none where one was added."""
    after: Claim | None = None
    """The claim that stands there now; none where it was rejected."""
    version_before: Count
    """Ledger version before."""
    version_after: Count
    """Ledger version after; the same where nothing was done."""
    at: Instant
    """When it was done."""


class Released(Value):
    """What came of proposals that waited in quarantine, and were released."""

    held: tuple[Held, ...] = ()
    """What was released, oldest first; none where that was done before."""
    operations: tuple[Operation, ...] = ()
    """What was committed, tied to the tree as it stood."""
    receipt: ErasureReceipt | None = None
    """The proof, where requests to forget were among them."""
    version_before: Count
    """Ledger version before."""
    version_after: Count
    """Ledger version after."""
    at: Instant
    """When it was done."""
