"""What other memories left behind, as values, and what becomes of it here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from treering.schemas.claims import SELF, Subject
from treering.schemas.dialogue import Message
from treering.schemas.trunk import Path
from treering.schemas.value import Identifier, Instant, Text, Value

ForeignFormat = Literal["chatgpt", "langmem", "letta", "mem0", "persona-tree", "zep"]
Outcome = Literal["placed", "known", "held", "forgotten"]


class Fact(Value):
    """One statement about somebody, as another memory kept it."""

    id: Text
    """Its id there; importing it again changes nothing."""
    text: Text
    """The statement."""
    subject: Subject = SELF
    """Whom it is about."""
    valid_from: Instant | None = None
    """Since when it is so; none: not said."""
    valid_to: Instant | None = None
    """Until when it was so; none: it still is, or nobody said."""
    hints: tuple[str, ...] = ()
    """Its categories, labels or namespaces there: names that may say where it belongs."""


class Spoken(Value):
    """One message of a conversation."""

    session: Identifier
    """The conversation."""
    message: Message
    """What was said, with its id and time."""


class LeftOut(Value):
    """Something in a file that does not become a fact or a turn."""

    where: str
    """Where it stands in the file."""
    why: str
    """Why it is left out."""


class Foreign(Value):
    """What a file of another memory holds."""

    format: ForeignFormat
    """Where it comes from."""
    facts: tuple[Fact, ...] = ()
    """Statements, in the order of the file."""
    spoken: tuple[Spoken, ...] = ()
    """Conversations, each in its order."""
    left_out: tuple[LeftOut, ...] = ()
    """Everything else, with the reason."""


class Placement(Value):
    """What becomes of one fact."""

    id: str
    """Its id in the other memory."""
    text: str
    """The statement."""
    subject: Subject
    """Whom it is about."""
    outcome: Outcome
    """`placed`: it is a claim now. `known`: it was one before. `held`: it waits in quarantine for a person.
    `forgotten`: it was forgotten here before, and is not taken in again."""
    path: Path | None = None
    """Its slot, or the slot that it would go to."""
    rule: str
    """What decided: `mapped`, `named`, `nearest`, or why it is held."""
    score: float | None = None
    """How near it is to what the slot says of itself, where that decided."""


class ImportReport(Value):
    """What an import from another memory did, or would do."""

    format: ForeignFormat
    """Where it comes from."""
    user: Identifier
    """Whom it became."""
    is_dry_run: bool
    """Nothing was stored."""
    placements: tuple[Placement, ...]
    """One a fact, in the order of the file."""
    stored: Annotated[int, Field(ge=0)]
    """Turns that are new; they are listened to like any others."""
    known: Annotated[int, Field(ge=0)]
    """Turns that were there before."""
    left_out: tuple[LeftOut, ...]
    """What was not taken in, with the reason."""
    version: Annotated[int, Field(ge=0)]
    """Version of the ledger afterwards."""
