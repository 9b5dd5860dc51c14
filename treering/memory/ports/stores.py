"""Ports to the stores that share one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from treering.memory.ports.erasure import ReceiptStore, Spoken, TombstoneStore, WordStores
    from treering.memory.ports.history import History
    from treering.memory.ports.index import VectorIndex
    from treering.memory.tree import PersonaTree
    from treering.schemas.dialogue import Message, Receipt, Scope, Session, Turn
    from treering.schemas.jobs import Job, JobKind, JobState
    from treering.schemas.listening import Held, Reply, Verdict
    from treering.schemas.operations import Batch, Commit, Head, LedgerEntry
    from treering.schemas.recall import Passage
    from treering.schemas.retraction import FormerText


class TurnLog(Protocol):
    """Every turn that was ever said, in order."""

    def append(self, scope: Scope, session: str, messages: Sequence[Message], now: datetime) -> Receipt:
        """Store messages as turns. Idempotent by message id. The first turn of a session ends the scope's others.

        Raises:
            MessageConflict: An id is known with other content; nothing of the call is stored.
        """
        ...

    def turns(
        self,
        scope: Scope,
        *,
        after: int = 0,
        through: int | None = None,
        session: str | None = None,
        limit: int | None = None,
    ) -> list[Turn]:
        """Turns with `after < seq <= through`, in order of seq; at most `limit`, the earliest ones."""
        ...

    def latest(self, scope: Scope, *, limit: int, session: str | None = None) -> list[Turn]:
        """The last `limit` turns, in order of seq."""
        ...

    def get(self, scope: Scope, message_ids: Sequence[str]) -> dict[str, Turn]:
        """The turns that exist, by message id."""
        ...

    def sessions(self, scope: Scope) -> list[Session]:
        """Sessions, in order of their first turn."""
        ...

    def end_session(self, scope: Scope, session: str | None = None) -> None:
        """No more turns are expected in this session (None: in any open session). Unknown sessions are ignored."""
        ...

    def recount(self, scope: Scope) -> None:
        """Make the sessions anew from the turns; which of them have ended is kept."""
        ...

    def erase(self, scope: Scope, message_ids: Sequence[str]) -> int:
        """Empty the content of turns, and drop what they said before; returns how many had words.

        Ids and order stay, so that they are not taken in again.
        """
        ...

    def replace(self, scope: Scope, message_id: str, content: str | None, *, version: int | None, now: datetime) -> int:
        """Give a turn another text, or none, and keep what it said; returns the number of the change, from 1.

        A turn without text loses its speaker and metadata too; they come back with a new text. `version` is the ledger
        version that goes with it.
        """
        ...

    def former(self, scope: Scope, message_ids: Sequence[str]) -> dict[str, list[FormerText]]:
        """What these turns said before each change, oldest first; a turn that was never changed is left out."""
        ...

    def swap(self, scope: Scope, *, version: int, by: int, now: datetime) -> list[str]:
        """Give turns back what they said before `version`, which changed them; returns their message ids.

        `by` is the version that does it: swapping that one in turn gives the texts back again.

        Raises:
            UndoConflict: A turn was changed again since, and does not say what `version` made of it.
        """
        ...

    def rewind(self, scope: Scope, *, to: int, by: int, now: datetime) -> list[str]:
        """Give turns that versions after `to` changed what they said then; returns their message ids.

        Swapping `by` gives the later texts back.
        """
        ...


class Ledger(Protocol):
    """The append-only list of operations of a scope, and the tree it folds to."""

    def head(self, scope: Scope) -> Head:
        """Where the ledger stands; version 0 for an unknown scope."""
        ...

    def trees(self, scope: Scope, *, version: int | None = None) -> dict[str, PersonaTree]:
        """The tree of every subject that has live claims, by subject: as it is now, or as it was at a version.

        The present comes from the head's claims, the past from the nearest snapshot and what was committed since it;
        neither costs more in a longer ledger. Words that were forgotten since are `[forgotten]` there.

        Raises:
            UnknownVersion: The ledger has no such version.
        """
        ...

    def version_at(self, scope: Scope, moment: datetime) -> int:
        """The last version that was recorded at or before a moment; 0 before the first."""
        ...

    def commits(self, scope: Scope, *, after_version: int = 0, through_version: int | None = None) -> list[Commit]:
        """Committed batches with `after_version < version <= through_version`, oldest first."""
        ...

    def commit(self, scope: Scope, batch: Batch, *, expected_version: int, fence: int | None = None) -> Head:
        """Apply a batch, if the scope is still at `expected_version`.

        The operations, their texts, the head's claims, version, digest and `heard_seq` change together. A batch
        without operations moves `heard_seq` alone and makes no version. A batch whose id is known changes nothing
        and returns the present head.

        Raises:
            VersionConflict: Somebody else committed first.
            FenceLost: `fence` is smaller than the scope's.
            OperationError: An operation does not fit the tree; nothing is committed.
        """
        ...

    def knows(self, scope: Scope, batch_id: str) -> bool:
        """Whether a batch with this id made a version."""
        ...

    def entries(
        self, scope: Scope, *, after_version: int = 0, through_version: int | None = None
    ) -> Iterator[LedgerEntry]:
        """Committed operations with `after_version < version <= through_version`, oldest first."""
        ...

    def entries_about(self, scope: Scope, claim_ids: Sequence[str]) -> list[LedgerEntry]:
        """Operations that carry one of these claims or are aimed at it, oldest first."""
        ...

    def entries_at(self, scope: Scope, paths: Sequence[str]) -> list[LedgerEntry]:
        """Operations on claims of these slots, oldest first."""
        ...

    def first_broken(self, scope: Scope) -> int | None:
        """The first entry that does not fit the chain of digests; None for a sound ledger."""
        ...

    def rebuild(self, scope: Scope) -> None:
        """Make the live claims anew from the entries, and put the head at the last of them; marks beyond it go back.

        Raises:
            OperationError: The entries do not fold; nothing is changed.
        """
        ...

    def mark_indexed(self, scope: Scope, *, version: int, seq: int) -> None:
        """Record what the vectors show now."""
        ...

    def spoken(self, scope: Scope) -> Iterator[Spoken]:
        """Entries whose words are still there, oldest first."""
        ...

    def erase(self, scope: Scope, claim_ids: Sequence[str], *, through_seq: int | None = None) -> int:
        """Overwrite the words of these claims; ids and digests stay. Returns how many entries changed.

        With `through_seq`, what later entries say of them is left: a claim that was put back without some words.
        """
        ...

    def erase_entries(self, scope: Scope, seqs: Sequence[int]) -> int:
        """Overwrite the words of single entries, and of no live claim. Returns how many had words."""
        ...

    def erase_names(self, scope: Scope, subjects: Collection[str]) -> int:
        """Erase the names of subjects without live claims: what the ledger says of them shows an alias.

        Digests stay. Returns how many names went.
        """
        ...


class PassageStore(Protocol):
    """Pieces of retrievable text made of turns."""

    def put(self, scope: Scope, passages: Sequence[Passage]) -> None:
        """Store passages; one with a known id is replaced."""
        ...

    def get(self, scope: Scope, ids: Sequence[str]) -> dict[str, Passage]:
        """The passages that exist, by id."""
        ...

    def remove_of(self, scope: Scope, message_ids: Sequence[str]) -> list[str]:
        """Remove every passage that contains one of these messages; returns the passage ids."""
        ...


class Quarantine(Protocol):
    """Verdicts that wait for a person, and model replies kept word for word."""

    def hold(self, scope: Scope, window_id: str, verdicts: Sequence[Verdict], now: datetime) -> list[Held]:
        """Keep verdicts; holding the same draft of the same window again changes nothing."""
        ...

    def held(self, scope: Scope) -> list[Held]:
        """What waits, oldest first."""
        ...

    def resolve(self, scope: Scope, held_id: str) -> Held | None:
        """Take one out of quarantine, and return it; None if it is not there."""
        ...

    def erase(self, scope: Scope, message_ids: Sequence[str]) -> int:
        """Drop everything held or replied that quotes these messages. Returns how many rows."""
        ...

    def save_reply(self, scope: Scope, window_id: str, listener: str, reply: Reply) -> None:
        """Keep a model's reply before it is applied."""
        ...

    def reply(self, scope: Scope, window_id: str, listener: str) -> Reply | None:
        """The stored reply to a window, if this listener asked about it before."""
        ...


class JobQueue(Protocol):
    """Slow work, in one table: leased, fenced, retried, and never lost."""

    def enqueue(
        self,
        scope: Scope,
        kind: JobKind,
        now: datetime,
        *,
        payload: Mapping[str, str | int] | None = None,
        state: JobState = "queued",
        error: str | None = None,
        raw_reply: str | None = None,
    ) -> None:
        """Add a job. A queued job of the same scope, kind and payload makes it needless; a running one does not."""
        ...

    def claim(self, now: datetime, *, lease_s: float, scope: Scope | None = None) -> Job | None:
        """Lease the next job that is due, of a scope where none runs; raises the scope's fence.

        A running job whose lease is over is due again.
        """
        ...

    def extend(self, job: Job, now: datetime, *, lease_s: float) -> Job:
        """Hold the lease longer.

        Raises:
            FenceLost: Another worker has it.
        """
        ...

    def finish(self, job: Job) -> None:
        """Mark a leased job done.

        Raises:
            FenceLost: Another worker has it.
        """
        ...

    def fail(self, job: Job, error: str, now: datetime, *, retry_at: datetime | None) -> None:
        """Put a leased job back to be run at `retry_at`, or with None let it be dead.

        Raises:
            FenceLost: Another worker has it.
        """
        ...

    def jobs(self, *, scope: Scope | None = None, states: Sequence[JobState] = (), limit: int = 100) -> list[Job]:
        """Jobs, oldest first."""
        ...

    def revoke(self, scope: Scope, now: datetime) -> datetime | None:
        """Take the lease of a running job away, and queue the job again; the latest end of a lease, if there was one.

        The scope's fence is raised in any case: what was computed before cannot be committed any more.
        """
        ...

    def retry(self, job_id: int, now: datetime) -> bool:
        """Queue a dead job again; False if there is no such dead job."""
        ...

    def pending(self, scope: Scope | None = None) -> int:
        """Number of jobs that are queued or running."""
        ...


class UnitOfWork(Protocol):
    """One transaction over everything that must change together."""

    def rekey(self, scope: Scope) -> bool:
        """Seal all words of a scope anew under a new key; the old one is destroyed after the commit.

        Backups from before cannot be opened then. False where words are plain.
        """
        ...

    @property
    def turns(self) -> TurnLog:
        """What was said."""
        ...

    @property
    def ledger(self) -> Ledger:
        """What was learned."""
        ...

    @property
    def passages(self) -> PassageStore:
        """What can be read out."""
        ...

    @property
    def quarantine(self) -> Quarantine:
        """What waits for a person."""
        ...

    @property
    def jobs(self) -> JobQueue:
        """What is still to do."""
        ...

    @property
    def word_stores(self) -> WordStores:
        """Every store of words at once."""
        ...

    @property
    def tombstones(self) -> TombstoneStore:
        """Marks of what was forgotten."""
        ...

    @property
    def receipts(self) -> ReceiptStore:
        """Proofs of what was forgotten."""
        ...

    @property
    def vectors(self) -> VectorIndex:
        """Search rows in the same database; empty where another index is configured."""
        ...

    @property
    def history(self) -> History:
        """All rows of a person, to be carried elsewhere."""
        ...


class Store(Protocol):
    """Where the truth is kept."""

    def begin(self, *, write: bool = True) -> AbstractContextManager[UnitOfWork]:
        """A transaction: committed when the block ends, rolled back when it raises.

        Raises:
            StoreBusy, StoreReadOnly, StoreFull: Translated from the driver; nothing was changed.
        """
        ...

    def scopes(self, *, tenant: str | None = None) -> list[Scope]:
        """All known scopes, sorted."""
        ...

    def close(self) -> None:
        """Release files and connections; the store cannot be used afterwards."""
        ...
