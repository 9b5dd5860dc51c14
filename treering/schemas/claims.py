"""Claims: dated statements about a subject, each with the words it rests on."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from treering.schemas.trunk import Path
from treering.schemas.value import Identifier, Instant, Text, Value, is_none

MAX_CLAIM_CHARS = 2_000
"""Longest claim, in characters. A claim is one statement; an essay is a document."""

MAX_CONDITION_CHARS = 120
"""Longest condition, in characters: a few words."""

SELF = "self"
"""The subject that is the user."""

FORGOTTEN = "[forgotten]"
"""Stands for words that were erased on request wherever history still has their place."""

Subject = Annotated[str, StringConstraints(pattern=r"^(self|(agent|person):[^\x00-\x1f]{1,120})$")]
ClaimId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]
Origin = Literal["stated", "inferred", "imported", "manual"]


class Evidence(Value):
    """The words in a message that a claim rests on."""

    message_id: Identifier
    """The message."""
    quote: Text
    """The words as they stand there: `content[start:start + len(quote)] == quote`."""
    start: Annotated[int, Field(ge=0)]
    """Where the quote begins, in characters of the message's content."""


class Claim(Value):
    """One dated statement in a slot."""

    id: ClaimId
    """A hash of message, span, subject and path, so that reading the same words again gives the same claim."""
    subject: Subject = SELF
    """Whom it is about: `self`, `agent:<name>` or `person:<name>`."""
    path: Path
    """The slot."""
    text: Annotated[Text, Field(max_length=MAX_CLAIM_CHARS)]
    """The statement, in the third person, its relative dates resolved."""
    valid_from: Instant
    """Since when it is so in the person's life; when nothing was said, the time of the message."""
    valid_to: Instant | None = None
    """When it ceased to be so; none: it still is."""
    recorded_at: Instant
    """When Treering learned it."""
    order: Annotated[int, Field(ge=0)] = 0
    """Place of the turn it came from among all turns of the scope; decides between equal dates."""
    evidence: tuple[Evidence, ...] = ()
    """The words it rests on; empty only for imported and manual claims."""
    origin: Origin = "stated"
    """How it came about."""
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    """How sure the listener was, 0 to 1."""
    condition: Annotated[Text, Field(max_length=MAX_CONDITION_CHARS)] | None = Field(default=None, exclude_if=is_none)
    """When it is so, where it is not always: "on weekdays", "when travelling". Two claims that contradict each other
    under different conditions are both true."""
    supersedes: tuple[ClaimId, ...] = ()
    """Claims of the same slot that it replaces while it lives; when it goes, they come back."""

    @model_validator(mode="after")
    def _rests_on_words(self) -> Self:
        if not self.evidence and self.origin in ("stated", "inferred"):
            raise ValueError(f"a claim that was {self.origin} needs evidence")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("ends before it begins")
        return self
