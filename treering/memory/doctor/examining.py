"""Goes from person to person, from check to check, and mends on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.errors import KeyUnavailable, OperationError, StoreUnreadable, TrunkMismatch
from treering.memory.doctor.case import Case, Check, Symptom
from treering.memory.doctor.derived_checks import (
    IndexJob,
    JobKinds,
    Leases,
    ListenJob,
    Marks,
    Sessions,
    Summaries,
    Vectors,
)
from treering.memory.doctor.ledger_checks import Access, Chain, Evidence, Fold, ForgottenWords, Snapshots
from treering.schemas.health import Finding, HealthReport

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from treering.memory.ports import Clock, Store, UnitOfWork, VectorIndex
    from treering.schemas.dialogue import Scope
    from treering.schemas.trunk import Trunk

_DAMAGE = (KeyUnavailable, OperationError, StoreUnreadable, TrunkMismatch)
"""What reading damaged rows raises."""

CHECKS: tuple[Check, ...] = (
    Access(),
    Chain(),
    Fold(),
    Snapshots(),
    ForgottenWords(),
    Evidence(),
    Marks(),
    Sessions(),
    Summaries(),
    Vectors(),
    Leases(),
    ListenJob(),
    IndexJob(),
    JobKinds(),
)
"""Every check, what others rest on first."""


class Doctor:
    """Looks whether what is derived still fits what is true. It reads in transactions of its own, one a person."""

    def __init__(
        self, *, store: Store, index: VectorIndex | None, trunk: Trunk, clock: Clock, checks: Sequence[Check] = CHECKS
    ) -> None:
        self._store = store
        self._index = index
        self._trunk = trunk
        self._clock = clock
        self._checks = checks

    def examine(
        self, scopes: Sequence[Scope], *, repair: bool = False, progress: Callable[[int], None] = lambda _: None
    ) -> HealthReport:
        """Look at every check of every scope; cost is that of reading all of it once.

        Args:
            scopes: Whose memories.
            repair: Mend what can be made anew from what is stored.
            progress: Told how many scopes are done.
        """
        findings: list[Finding] = []
        for done, scope in enumerate(scopes, start=1):
            findings += self._examine(scope, repair=repair)
            progress(done)
        names = tuple(check.name for check in self._checks)
        return HealthReport(at=self._clock.now(), checks=names, scopes=len(scopes), findings=tuple(findings))

    def _examine(self, scope: Scope, *, repair: bool) -> list[Finding]:
        with self._store.begin(write=False) as unit:
            case = self._case(unit, scope)
            seen = []
            for check in self._checks:
                symptom = _look(check, case)
                if symptom is not None:
                    seen.append((check, symptom))
                    if isinstance(check, Access):
                        break
        return [self._settle(scope, check, symptom, repair=repair) for check, symptom in seen]

    def _settle(self, scope: Scope, check: Check, symptom: Symptom, *, repair: bool) -> Finding:
        is_mended = repair and symptom.cure is not None and self._mend(scope, check)
        return Finding(
            check=check.name,
            scope=scope,
            what=symptom.what,
            count=symptom.count,
            repairable=symptom.cure is not None,
            repaired=is_mended,
            advice=symptom.advice,
        )

    def _mend(self, scope: Scope, check: Check) -> bool:
        """Mend what is still so now that nobody else writes; False if it could not be, and nothing was changed."""
        try:
            with self._store.begin() as unit:
                case = self._case(unit, scope)
                symptom = _look(check, case)
                if symptom is not None and symptom.cure is not None:
                    symptom.cure(case)
                return symptom is None or symptom.cure is not None
        except _DAMAGE:  # what it is to be made from is damaged itself, which another finding tells
            return False

    def _case(self, unit: UnitOfWork, scope: Scope) -> Case:
        return Case(unit=unit, scope=scope, index=self._index, trunk=self._trunk, now=self._clock.now())


def _look(check: Check, case: Case) -> Symptom | None:
    try:
        return check.look(case)
    except _DAMAGE as error:
        return Symptom(what=f"cannot be looked at: {error}", advice="restore this person from a backup or an export")
