"""What became of a message that was taken back or put differently."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from treering.schemas.claims import Claim
from treering.schemas.dialogue import Scalar
from treering.schemas.value import Identifier, Instant, Value

Count = Annotated[int, Field(ge=0)]


class FormerText(Value):
    """What a turn said before it was retracted, amended, or given an earlier text back."""

    number: Annotated[int, Field(ge=1)]
    """Counts the changes of the turn, from 1."""
    version: Annotated[int, Field(ge=1)] | None = None
    """The ledger version that changed it; none where the ledger had nothing to change."""
    content: str
    """The text before the change; empty while the turn was retracted."""
    speaker: Identifier | None = None
    """The speaker before the change."""
    metadata: dict[str, Scalar] = {}
    """The application's notes before the change."""
    replaced_at: Instant
    """When it was changed."""


class Retraction(Value):
    """What taking a message back, or amending it, did to the memory. Nothing of the ledger's past was rewritten."""

    message_id: Identifier
    """The message."""
    text: str | None = None
    """What it says now; none: it was taken back."""
    changed: bool
    """Whether anything was done; false for a message that was taken back before, or says so already."""
    retracted: tuple[Claim, ...] = ()
    """Claims that rested on the message alone, and went."""
    kept: tuple[Claim, ...] = ()
    """Claims that rest on other words too, and stay with these."""
    restored: tuple[Claim, ...] = ()
    """Claims that the message had ended or superseded, and that hold again."""
    listens: bool = False
    """Whether the new text is yet to be listened to; `flush` waits for it."""
    version_before: Count
    """Ledger version before."""
    version_after: Count
    """Ledger version after; the same where the ledger had nothing to change."""
    passages: Count = 0
    """Passages that contained the message, and were removed."""
    held: Count = 0
    """Proposals in quarantine and stored model replies that may quote it, and were dropped."""
    at: Instant
    """When it was done."""
