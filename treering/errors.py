"""Every error that Treering raises, as one tree.

::

    TreeringError
    ├── InvalidInput            what a caller gave cannot be used; nothing was changed
    │   ├── InvalidTurn
    │   ├── MessageConflict     the id is known with other text
    │   └── MissingScope        no person was named
    ├── TrunkError
    │   ├── InvalidTrunk
    │   └── UnknownTrunk
    ├── OperationError          the tree refuses an operation; the tree is as it was
    │   ├── UnknownSlot
    │   ├── NotASlot            the path names a branch
    │   ├── DuplicateClaim
    │   ├── UnknownClaim
    │   ├── ClaimAlreadyEnded
    │   ├── SlotMismatch
    │   └── NotInvertible
    ├── StoreError
    │   ├── VersionConflict     somebody else committed first; read again
    │   ├── FenceLost           the lease went to another worker
    │   ├── StoreBusy
    │   ├── StoreReadOnly
    │   ├── StoreFull
    │   ├── StoreTooNew
    │   └── StoreUnreadable
    ├── ModelError
    │   ├── ModelUnavailable    worth another try later
    │   └── ModelReplyUnreadable
    ├── EmbedderError
    │   ├── DimensionMismatch
    │   └── EmbedderUnavailable worth another try later, unless the message says otherwise
    ├── IndexUnavailable
    └── MissingExtra            an optional dependency is not installed

A message says what was wrong, where, and what to do. The data is in attributes, so that a face (HTTP body, CLI
line, retry rule) translates without reading the text.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class TreeringError(Exception):
    """Base of all of them; catch this at the rim."""


class InvalidInput(TreeringError):
    """A value from the caller cannot be used. Nothing was changed."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why


class InvalidTurn(InvalidInput):
    """A message cannot be stored as it is."""


class MessageConflict(InvalidInput):
    """A message id came again with other text."""

    def __init__(self, message_id: str) -> None:
        super().__init__(
            f"message {message_id!r}",
            "this id is already stored with other content; use a new id, or amend the stored message",
        )
        self.message_id = message_id


class MissingScope(InvalidInput):
    """A call did not say whose memory it is about."""

    def __init__(self, where: str) -> None:
        super().__init__(where, "no person is named; pass user=… (and session=…), so that memories never mix")


class TrunkError(TreeringError):
    """Base of errors about trunk files."""


class InvalidTrunk(TrunkError):
    """A trunk file breaks the rules of trunks."""

    def __init__(self, source: str, why: str) -> None:
        super().__init__(f"trunk {source}: {why}")
        self.source = source
        self.why = why


class UnknownTrunk(TrunkError):
    """No trunk has this name."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"no trunk named {name!r}; known: {', '.join(sorted(known))}, or give the path of a YAML file")
        self.name = name
        self.known = tuple(known)


class OperationError(TreeringError):
    """The tree refuses an operation. The tree is as it was."""


class UnknownSlot(OperationError):
    """The trunk has no such path."""

    def __init__(self, path: str, known: Sequence[str] = ()) -> None:
        near = get_close_matches(path, known, n=3, cutoff=0.6)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        super().__init__(f"the trunk has no slot {path!r}{hint}")
        self.path = path
        self.suggestions = tuple(near)


class NotASlot(OperationError):
    """The path names a branch, and branches hold no claims."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path!r} is a branch; only its slots hold claims")
        self.path = path


class DuplicateClaim(OperationError):
    """A claim with this id is already in the tree."""

    def __init__(self, claim_id: str) -> None:
        super().__init__(f"claim {claim_id} is already in the tree")
        self.claim_id = claim_id


class UnknownClaim(OperationError):
    """No live claim has this id."""

    def __init__(self, claim_id: str) -> None:
        super().__init__(f"no live claim {claim_id} in the tree")
        self.claim_id = claim_id


class ClaimAlreadyEnded(OperationError):
    """The claim has an end already."""

    def __init__(self, claim_id: str) -> None:
        super().__init__(f"claim {claim_id} has ended already")
        self.claim_id = claim_id


class SlotMismatch(OperationError):
    """An operation names a claim of another slot or subject."""

    def __init__(self, claim_id: str, expected: str, actual: str) -> None:
        super().__init__(f"claim {claim_id} belongs to {actual}, not to {expected}")
        self.claim_id = claim_id
        self.expected = expected
        self.actual = actual


class NotInvertible(OperationError):
    """Erasure cannot be undone: the text is gone."""

    def __init__(self, claim_id: str) -> None:
        super().__init__(f"claim {claim_id} was forgotten on request; that cannot be undone")
        self.claim_id = claim_id


class StoreError(TreeringError):
    """Base of errors about the store."""


class VersionConflict(StoreError):
    """Somebody else committed first."""

    def __init__(self, expected: int, actual: int) -> None:
        super().__init__(f"the ledger is at version {actual}, not {expected}; read the tree again and repeat")
        self.expected = expected
        self.actual = actual


class FenceLost(StoreError):
    """The lease ended and another worker holds the scope."""

    def __init__(self, held: int, current: int) -> None:
        super().__init__(f"fencing token {held} is stale (now {current}); another worker took over, stop this one")
        self.held = held
        self.current = current


class StoreBusy(StoreError):
    """The database stayed locked longer than the busy timeout."""

    def __init__(self, where: str, timeout_s: float) -> None:
        super().__init__(f"{where} stayed locked for {timeout_s:g} s; another process holds it, try again")
        self.where = where
        self.timeout_s = timeout_s


class StoreReadOnly(StoreError):
    """The store cannot be written."""

    def __init__(self, where: str) -> None:
        super().__init__(f"{where} cannot be written; give a writable folder with TREERING_HOME or home=…")
        self.where = where


class StoreFull(StoreError):
    """No space is left for the store. What was acknowledged before is safe."""

    def __init__(self, where: str) -> None:
        super().__init__(f"no space is left for {where}; free some and repeat, nothing was half written")
        self.where = where


class StoreTooNew(StoreError):
    """A newer Treering made this store."""

    def __init__(self, where: str, found: int, supported: int) -> None:
        super().__init__(
            f"{where} has store format {found}, this Treering reads up to {supported}; upgrade the treering package"
        )
        self.where = where
        self.found = found
        self.supported = supported


class StoreUnreadable(StoreError):
    """The file is not a Treering store, or is damaged."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where} cannot be read as a Treering store: {why}")
        self.where = where
        self.why = why


class ModelError(TreeringError):
    """Base of errors about chat models."""


class ModelUnavailable(ModelError):
    """The model did not answer (error, time-out, rate limit). Worth another try later."""

    def __init__(self, model: str, why: str) -> None:
        super().__init__(f"model {model} did not answer: {why}")
        self.model = model
        self.why = why


class ModelReplyUnreadable(ModelError):
    """The model answered, also after one repair attempt, with something that holds no operations."""

    def __init__(self, model: str, raw: str, why: str) -> None:
        super().__init__(f"the reply of {model} cannot be read: {why}")
        self.model = model
        self.raw = raw
        self.why = why


class EmbedderError(TreeringError):
    """Base of errors about embedders."""


class DimensionMismatch(EmbedderError):
    """Stored vectors come from another model."""

    def __init__(self, stored: str, given: str) -> None:
        super().__init__(
            f"the stored vectors were made by {stored}, the embedder is {given}; "
            "go back to the former embedder, or give this one a store of its own (TREERING_HOME)"
        )
        self.stored = stored
        self.given = given


class EmbedderUnavailable(EmbedderError):
    """The embedder gave no vectors."""

    def __init__(self, embedder: str, why: str) -> None:
        super().__init__(f"the embedder {embedder} gave no vectors: {why}")
        self.embedder = embedder
        self.why = why


class IndexUnavailable(TreeringError):
    """The vector index cannot be reached."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"the vector index at {where} cannot be reached: {why}")
        self.where = where
        self.why = why


class MissingExtra(TreeringError):
    """An optional dependency is not installed."""

    def __init__(self, feature: str, extra: str, otherwise: str = "") -> None:
        hint = f"; {otherwise}" if otherwise else ""
        super().__init__(f"{feature} needs more packages: pip install 'treering[{extra}]'{hint}")
        self.feature = feature
        self.extra = extra
