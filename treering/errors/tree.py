"""Trunks that break their rules, and operations that a tree refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.errors.base import TreeringError
from treering.errors.nearest import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence


class TrunkError(TreeringError):
    """Base of errors about trunk files."""


class InvalidTrunk(TrunkError):
    """A trunk file breaks the rules of trunks."""

    def __init__(self, source: str, why: str) -> None:
        super().__init__(f"trunk {source}: {why}")
        self.source = source
        self.why = why


class InvalidMigration(TrunkError):
    """A migration file breaks the rules of migrations, or does not fit its two trunks."""

    def __init__(self, source: str, why: str) -> None:
        super().__init__(f"migration {source}: {why}")
        self.source = source
        self.why = why


class UnknownTrunk(TrunkError):
    """No trunk has this name."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"no trunk named {name!r}; known: {', '.join(sorted(known))}, or give the path of a YAML file")
        self.name = name
        self.known: tuple[str, ...] = tuple(known)


class OperationError(TreeringError):
    """The tree refuses an operation. The tree is as it was."""


class UnknownSlot(OperationError):
    """The trunk has no such path."""

    def __init__(self, path: str, known: Sequence[str] = ()) -> None:
        near = nearest(path, known)
        super().__init__(f"the trunk has no slot {path!r}{did_you_mean(near)}")
        self.path = path
        self.suggestions = near


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
        super().__init__(
            f"no live claim {claim_id} in the tree; `treering tree USER --ids` shows those that hold, and "
            "`treering history USER --json` those that did"
        )
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


class NothingToUndo(OperationError):
    """No change is left to take back, or none to bring back."""

    def __init__(self, asked: int, found: int, *, action: str = "undo", version: int | None = None) -> None:
        super().__init__(
            f"cannot {action} {asked} change{'s' * (asked != 1)}: {found or 'none'} {'is' if found == 1 else 'are'} "
            f"left to {action}; nothing was changed"
            if version is None
            else f"cannot {action} version {version}: it was taken back already, or changed nothing"
        )
        self.asked = asked
        self.found = found
        self.action = action


class UndoConflict(OperationError):
    """A later change rests on what was to be undone."""

    def __init__(self, version: int, claim_id: str, *, what: str = "claim") -> None:
        super().__init__(
            f"version {version} cannot be undone alone: {what} {claim_id} was changed again since; undo the later "
            "change first, or rewind to a version"
        )
        self.version = version
        self.claim_id = claim_id


class TrunkChanged(OperationError):
    """What was to be taken back stands on the other side of a change of the trunk."""

    def __init__(self, version: int, then: str, now: str) -> None:
        super().__init__(
            f"version {version} needs trunk {then}, and this memory stands on {now}; nothing was changed. Put it there "
            "first, with `treering trunk rollback` or `treering trunk migrate`"
        )
        self.version = version
        self.then = then
        self.now = now
