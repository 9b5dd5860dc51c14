"""What the ledger says of a slot, of claims or of some versions, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from treering.errors import UnknownPath
from treering.memory.operations import claim_of
from treering.schemas.operations import Add, Delete, Update

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from treering.memory.ports import UnitOfWork
    from treering.schemas.dialogue import Scope
    from treering.schemas.operations import LedgerEntry, Operation
    from treering.schemas.trunk import Trunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """Which entries of a ledger are meant: those of which all of this is so."""

    path: str | None = None
    """They are about claims of this slot or branch, of whichever trunk."""
    claims: Sequence[str] | None = None
    """They bring one of these claims, or are aimed at it."""
    first_version: int | None = None
    """They are of this version, or a later one."""
    last_version: int | None = None
    """They are of this version, or an earlier one."""
    after: int = 0
    """They stand behind this place."""
    limit: int | None = None
    """At most so many, the first ones."""


def read_history(unit: UnitOfWork, scope: Scope, wanted: Excerpt, *, trunk: Trunk) -> list[LedgerEntry]:
    """Entries of a ledger, oldest first.

    Args:
        unit: Where it is read.
        scope: Whose.
        wanted: Which.
        trunk: The trunk in use; paths of former ones are known too.

    Raises:
        UnknownPath: No trunk that the store knows has such a slot or branch.
    """
    within = None if wanted.path is None else _slots(unit, trunk, wanted.path)
    if wanted.claims is None and wanted.first_version is None and wanted.last_version is None:
        return unit.ledger.entries_after(scope, wanted.after, paths=within, limit=wanted.limit)
    found = (entry for entry in _read(unit, scope, wanted) if _is_meant(entry, wanted, within))
    return list(islice(found, wanted.limit))


def _read(unit: UnitOfWork, scope: Scope, wanted: Excerpt) -> Iterable[LedgerEntry]:
    """What is the least to be looked at."""
    if wanted.claims is not None:
        return unit.ledger.entries_about(scope, wanted.claims)
    newest = unit.ledger.head(scope).version  # databases count no further than to some number; there is nothing beyond
    first, last = wanted.first_version or 1, wanted.last_version or newest
    return unit.ledger.entries(scope, after_version=min(first - 1, newest), through_version=min(last, newest))


def _is_meant(entry: LedgerEntry, wanted: Excerpt, within: Collection[str] | None) -> bool:
    return (
        entry.seq > wanted.after
        and (wanted.first_version or 1) <= entry.version <= (wanted.last_version or entry.version)
        and (within is None or _path_of(entry.operation) in within)
        and (wanted.claims is None or claim_of(entry.operation) in wanted.claims)
    )


def _slots(unit: UnitOfWork, trunk: Trunk, path: str) -> list[str]:
    slots = dict.fromkeys(slot for one in (trunk, *unit.trunks.trunks()) for slot in one.by_path)
    within = [slot for slot in slots if f"{slot}.".startswith(f"{path}.")]
    if not within:
        raise UnknownPath(path, (*trunk.by_path, *trunk.branch_paths))
    return within


def _path_of(operation: Operation) -> str | None:
    if isinstance(operation, Add | Update):
        return operation.claim.path
    return operation.path if isinstance(operation, Delete) else None
