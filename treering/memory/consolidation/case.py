"""What the rules of consolidation look at, and what they answer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.operations import plant, without_bare
from treering.memory.tombstones import NO_TOMBSTONES, Tombstones
from treering.memory.tree import PersonaTree, precedence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from treering.memory.operations import Forest
    from treering.memory.retrieval.vector import Vector
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Turn
    from treering.schemas.listening import Held, Verdict
    from treering.schemas.operations import LedgerEntry, Operation
    from treering.schemas.trunk import Trunk

AUTHOR = "consolidation/1"
"""The author of its batches; the number goes up when the rules change."""

MAX_IN_SLOT = 64
"""Claims of a slot that are compared, the newest ones."""

MAX_IN_BRANCH = 256
"""Claims of all slots under one branch that are compared, the newest ones: at most 65,536 cosines, in 5 ms."""

LEAST_COSINE = 0.4
"""Pairs further apart are not looked at: no two statements that agree or contradict were, in 50 pairs of our own."""

_Branch = tuple[str, str]
"""A subject, and the path of a branch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What happened to a scope since it was consolidated last."""

    claims: frozenset[str] = frozenset()
    """Live or not: added, or heard once more."""
    repeated: frozenset[str] = frozenset()
    """Of these, what was heard once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two current claims of one subject in one slot, or in slots under one branch."""

    old: Claim
    new: Claim
    """Newer in the person's life."""
    cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that consolidation does, and why."""

    rule: str
    why: str
    claims: tuple[str, ...] = ()
    """The claims that were looked at; a person who takes the step back has spoken on them."""
    operations: tuple[Operation, ...] = ()
    released: tuple[str, ...] = ()
    """What waits no longer, by its id in quarantine."""
    held: tuple[Verdict, ...] = ()
    """What waits from now on."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A scope, as the rules see it. Looking things up is the caller's; the rules have no store."""

    trunk: Trunk
    forest: Forest
    touched: Touched
    now: datetime
    vectors: Mapping[str, Vector] = field(default_factory=dict)
    """Unit vectors of the claims `in_reach`, by id."""
    reach: Mapping[_Branch, tuple[Claim, ...]] | None = None
    """What is `in_reach`, where it is known already."""
    held: Sequence[Held] = ()
    """What waits in quarantine, oldest first."""
    tombstones: Tombstones = NO_TOMBSTONES
    turns_of: Callable[[Sequence[str]], Mapping[str, Turn]] = lambda _: {}
    """Turns by message id."""
    entries_of: Callable[[Sequence[str]], Sequence[LedgerEntry]] = lambda _: ()
    """Ledger entries about claims, oldest first."""

    def after(self, steps: Sequence[Step]) -> Case:
        """The case once these steps are taken."""
        operations = [operation for step in steps for operation in step.operations]
        if not operations:
            return self
        gone = {ref for step in steps for ref in step.released}
        return replace(
            self,
            forest=without_bare(plant(self.trunk, operations, self.forest)),
            reach=None,
            held=[one for one in self.held if one.id not in gone],
        )

    @cached_property
    def live(self) -> dict[str, Claim]:
        """Live claims by id."""
        return {ref: claim for tree in self.forest.values() for ref, claim in tree.claims.items()}

    def near(self, subject: str, path: str) -> tuple[Claim, ...]:
        """Current claims of a subject in a slot and in its neighbours, as far as they are compared, oldest first."""
        return self._within.get((subject, branch_of(path)), ())

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Current claims that are near enough to agree or contradict, of which one was touched at least; in order.

        Cost: for each branch that holds a touched claim, (touched) x (at most `MAX_IN_BRANCH`) products, in one go.
        """
        found: list[Pair] = []
        for key in sorted({(claim.subject, branch_of(claim.path)) for claim in self._touched_claims()}):
            found += self._pairs_of([claim for claim in self._within.get(key, ()) if claim.id in self.vectors])
        return tuple(found)

    def _pairs_of(self, pool: Sequence[Claim]) -> Iterator[Pair]:
        places = [place for place, claim in enumerate(pool) if claim.id in self.touched.claims]
        if not places:
            return
        rows = np.stack([self.vectors[claim.id] for claim in pool])
        cosines = np.einsum("ik,jk->ij", rows[places], rows)
        near = {
            (min(places[row], column), max(places[row], column)): float(cosines[row, column])
            for row, column in np.argwhere(cosines >= LEAST_COSINE)
            if places[row] != column
        }
        for (old, new), cosine in sorted(near.items()):
            yield Pair(old=pool[old], new=pool[new], cosine=round(cosine, 2))

    def _touched_claims(self) -> Iterator[Claim]:
        return (self.live[ref] for ref in self.touched.claims if ref in self.live)

    @cached_property
    def _within(self) -> Mapping[_Branch, tuple[Claim, ...]]:
        return in_reach(self.forest, self.touched, self.held) if self.reach is None else self.reach


def branch_of(path: str) -> str:
    """The branch that a slot belongs to; slots at the top have none in common but the trunk itself.

    Example:
        >>> branch_of("food.tastes"), branch_of("name")
        ('food', '')
    """
    return path.rpartition(".")[0]


def in_reach(forest: Forest, touched: Touched, held: Sequence[Held]) -> dict[_Branch, tuple[Claim, ...]]:
    """Current claims under each branch where a claim was touched or something waits, oldest first.

    At most the newest `MAX_IN_SLOT` of a slot and `MAX_IN_BRANCH` of a branch, however large the tree is.
    """
    branches = {
        (claim.subject, branch_of(claim.path))
        for tree in forest.values()
        for ref in touched.claims
        if (claim := tree.claims.get(ref)) is not None
    }
    branches |= {(one.verdict.draft.subject, branch_of(one.verdict.draft.path)) for one in held}
    reached: dict[tuple[str, str], dict[str, Claim]] = defaultdict(dict)
    for subject, tree in forest.items():  # the tree's own order by slot would be made anew for all of it
        for ref, claim in tree.claims.items():
            if (subject, branch_of(claim.path)) in branches:
                reached[subject, claim.path][ref] = claim
    found: dict[_Branch, list[Claim]] = defaultdict(list)
    for (subject, path), claims in sorted(reached.items()):
        slot = PersonaTree(trunk=forest[subject].trunk, subject=subject, claims=MappingProxyType(claims))
        found[subject, branch_of(path)] += slot.current(path)[-MAX_IN_SLOT:]
    return {key: tuple(sorted(claims, key=precedence)[-MAX_IN_BRANCH:]) for key, claims in found.items()}
