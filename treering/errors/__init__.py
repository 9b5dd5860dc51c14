"""Every error that Treering raises, as one tree.

::

    TreeringError
    ├── InvalidInput            what a caller gave cannot be used; nothing was changed
    │   ├── InvalidTurn
    │   ├── MessageConflict     the id is known with other text
    │   ├── MissingScope        no person was named
    │   ├── UnknownPath         neither a slot nor a branch of the trunk
    │   ├── UnknownVersion      the ledger has no such version
    │   ├── UnknownMessage      no turn has this id
    │   ├── UnknownUser         nothing is known of this person
    │   ├── UnknownProposal     nothing that waits in quarantine has this id
    │   ├── UnknownJob          the tenant has no such job
    │   ├── KeyReused           a call was named as an earlier one that asked for something else
    │   ├── ForgottenBefore     the same was forgotten on request, or rejected
    │   ├── ReleaseRefused      what waits in quarantine cannot be carried out as things stand
    │   ├── InvalidExport       a file to import is damaged, cut off, too new, or not what it says
    │   ├── Unauthenticated     a server was shown no credential that is good
    │   └── Forbidden           the credential does not go so far
    ├── TrunkError
    │   ├── InvalidTrunk
    │   ├── InvalidMigration    a migration breaks its rules, or does not fit its trunks
    │   └── UnknownTrunk
    ├── OperationError          the tree refuses an operation; the tree is as it was
    │   ├── UnknownSlot
    │   ├── NotASlot            the path names a branch
    │   ├── DuplicateClaim
    │   ├── UnknownClaim
    │   ├── ClaimAlreadyEnded
    │   ├── SlotMismatch
    │   ├── NotInvertible
    │   ├── NothingToUndo       no change is left to undo, or to redo
    │   ├── UndoConflict        a later change rests on what was to be undone
    │   └── TrunkChanged        what was to be undone was made on another trunk: `treering trunk rollback`
    ├── StoreError
    │   ├── VersionConflict     somebody else committed first; read again
    │   ├── FenceLost           the lease went to another worker
    │   ├── StoreBusy
    │   ├── QueueOverdue        a tenant's jobs wait longer than they may; remember again later
    │   ├── JobUnreadable       a job needs what this version does not know, or its row is damaged
    │   ├── StoreReadOnly
    │   ├── StoreFull
    │   ├── StoreTooNew
    │   ├── StoreNotReady       its tables are missing or old: `treering db upgrade`
    │   ├── StoreUnavailable    the database server does not answer
    │   ├── StoreUnreadable
    │   ├── ErasureIncomplete   something of what was erased is left; it was rolled back
    │   ├── ScopeNotEmpty       an import would mix with what is there
    │   ├── TrunkMismatch       the memory stands on another trunk: `treering trunk migrate`
    │   └── KeyUnavailable      words are sealed and their key is missing, wrong or destroyed
    ├── ModelError
    │   ├── ModelUnavailable    worth another try later
    │   │   └── ModelDeferred   it was not asked: a limit is reached, or it failed often just now
    │   └── ModelReplyUnreadable
    ├── EmbedderError
    │   ├── DimensionMismatch
    │   └── EmbedderUnavailable worth another try later, unless the message says otherwise
    ├── IndexUnavailable
    ├── TooManyRequests         a credential is used more often than it may be
    ├── ServerError             a server answered with what has no class of its own here
    │   └── ServerUnavailable   it cannot be reached, or does not answer in time
    ├── NotOverHttp             a method that is only there where the store is
    └── MissingExtra            an optional dependency is not installed

A message says what was wrong, where, and what to do. The data is in attributes, so that a face (HTTP body, CLI
line, retry rule) translates without reading the text.
"""

from __future__ import annotations

from treering.errors.base import MissingExtra, TreeringError
from treering.errors.input import (
    ForgottenBefore,
    InvalidExport,
    InvalidInput,
    InvalidTurn,
    KeyReused,
    MessageConflict,
    MissingScope,
    ReleaseRefused,
    UnknownJob,
    UnknownMessage,
    UnknownPath,
    UnknownProposal,
    UnknownUser,
    UnknownVersion,
)
from treering.errors.models import (
    DimensionMismatch,
    EmbedderError,
    EmbedderUnavailable,
    IndexUnavailable,
    ModelDeferred,
    ModelError,
    ModelReplyUnreadable,
    ModelUnavailable,
)
from treering.errors.server import (
    Forbidden,
    NotOverHttp,
    ServerError,
    ServerUnavailable,
    TooManyRequests,
    Unauthenticated,
)
from treering.errors.store import (
    ErasureIncomplete,
    FenceLost,
    JobUnreadable,
    KeyUnavailable,
    QueueOverdue,
    ScopeNotEmpty,
    StoreBusy,
    StoreError,
    StoreFull,
    StoreNotReady,
    StoreReadOnly,
    StoreTooNew,
    StoreUnavailable,
    StoreUnreadable,
    TrunkMismatch,
    VersionConflict,
)
from treering.errors.tree import (
    ClaimAlreadyEnded,
    DuplicateClaim,
    InvalidMigration,
    InvalidTrunk,
    NotASlot,
    NothingToUndo,
    NotInvertible,
    OperationError,
    SlotMismatch,
    TrunkChanged,
    TrunkError,
    UndoConflict,
    UnknownClaim,
    UnknownSlot,
    UnknownTrunk,
)

__all__ = [
    "ClaimAlreadyEnded",
    "DimensionMismatch",
    "DuplicateClaim",
    "EmbedderError",
    "EmbedderUnavailable",
    "ErasureIncomplete",
    "FenceLost",
    "Forbidden",
    "ForgottenBefore",
    "IndexUnavailable",
    "InvalidExport",
    "InvalidInput",
    "InvalidMigration",
    "InvalidTrunk",
    "InvalidTurn",
    "JobUnreadable",
    "KeyReused",
    "KeyUnavailable",
    "MessageConflict",
    "MissingExtra",
    "MissingScope",
    "ModelDeferred",
    "ModelError",
    "ModelReplyUnreadable",
    "ModelUnavailable",
    "NotASlot",
    "NotInvertible",
    "NotOverHttp",
    "NothingToUndo",
    "OperationError",
    "QueueOverdue",
    "ReleaseRefused",
    "ScopeNotEmpty",
    "ServerError",
    "ServerUnavailable",
    "SlotMismatch",
    "StoreBusy",
    "StoreError",
    "StoreFull",
    "StoreNotReady",
    "StoreReadOnly",
    "StoreTooNew",
    "StoreUnavailable",
    "StoreUnreadable",
    "TooManyRequests",
    "TreeringError",
    "TrunkChanged",
    "TrunkError",
    "TrunkMismatch",
    "Unauthenticated",
    "UndoConflict",
    "UnknownClaim",
    "UnknownJob",
    "UnknownMessage",
    "UnknownPath",
    "UnknownProposal",
    "UnknownSlot",
    "UnknownTrunk",
    "UnknownUser",
    "UnknownVersion",
    "VersionConflict",
]
