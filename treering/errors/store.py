"""What can be wrong with a store; each says whether trying again helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.errors.base import TreeringError

if TYPE_CHECKING:
    from collections.abc import Mapping


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


class QueueOverdue(StoreError):
    """A tenant's jobs wait longer than they may, so nothing more is taken in of it; nothing was changed."""

    def __init__(self, tenant: str, age_s: float, bound_s: float) -> None:
        super().__init__(
            f"what tenant {tenant!r} said waits for {age_s:.0f} s to be listened to, and {bound_s:g} s are allowed "
            "(TREERING_QUEUE_AGE_S); remember it again later, or start more workers"
        )
        self.tenant = tenant
        self.age_s = age_s
        self.bound_s = bound_s
        self.retry_after_s: float = bound_s / 10
        """After so many seconds it is worth another try."""


class JobUnreadable(StoreError):
    """A job needs something else than this version can give it: a newer one made it, or its row was damaged."""

    def __init__(self, job_id: int, kind: str, why: str) -> None:
        super().__init__(
            f"the payload of job {job_id} ({kind}) {why}; a newer Treering wrote it, or it was damaged: "
            "start workers of that version and try it again, or cancel it"
        )
        self.job_id = job_id
        self.kind = kind
        self.why = why


class StoreReadOnly(StoreError):
    """The store cannot be written."""

    def __init__(self, where: str, remedy: str = "give a writable folder with TREERING_HOME or home=…") -> None:
        super().__init__(f"{where} cannot be written; {remedy}")
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


class StoreNotReady(StoreError):
    """The store's tables are missing, or older than this Treering."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}; run `treering db upgrade`")
        self.where = where
        self.why = why


class StoreUnavailable(StoreError):
    """The database server cannot be reached, or refuses the login."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where} cannot be reached: {why}; check TREERING_DATABASE_URL and the server")
        self.where = where
        self.why = why


class ScopeNotEmpty(StoreError):
    """An import would mix with what is stored about this person."""

    def __init__(self, user: str) -> None:
        super().__init__(
            f"something is stored about {user!r} already, if only what proves that it was forgotten; import under "
            "another name"
        )
        self.user = user


class TrunkMismatch(StoreError):
    """The memory of a person stands on another trunk than the one that was loaded."""

    def __init__(self, stored: str, given: str) -> None:
        super().__init__(
            f"this memory stands on trunk {stored}, loaded is {given}; move it with `treering trunk migrate`, or load "
            f"{stored}"
        )
        self.stored = stored
        self.given = given


class KeyUnavailable(StoreError):
    """Words are sealed, and the key that opens them is missing, wrong or destroyed."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the words of this memory are sealed: {why}")
        self.why = why


class ErasureIncomplete(StoreError):
    """After an erasure, something of it was still found; it was rolled back."""

    def __init__(self, left: Mapping[str, int]) -> None:
        where = ", ".join(f"{rows} row(s) of {store}" for store, rows in sorted(left.items()))
        super().__init__(f"what was to be forgotten is still in {where}; nothing was erased, please report this")
        self.left: dict[str, int] = dict(left)


class StoreUnreadable(StoreError):
    """The file is not a Treering store, or is damaged."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where} cannot be read as a Treering store: {why}")
        self.where = where
        self.why = why
