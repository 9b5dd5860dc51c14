"""What a face shows of a tree: the stable JSON of `treering tree --json`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from treering.schemas.claims import Claim, ClaimId, Subject
from treering.schemas.trunk import Cardinality, Path, Sensitivity
from treering.schemas.value import Identifier, Instant, Value


class SlotView(Value):
    """A filled slot with its current claims."""

    path: Path
    """The slot."""
    description: str
    """What belongs there."""
    cardinality: Cardinality
    """One current claim, or many."""
    sensitivity: Sensitivity
    """How careful recall is with it."""
    claims: tuple[Claim, ...]
    """What is current, oldest first."""


class SubjectView(Value):
    """Somebody who has a tree in a person's memory."""

    subject: Subject
    """Whom the tree is about: `self`, `agent:<name>` or `person:<name>`."""
    claims: Annotated[int, Field(ge=0)]
    """How many claims are current."""


class TreeView(Value):
    """The persona tree of one subject at one moment."""

    user: Identifier
    """The person whose memory it is."""
    subject: Subject
    """Whom the tree is about."""
    trunk: str
    """Name of the trunk."""
    trunk_version: int
    """Its version."""
    version: Annotated[int, Field(ge=0)]
    """Ledger version."""
    digest: str
    """SHA-256 over all live claims (also ended and superseded ones), without `recorded_at`, in hex."""
    as_of: Instant
    """The moment that `slots` show."""
    slots: tuple[SlotView, ...]
    """Filled slots in trunk order."""
    held_back: dict[ClaimId, tuple[str, ...]] = {}
    """Claims of them that somebody asked to have forgotten, each with the ids of the requests that wait in quarantine:
    no recall brings them until that is confirmed or dropped."""

    @property
    def claims(self) -> tuple[Claim, ...]:
        """All current claims, in trunk order."""
        return tuple(claim for slot in self.slots for claim in slot.claims)

    def without_held_back(self) -> TreeView:
        """The tree as it may be read out to a model."""
        if not self.held_back:
            return self
        kept = (
            slot.model_copy(update={"claims": tuple(one for one in slot.claims if one.id not in self.held_back)})
            for slot in self.slots
        )
        return self.model_copy(update={"slots": tuple(slot for slot in kept if slot.claims), "held_back": {}})

    def __getitem__(self, path: str) -> tuple[Claim, ...]:
        """Current claims of one slot; none for an empty or unknown slot."""
        return next((slot.claims for slot in self.slots if slot.path == path), ())
