"""Ports to the stores that share one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from treering.memory.ports.upkeep import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from treering.memory.ports.access import AuditLog, KeyRing
    from treering.memory.ports.erasure import ReceiptStore, TombstoneStore, WordStores
    from treering.memory.ports.gates import ModelGate
    from treering.memory.ports.history import History
    from treering.memory.ports.index import VectorIndex
    from treering.memory.ports.jobs import JobQueue
    from treering.memory.ports.ledger import Ledger, TrunkStore
    from treering.memory.retrieval.associate import EntityGraph, Mention
    from treering.memory.retrieval.descend import SummaryTree
    from treering.schemas.dialogue import Message, Receipt, Scope, Session, Turn
    from treering.schemas.gates import Gate
    from treering.schemas.listening import Held, Reply, Verdict
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

    def latest(self, scope: Scope, *, limit: int, through: int | None = None, session: str | None = None) -> list[Turn]:
        """The last `limit` turns with `seq <= through`, in order of seq."""
        ...

    def get(self, scope: Scope, message_ids: Sequence[str]) -> dict[str, Turn]:
        """The turns that exist, by message id."""
        ...

    def sessions(self, scope: Scope) -> list[Session]:
        """Sessions, in order of their first turn."""
        ...

    def owner(self, scope: Scope) -> str | None:
        """The speaker who is the user, where turns of the role `user` name who speaks; None where none does.

        `whose.owner_among` says who. A turn that was retracted counts with the name that it had, and an erased one
        keeps its name as long as that stands in another: nobody else becomes the user by what is taken out.
        """
        ...

    def end_session(self, scope: Scope, session: str | None = None) -> None:
        """No more turns are expected in this session (None: in any open session). Unknown sessions are ignored."""
        ...

    def recount(self, scope: Scope) -> None:
        """Make the sessions anew from the turns; which of them have ended is kept."""
        ...

    def erase(self, scope: Scope, message_ids: Sequence[str]) -> int:
        """Empty the content of turns, and drop what they said before; returns how many had words.

        Ids and order stay, so that they are not taken in again. A name goes with the last turn in which it stands.
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


class PassageStore(Protocol):
    """Pieces of retrievable text made of turns."""

    def put(self, scope: Scope, passages: Sequence[Passage]) -> None:
        """Store passages; one with a known id is replaced."""
        ...

    def get(self, scope: Scope, ids: Sequence[str]) -> dict[str, Passage]:
        """The passages that exist, by id, in the order asked for."""
        ...

    def level(self, scope: Scope, level: int) -> list[Passage]:
        """The passages of a level, 0 (episodes) to 3 (the root), by when their first turn was said, then by id."""
        ...

    def tree(self, scope: Scope) -> SummaryTree:
        """How the passages hang together, without their words; kept in memory for as long as the root is the same."""
        ...

    def remove(self, scope: Scope, ids: Sequence[str]) -> list[str]:
        """Remove passages, and all that are made of them: their words are there too. Returns the ids of all that went.

        Their search rows are the caller's to remove: `summary:<passage id>`.
        """
        ...

    def remove_of(self, scope: Scope, message_ids: Sequence[str]) -> list[str]:
        """Remove every passage that contains one of these messages, as `remove` does; returns the ids of all."""
        ...


class Mentions(Protocol):
    """What turns mention: the links of the entity-passage graph."""

    def put(self, scope: Scope, mentions: Sequence[Mention]) -> None:
        """Store what turns mention; a known turn's is replaced. The same once more changes nothing."""
        ...

    def remove(self, scope: Scope, message_ids: Sequence[str]) -> None:
        """Take turns out; unknown ones are ignored."""
        ...

    def clear(self, scope: Scope) -> None:
        """Take all turns of the scope out."""
        ...

    def graph(self, scope: Scope) -> EntityGraph:
        """All turns of the scope with what they mention, to be walked: empty for an unknown one.

        It may be newer than a transaction that only reads.

        Raises:
            StoreUnreadable: A row is damaged.
        """
        ...


class Quarantine(Protocol):
    """Verdicts that wait for a person, and model replies kept word for word."""

    def hold(self, scope: Scope, window_id: str, verdicts: Sequence[Verdict], now: datetime) -> list[Held]:
        """Keep verdicts; holding the same draft of the same window again changes nothing."""
        ...

    def held(self, scope: Scope) -> list[Held]:
        """What waits, oldest first."""
        ...

    def wishes(self, scope: Scope) -> list[Held]:
        """Those of them that ask to have a claim forgotten, oldest first; `Head.wishes` says whether there may be any.

        While they wait, recall brings nothing of what they are about.
        """
        ...

    def resolve(self, scope: Scope, held_id: str) -> Held | None:
        """Take one out of quarantine, and return it; None if it is not there."""
        ...

    def replace(self, scope: Scope, waiting: Held) -> None:
        """Store what waits anew, under its id."""
        ...

    def drop_replies(self, scope: Scope) -> int:
        """Drop all stored replies, so that models are asked again. Returns how many."""
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
    def trunks(self) -> TrunkStore:
        """What ledgers stand on, and have stood on."""
        ...

    @property
    def passages(self) -> PassageStore:
        """What can be read out."""
        ...

    @property
    def mentions(self) -> Mentions:
        """What turns mention."""
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

    @property
    def api_keys(self) -> KeyRing:
        """Keys of a server's callers."""
        ...

    @property
    def audit(self) -> AuditLog:
        """What callers did."""
        ...


class Store(Watch, Protocol):
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

    def people(self, tenant: str, *, after: str | None = None, limit: int = 100) -> list[str]:
        """Those of a tenant of whom something is stored, in the order of their code points: at most so many.

        Args:
            tenant: Whose.
            after: Only those who come after this one.
            limit: Most people.
        """
        ...

    def idle(self, since: datetime, *, limit: int = 1_000) -> list[tuple[Scope, str]]:
        """Open sessions whose last turn was said before this moment, the longest idle first."""
        ...

    @property
    def model_gate(self) -> ModelGate:
        """The gates before chat models, which all who use the store share."""
        ...

    def gates(self) -> list[Gate]:
        """How much was asked of models lately, and which one rests: all gates, by name."""
        ...

    def close(self) -> None:
        """Release files and connections; the store cannot be used afterwards."""
        ...
