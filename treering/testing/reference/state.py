"""What a store knows: for each person the lists of their export, and beside them what is derived or still to do."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, fields

from treering.memory.ports import Mention, VectorEntry
from treering.schemas.access import ApiKey, AuditEntry
from treering.schemas.claims import Claim
from treering.schemas.dialogue import Scope
from treering.schemas.export import (
    ExportedBatch,
    ExportedFormerText,
    ExportedHeld,
    ExportedOperation,
    ExportedReceipt,
    ExportedSession,
    ExportedSubject,
    ExportedTombstone,
    ExportedTurn,
)
from treering.schemas.jobs import Job
from treering.schemas.listening import Reply
from treering.schemas.operations import Head
from treering.schemas.recall import Passage
from treering.schemas.trunk import Trunk


@dataclass(slots=True, kw_only=True)
class Person:
    """One scope. The values are immutable, the containers are not."""

    head: Head = field(default_factory=Head)
    """Where the ledger stands; `last_seq` and what is indexed are not kept in it."""
    subjects: list[ExportedSubject] = field(default_factory=list)
    sessions: dict[str, ExportedSession] = field(default_factory=dict)
    turns: list[ExportedTurn] = field(default_factory=list)
    former_texts: list[ExportedFormerText] = field(default_factory=list)
    batches: list[ExportedBatch] = field(default_factory=list)
    operations: list[ExportedOperation] = field(default_factory=list)
    live: dict[tuple[str, str], tuple[int, Claim]] = field(default_factory=dict)
    """What the operations come to: by subject and id, the entry that brought a claim, and the claim. It is more than a
    cache: words of an entry may be erased while the claim that it brought keeps them."""
    held: dict[str, ExportedHeld] = field(default_factory=dict)
    tombstones: dict[str, ExportedTombstone] = field(default_factory=dict)
    tombstone_key: bytes | None = None
    receipts: list[ExportedReceipt] = field(default_factory=list)
    replies: dict[tuple[str, str], Reply] = field(default_factory=dict)
    """By window and listener."""
    passages: dict[str, Passage] = field(default_factory=dict)
    mentions: dict[str, Mention] = field(default_factory=dict)
    vectors: dict[tuple[str, str], VectorEntry] = field(default_factory=dict)
    """By the fingerprint of the embedder and the id of the entry."""
    index_marks: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Ledger version and turn that the vectors have got to, by the fingerprint of the embedder."""

    def copy(self) -> Person:
        """The same, in containers of its own."""
        return Person(**{one.name: copy(getattr(self, one.name)) for one in fields(self)})


@dataclass(slots=True, kw_only=True)
class State:
    """A whole store."""

    people: dict[Scope, Person] = field(default_factory=dict)
    trunks: dict[tuple[str, int], Trunk] = field(default_factory=dict)
    """By name and version."""
    jobs: dict[int, Job] = field(default_factory=dict)
    last_job: int = 0
    api_keys: dict[str, tuple[ApiKey, str]] = field(default_factory=dict)
    """By id, with the hash of the secret."""
    audit: list[AuditEntry] = field(default_factory=list)

    def copy(self) -> State:
        """The same, in containers of its own: what a transaction changes before it is committed."""
        people = {scope: person.copy() for scope, person in self.people.items()}
        return State(
            people=people,
            trunks=dict(self.trunks),
            jobs=dict(self.jobs),
            last_job=self.last_job,
            api_keys=dict(self.api_keys),
            audit=list(self.audit),
        )

    def of(self, scope: Scope) -> Person:
        """A person; of an unknown one an empty one that nobody keeps."""
        return self.people.get(scope) or Person()

    def made(self, scope: Scope) -> Person:
        """A person, who is known from now on."""
        return self.people.setdefault(scope, Person())
