"""What differs between two versions of a memory, and what came of taking changes back."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from treering.schemas.claims import Claim, Subject
from treering.schemas.value import Value


class SubjectChange(Value):
    """What differs in the tree of one subject."""

    subject: Subject
    """Whom the tree is about."""
    gained: tuple[Claim, ...] = ()
    """What became current, in trunk order."""
    lost: tuple[Claim, ...] = ()
    """What ceased to be, in trunk order: it ended, was superseded, or was taken back."""


class Change(Value):
    """What differs between two versions of a memory. Words that were forgotten since are left out."""

    from_version: Annotated[int, Field(ge=0)]
    """The version that is compared with; 0 is the empty memory."""
    to_version: Annotated[int, Field(ge=0)]
    """The version that is looked at; it may be the earlier one."""
    subjects: tuple[SubjectChange, ...] = ()
    """Whose trees differ: the user's own first, then by name."""


class Reversal(Value):
    """What undo, redo or rewind did."""

    action: Literal["undo", "redo", "rewind"]
    """Which of them."""
    reverted: tuple[int, ...] = ()
    """The versions that were taken back, in that order; a rewind names none, it goes back as a whole."""
    target: Annotated[int, Field(ge=0)] | None = None
    """The version that a rewind went to."""
    messages: tuple[str, ...] = ()
    """Messages whose text was exchanged with it: a retraction or an amendment was taken back, or brought back."""
    change: Change
    """From the version before to the new one, what became current and what ceased to be."""
