"""The persona tree: an immutable value that holds the live claims of one subject."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from treering.schemas.claims import FORGOTTEN, SELF, Claim

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from treering.schemas.trunk import Trunk

ERAS_KEPT = 8
"""Stretches of time of which a tree remembers what held then: nearly every question is about now."""

Precedence = tuple[datetime, int, int, str]


def precedence(claim: Claim) -> Precedence:
    """Sort key that decides which of two claims is newer: valid from, turn order, place in the turn, id."""
    start = claim.evidence[0].start if claim.evidence else 0
    return (claim.valid_from, claim.order, start, claim.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Legible:
    """The claims of a tree that can be read out. Treat as read-only."""

    by_id: Mapping[str, Claim]
    by_path: Mapping[str, tuple[Claim, ...]]
    """Those of each slot that has any."""

    @classmethod
    def of(cls, claims: Iterable[Claim]) -> Legible:
        """These claims, in this order."""
        by_id = {claim.id: claim for claim in claims}
        slots: dict[str, list[Claim]] = defaultdict(list)
        for claim in by_id.values():
            slots[claim.path].append(claim)
        return cls(by_id=by_id, by_path={path: tuple(found) for path, found in slots.items()})


@dataclass(frozen=True, kw_only=True)
class PersonaTree:
    """The live claims of one subject, under a trunk.

    Live is every claim that was neither retracted nor forgotten; it may have ended or be superseded. What is
    *current* is derived from the live claims on each read, so late history and retraction need no repair. The idea
    of a profile as a typed tree under ADD / UPDATE / DELETE is from the persona-tree paper (Inside Out).

    Example:
        >>> from treering.schemas.trunk import Slot, Trunk
        >>> trunk = Trunk(name="t", version=1, description="one slot", branches=(),
        ...               slots=(Slot(path="name", description="What the person is called."),))
        >>> PersonaTree(trunk=trunk).current()
        ()
    """

    trunk: Trunk
    subject: str = SELF
    claims: Mapping[str, Claim] = field(default_factory=lambda: MappingProxyType({}))
    """Live claims by id. Treat as read-only; `operations.apply` makes a new tree."""

    @cached_property
    def by_path(self) -> Mapping[str, tuple[Claim, ...]]:
        """Live claims of each filled slot, oldest first."""
        slots: dict[str, list[Claim]] = defaultdict(list)
        for claim in self.claims.values():
            slots[claim.path].append(claim)
        return {path: tuple(sorted(claims, key=precedence)) for path, claims in slots.items()}

    def current(self, path: str | None = None, *, as_of: datetime | None = None) -> tuple[Claim, ...]:
        """Claims that hold at `as_of` (None: after everything known), in trunk order, oldest first in a slot.

        In a one-valued slot at most one: the newest that had begun, unless it has ended. In a many-valued slot
        all that had begun, have not ended, and are not superseded by a newer claim.
        """
        if path is not None:
            return self._current_in(path, as_of)
        era = -1 if as_of is None else bisect_right(self._turning_points, as_of)
        found = self._eras.get(era)
        if found is None:
            found = tuple(
                claim
                for slot in self.trunk.slots
                if slot.path in self.by_path
                for claim in self._current_in(slot.path, as_of)
            )
            if len(self._eras) >= ERAS_KEPT:
                self._eras.clear()
            self._eras[era] = found
        return found

    def legible(self, *, as_of: datetime) -> Legible:
        """The claims that hold at `as_of` and still have words."""
        era = bisect_right(self._turning_points, as_of)
        found = self._read.get(era)
        if found is None:
            found = Legible.of(claim for claim in self.current(as_of=as_of) if claim.text != FORGOTTEN)
            if len(self._read) >= ERAS_KEPT:
                self._read.clear()
            self._read[era] = found
        return found

    @cached_property
    def _read(self) -> dict[int, Legible]:
        """Likewise for what can be read."""
        return {}

    @cached_property
    def _turning_points(self) -> list[datetime]:
        """The moments at which what holds can change, in order: between two of them it is the same."""
        ends = (claim.valid_to for claim in self.claims.values() if claim.valid_to is not None)
        return sorted({*(claim.valid_from for claim in self.claims.values()), *ends})

    @cached_property
    def _eras(self) -> dict[int, tuple[Claim, ...]]:
        """What holds between two turning points, by the number of those before, as far as it was asked for lately."""
        return {}

    def _current_in(self, path: str, as_of: datetime | None) -> tuple[Claim, ...]:
        begun = [c for c in self.by_path.get(path, ()) if as_of is None or c.valid_from <= as_of]
        slot = self.trunk.by_path.get(path)
        if slot is not None and slot.cardinality == "one":
            begun = begun[-1:]
        by_id = {claim.id: claim for claim in begun}
        superseded = {
            target
            for claim in begun
            for target in claim.supersedes
            if target in by_id and precedence(by_id[target]) < precedence(claim)
        }
        return tuple(c for c in begun if c.id not in superseded and not _has_ended(c, as_of))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the live claims, in hex. Two runs that learned the same have the same, whenever they ran."""
        return digest_of(self.claims.values())


def digest_of(claims: Iterable[Claim]) -> str:
    """SHA-256 over claims in any order, without `recorded_at`, in hex."""
    content = sorted(claim.model_dump_json(exclude={"recorded_at"}) for claim in claims)
    return hashlib.sha256("\n".join(content).encode()).hexdigest()


def _has_ended(claim: Claim, as_of: datetime | None) -> bool:
    return claim.valid_to is not None and (as_of is None or claim.valid_to <= as_of)
