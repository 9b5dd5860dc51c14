"""Operations, and the ledger entries they become once committed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from treering.schemas.claims import SELF, Claim, ClaimId, Evidence, Subject
from treering.schemas.trunk import Path
from treering.schemas.value import Instant, Text, Value, is_none

OperationKind = Literal["ADD", "UPDATE", "DELETE", "NO_OP"]
DeleteReason = Literal["ended", "retracted", "forgotten"]


class Add(Value):
    """Puts a new claim into its slot."""

    kind: Literal["ADD"] = "ADD"
    claim: Claim
    """The claim."""
    why: Text | None = Field(default=None, exclude_if=is_none)
    """Why, where a rule or a person gave a reason: in what consolidation does, and in feedback."""


class Update(Value):
    """Puts a claim into its slot that replaces others there: `claim.supersedes` names them."""

    kind: Literal["UPDATE"] = "UPDATE"
    claim: Claim
    """The claim; its `supersedes` is not empty."""
    why: Text | None = Field(default=None, exclude_if=is_none)
    """Why, where a rule or a person gave a reason: in what consolidation does, and in feedback."""


class Delete(Value):
    """Ends, retracts or forgets one claim."""

    kind: Literal["DELETE"] = "DELETE"
    subject: Subject = SELF
    """Whose claim it is."""
    path: Path
    """The claim's slot."""
    target: ClaimId
    """The claim."""
    reason: DeleteReason
    """`ended`: was true, is no longer, and stays in history. `retracted`: withdrawn as if never said (undo, a
    message taken back). `forgotten`: the person wants it gone; its text is erased everywhere."""
    at: Instant
    """When it ceased to be so (`ended`), or when it was withdrawn."""
    evidence: tuple[Evidence, ...] = ()
    """The words that ended it."""
    why: Text | None = Field(default=None, exclude_if=is_none)
    """Why, where a rule or a person gave a reason."""


class NoOp(Value):
    """Changes nothing, and says why: the words were heard and are known already."""

    kind: Literal["NO_OP"] = "NO_OP"
    why: Text
    """The reason, in a few words."""
    target: ClaimId | None = None
    """The claim that already says so."""
    evidence: tuple[Evidence, ...] = ()
    """The words that say it once more; they support the target when its own evidence is retracted."""


Operation = Annotated[Add | Update | Delete | NoOp, Field(discriminator="kind")]


class Batch(Value):
    """Operations that are committed together, and how they came about."""

    id: Text
    """Unique in the scope; committing it again is refused as a repetition, not applied twice."""
    operations: tuple[Operation, ...]
    """In order of application."""
    recorded_at: Instant
    """When it was committed."""
    author: Text
    """Who proposed it: a listener's name and version, `manual`, `consolidation`, …"""
    model: str | None = None
    """The chat model, where one was asked."""
    prompt_version: str | None = None
    """The version of the prompt, where a model was asked."""
    tokens_in: Annotated[int, Field(ge=0)] = 0
    """Tokens sent to the model."""
    tokens_out: Annotated[int, Field(ge=0)] = 0
    """Tokens that came back."""
    cost: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """What they cost, in US dollars; none: the price is not known."""
    heard_through: Annotated[int, Field(ge=0)] | None = None
    """The last turn (its `seq`) that is listened to once this is committed."""
    reverts: Annotated[int, Field(ge=1)] | None = None
    """The version that it takes back: undo reverts a version, redo reverts the undo."""


class Commit(Value):
    """One committed batch, without its operations."""

    version: Annotated[int, Field(ge=1)]
    """The version of the scope that it made."""
    batch_id: Text
    """The batch."""
    author: Text
    """Who proposed it: a listener's name and version, `manual`, `undo`, …"""
    recorded_at: Instant
    """When it was committed."""
    model: str | None = None
    """The chat model, where one was asked."""
    prompt_version: str | None = None
    """The version of the prompt, where a model was asked."""
    tokens_in: Annotated[int, Field(ge=0)] = 0
    """Tokens sent to the model."""
    tokens_out: Annotated[int, Field(ge=0)] = 0
    """Tokens that came back."""
    cost: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """What they cost, in US dollars; none: the price is not known."""
    reverts: Annotated[int, Field(ge=1)] | None = None
    """The version that it takes back, if it does."""
    trunk_name: str | None = None
    """The trunk its paths are of; none: committed before trunks were recorded."""
    trunk_version: int | None = None
    """That trunk's version."""


class LedgerEntry(Value):
    """One committed operation."""

    seq: Annotated[int, Field(ge=1)]
    """Place in the ledger of the scope, from 1, without gaps."""
    version: Annotated[int, Field(ge=1)]
    """The version of the scope that it belongs to; a batch makes one version."""
    batch_id: Text
    """The batch."""
    author: Text
    """Who proposed it."""
    recorded_at: Instant
    """When it was committed."""
    reverts: Annotated[int, Field(ge=1)] | None = None
    """The version that its batch takes back, if it does."""
    operation: Operation
    """What was done."""
    digest: str
    """SHA-256 chain over all entries so far, in hex; `recorded_at` is left out."""


class Head(Value):
    """Where the ledger of a scope stands. Reading it is O(1) in the length of the ledger."""

    version: Annotated[int, Field(ge=0)] = 0
    """Number of committed batches."""
    seq: Annotated[int, Field(ge=0)] = 0
    """Number of committed operations."""
    digest: str = ""
    """Digest of the last entry; empty for an empty ledger."""
    heard_seq: Annotated[int, Field(ge=0)] = 0
    """The last turn that was listened to."""
    last_seq: Annotated[int, Field(ge=0)] = 0
    """The last turn that is stored."""
    indexed_version: Annotated[int, Field(ge=0)] = 0
    """The ledger version that the vectors show."""
    indexed_seq: Annotated[int, Field(ge=0)] = 0
    """The last turn that has a vector."""
    consolidated_version: Annotated[int, Field(ge=0)] = 0
    """The ledger version up to which claims were compared with each other."""
    fence: Annotated[int, Field(ge=0)] = 0
    """Fencing token of the latest lease on the scope."""
    wishes: Annotated[int, Field(ge=0)] = 0
    """How many requests to forget something wait to be confirmed: what they are about is held back."""
    trunk_name: str | None = None
    """The trunk that it stands on; none: nothing was committed since trunks are recorded."""
    trunk_version: int | None = None
    """That trunk's version."""
