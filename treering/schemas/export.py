"""The export: everything that is one person's, as one documented JSON."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints, model_validator

from treering.schemas.claims import Subject
from treering.schemas.dialogue import MAX_INDEX, Role, Scalar
from treering.schemas.listening import Verdict
from treering.schemas.trunk import Trunk
from treering.schemas.value import Identifier, Instant, Text, Value, is_none

EXPORT_FORMAT: Literal["treering-export"] = "treering-export"
"""What an export calls itself."""

EXPORT_NUMBER: Literal[1] = 1
"""Number of the layout; a file with a higher one was written by a newer Treering."""

Section = Literal[
    "trunks",
    "subjects",
    "sessions",
    "turns",
    "former_texts",
    "batches",
    "operations",
    "held",
    "tombstones",
    "receipts",
]
"""The lists of an export, in the order in which they stand in the file."""

Number = Annotated[int, Field(ge=0, le=MAX_INDEX)]
Place = Annotated[int, Field(ge=1, le=MAX_INDEX)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Salt = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Stored = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
"""Text as a store may hold it: also empty, e.g. of an erased turn."""
Object = dict[str, JsonValue]


class ExportedTrunk(Value):
    """The trunk that the ledger stands on, by name; its slots are not in the file."""

    name: Text
    """Its name."""
    version: Place
    """Its version."""
    digest: Sha256 | None = None
    """SHA-256 over its content, where the exporting store had it loaded."""


class ExportedHead(Value):
    """Where the ledger stands."""

    version: Number
    """Number of committed batches."""
    seq: Number
    """Number of committed operations."""
    digest: str
    """Digest of the last operation; empty for an empty ledger."""
    heard_seq: Number
    """The last turn that was listened to; later ones are heard after an import."""
    tree: Sha256
    """SHA-256 over all live claims without `recorded_at`: what the ledger must fold to."""


class ExportedSubject(Value):
    """A subject that is not the user. Operations name it by its alias; one that is missing here was erased."""

    alias: Annotated[Subject, Field(max_length=128)]
    """What stands for it in the bodies of operations: its kind, and a commitment to its name."""
    salt: Salt
    """Salt of the commitment, in hex."""
    name: Subject
    """The name: `agent:<name>` or `person:<name>`."""


class ExportedSession(Value):
    """A conversation."""

    session: Identifier
    """Its id."""
    first_seq: Number
    """Its first turn."""
    started_at: Instant
    """When its first turn was said."""
    last_at: Instant
    """When its latest turn was said."""
    turns: Number
    """How many turns it has."""
    next_index: Annotated[int, Field(ge=0, le=MAX_INDEX + 1)]
    """The next free place."""
    ended: bool
    """No more turns are expected."""


class ExportedTurn(Value):
    """What was said, at its place."""

    seq: Place
    """Place among all turns, from 1."""
    message_id: Identifier
    """The id of the message."""
    session: Identifier
    """Its conversation."""
    index: Number
    """Place in the session, from 0."""
    role: Role
    """Who spoke."""
    content: Stored
    """The text; empty where it was erased or retracted."""
    at: Instant
    """When it was said."""
    speaker: Stored | None = None
    """The name of the speaker."""
    metadata: dict[str, Scalar] = {}
    """What the application noted about it."""


class ExportedFormerText(Value):
    """What a turn said before it was retracted or amended."""

    seq: Place
    """The turn."""
    number: Place
    """Counts the former texts of a turn, from 1."""
    version: Place | None = None
    """The ledger version that changed it; none where the ledger had nothing to change."""
    content: Stored
    """What it said."""
    speaker: Stored | None = None
    """Who it said was speaking."""
    metadata: dict[str, Scalar] = {}
    """What was noted about it."""
    replaced_at: Instant
    """When it was retracted or amended."""


class ExportedBatch(Value):
    """How one version of the ledger came about."""

    version: Place
    """The version that it made."""
    id: Text
    """Its id, unique for the person."""
    author: Text
    """Who proposed it: a listener's name and version, `manual`, `undo`, …"""
    model: Stored | None = None
    """The chat model, where one was asked."""
    prompt_version: Stored | None = None
    """The version of the prompt, where a model was asked."""
    tokens_in: Number = 0
    """Tokens sent to the model."""
    tokens_out: Number = 0
    """Tokens that came back."""
    cost: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = Field(default=None, exclude_if=is_none)
    """What they cost, in US dollars; none: the price is not known."""
    recorded_at: Instant
    """When it was committed."""
    reverts: Place | None = None
    """The version that it takes back."""
    trunk_name: Annotated[Text, Field(max_length=256)] | None = None
    """The trunk that its paths are of."""
    trunk_version: Place | None = None
    """That trunk's version."""


class ExportedOperation(Value):
    """One entry of the ledger, as its digest covers it."""

    seq: Place
    """Place in the ledger, from 1, without gaps."""
    version: Place
    """The version, and so the batch, that it belongs to."""
    body: Object
    """The operation without its words: the chain of digests covers it as JSON with sorted keys and no spaces."""
    commitment: Sha256
    """SHA-256 over salt and words."""
    digest: Sha256
    """SHA-256 over the digest before it, the body and the commitment, each on a line."""
    claim_recorded_at: Instant | None = None
    """When its claim was learned, where it carries one."""
    salt: Salt | None = None
    """Salt of the commitment, in hex; none where the words were erased."""
    words: Object | None = None
    """The words that belong into the body; none where they were erased."""

    @model_validator(mode="after")
    def _has_salt_with_its_words(self) -> ExportedOperation:
        if (self.salt is None) != (self.words is None):
            raise ValueError("has words without their salt, or a salt without words")
        return self


class ExportedHeld(Value):
    """A proposal in quarantine."""

    id: Annotated[Text, Field(max_length=24)]
    """Its id."""
    window_id: Text
    """What it came from."""
    verdict: Verdict | None = None
    """What was wanted, and why it was held; none where a person decided, so that it is not asked again."""
    recorded_at: Instant
    """When it was held."""


class ExportedTombstone(Value):
    """Keeps something that was forgotten from being taken in again."""

    mark: Sha256
    """Keyed hash of what was forgotten."""
    kind: Annotated[Text, Field(max_length=16)]
    """What was forgotten."""
    at: Instant
    """When."""


class ExportedReceipt(Value):
    """The proof of an erasure."""

    at: Instant
    """When it was done."""
    receipt: Object
    """The receipt, without words."""


class Export(Value):
    """Everything that is one person's. Members and lists stand in the file in the order of these fields."""

    format: Literal["treering-export"] = EXPORT_FORMAT
    """What the file is."""
    number: Literal[1] = EXPORT_NUMBER
    """Number of its layout."""
    treering: Text
    """The version of Treering that wrote it."""
    tenant: Identifier
    """Whose customer or application the person was."""
    user: Identifier
    """The person."""
    trunk: ExportedTrunk
    """What the ledger stands on."""
    head: ExportedHead
    """Where the ledger stands."""
    counts: dict[Section, Number]
    """How many items each list has."""
    tombstone_key: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2})+$")] | None = None
    """The key of the tombstones, in hex."""
    trunks: tuple[Trunk, ...] = ()
    """Trunks that the ledger stood on before."""
    subjects: tuple[ExportedSubject, ...] = ()
    """Whom claims are about, besides the user."""
    sessions: tuple[ExportedSession, ...] = ()
    """Conversations, in order of their first turn."""
    turns: tuple[ExportedTurn, ...] = ()
    """What was said, in order."""
    former_texts: tuple[ExportedFormerText, ...] = ()
    """What turns said before they were retracted or amended."""
    batches: tuple[ExportedBatch, ...] = ()
    """The versions of the ledger, in order."""
    operations: tuple[ExportedOperation, ...] = ()
    """The ledger, in order."""
    held: tuple[ExportedHeld, ...] = ()
    """The quarantine, oldest first."""
    tombstones: tuple[ExportedTombstone, ...] = ()
    """What must not come back."""
    receipts: tuple[ExportedReceipt, ...] = ()
    """Proofs of erasures, oldest first."""
    sha256: Sha256
    """SHA-256 over all members before this one: for each, or for each item of a list, one line of JSON
    `["name",value]` with sorted keys and no spaces, in UTF-8, each ended by a line feed."""


class ExportSummary(Value):
    """What an export or an import was about, without its content."""

    tenant: Identifier
    """Whose customer or application."""
    user: Identifier
    """The person: the one exported, or the one imported as."""
    version: Number
    """Version of the ledger."""
    digest: str
    """Digest of the ledger."""
    counts: dict[Section, Number]
    """How many items of each kind."""
    sha256: Sha256
    """Checksum of the file."""
