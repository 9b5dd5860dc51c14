"""One person's memory as the checks see it: read once, shared by all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from treering.memory.doctor.replaying import Replay, replay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from treering.memory.operations import Forest
    from treering.memory.ports import UnitOfWork, VectorIndex
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Scope
    from treering.schemas.operations import Head
    from treering.schemas.trunk import Trunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """What a check saw."""

    what: str
    """In words, none of them the person's."""
    count: int = 1
    cure: Callable[[Case], None] | None = None
    """Makes it fit again within a write transaction, from what else is stored; none: nothing here can."""
    advice: str = ""
    """What a person can do where there is no cure."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A scope within a transaction. What is expensive is read when a check asks for it, and once."""

    unit: UnitOfWork
    scope: Scope
    index: VectorIndex | None
    """The vector server, where one is configured."""
    trunk: Trunk
    now: datetime

    @cached_property
    def head(self) -> Head:
        """Where the ledger says that it stands."""
        return self.unit.ledger.head(self.scope)

    @cached_property
    def replayed(self) -> Replay:
        """The whole ledger, folded anew."""
        return replay(self.trunk, self.unit.ledger.entries(self.scope))

    @cached_property
    def forest(self) -> Forest:
        """The live claims that are stored."""
        return self.unit.ledger.trees(self.scope)

    @cached_property
    def vectors(self) -> VectorIndex:
        """Where the search rows are."""
        return self.index or self.unit.vectors

    @property
    def claims(self) -> Iterator[Claim]:
        """Every live claim."""
        return (claim for tree in self.forest.values() for claim in tree.claims.values())


class Check(Protocol):
    """One thing that has to fit."""

    name: str
    """A word or two, as `treering doctor` prints it."""

    def look(self, case: Case) -> Symptom | None:
        """What does not fit; None if all is well."""
        ...
