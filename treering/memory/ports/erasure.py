"""Ports to what forgetting needs: where words are, marks of what was forgotten, and the proofs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from treering.memory.repetition import NOTHING_SOUGHT, Sought

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from treering.memory.tombstones import TombstoneKind, Tombstones
    from treering.schemas.dialogue import Scope
    from treering.schemas.forgetting import ErasureReceipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanished:
    """What must not be found any more."""

    sought: Sought = NOTHING_SOUGHT
    """The texts."""
    claims: frozenset[str] = frozenset()
    """Claims of which no vector may be left."""
    messages: frozenset[str] = frozenset()
    """Messages of which no vector and no passage may be left."""
    is_everything: bool = False
    """Whether no word at all may be left of the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search of one store of words came to."""

    rows: int
    """Rows of the scope that were looked at."""
    matches: int
    """Rows among them that hold what was looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """What went out of stores that hold derived, waiting or former words."""

    rows: Mapping[str, int]
    """Rows, by the name of the store."""
    passages: tuple[str, ...] = ()
    """Ids of passages among them; their vectors have to go too."""


class WordStores(Protocol):
    """Every store of words, under one roof: what is not registered here cannot be forgotten, and a test says so."""

    def search(self, scope: Scope, vanished: Vanished) -> dict[str, Found]:
        """Look through every row of every store, opened; by the name of the store."""
        ...

    def drop(self, scope: Scope, vanished: Vanished) -> Dropped:
        """Take what matches out of the stores that hold derived, waiting or former words."""
        ...

    def erase_all(self, scope: Scope) -> dict[str, int]:
        """Take every word of the person out of every store; rows that held some, by the name of the store."""
        ...


class TombstoneStore(Protocol):
    """Keyed hashes of what was forgotten, so that it is not taken in again."""

    def of_claims(self, scope: Scope) -> Tombstones:
        """The marks of forgotten claims."""
        ...

    def forbids(self, scope: Scope, content: str) -> bool:
        """Whether a turn must not say this: one that did was forgotten."""
        ...

    def key(self, scope: Scope) -> bytes:
        """The key of the scope's marks, drawn when it is first asked for. Needs a writing transaction."""
        ...

    def put(self, scope: Scope, kind: TombstoneKind, marks: Collection[str], now: datetime) -> int:
        """Set marks; returns how many are new."""
        ...

    def lift(self, scope: Scope, marks: Collection[str] | None = None) -> int:
        """Take marks away (None: all of the scope); returns how many there were."""
        ...


class ReceiptStore(Protocol):
    """Proofs of what was erased, without words."""

    def add(self, scope: Scope, receipt: ErasureReceipt) -> ErasureReceipt:
        """Keep a receipt; returns it with its number."""
        ...

    def receipts(self, scope: Scope) -> list[ErasureReceipt]:
        """All of the scope, oldest first."""
        ...


class OutsideStore(Protocol):
    """Something beside the database that keeps words of people, e.g. the conversations of a chat."""

    @property
    def name(self) -> str:
        """How receipts call it."""
        ...

    def erase(self, scope: Scope, sessions: Sequence[str] | None) -> int:
        """Let go of these sessions of a person (None: of all); returns how many it held."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One entry of the ledger whose words are still there."""

    seq: int
    """Its place."""
    claim_id: str | None
    """The claim that it carries or is aimed at."""
    subject: str | None
    """Whose tree it is for."""
    path: str | None
    """The slot."""
    text: str | None
    """The statement, where it brings a claim."""
    condition: str | None
    """When the statement holds, where it does not always."""
    why: str | None
    """The reason, where one was given."""
    quotes: tuple[tuple[str, str, int], ...]
    """Message, words and where they begin in the message: what it rests on."""
