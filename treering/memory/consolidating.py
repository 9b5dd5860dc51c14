"""The consolidate job: claims of many sessions are compared, and what follows is committed as one batch."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.errors import FenceLost, VersionConflict
from treering.memory.consolidation.case import AUTHOR, Case, Touched, in_reach
from treering.memory.consolidation.planning import RULES, SUPPORT, SUPPORT_RULES, plan
from treering.memory.consolidation.waiting import waiting
from treering.memory.operations import claim_of
from treering.schemas.consolidation import Consolidation, ConsolidationStep
from treering.schemas.operations import Batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from treering.memory.consolidation.case import Step
    from treering.memory.consolidation.planning import Rule
    from treering.memory.operations import Forest
    from treering.memory.ports import Clock, Embedder, Store, UnitOfWork, Vector, VectorIndex
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Scope
    from treering.schemas.jobs import Job
    from treering.schemas.listening import Held
    from treering.schemas.operations import LedgerEntry
    from treering.schemas.trunk import Trunk

__all__ = ["AUTHOR", "Consolidating"]

MAX_ROUNDS = 8
"""Batches of one run. Each round is shown what the one before left; two are the rule, the second to find nothing."""

MAX_WAITING = 256
"""Conclusions in quarantine that are compared, the newest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A scope, as it was read."""

    version: int
    fence: int
    forest: Forest
    touched: Touched
    reach: Mapping[tuple[str, str], tuple[Claim, ...]]
    held: Sequence[Held]
    """The conclusions that wait."""
    vectors: Mapping[str, Vector]
    missing: Mapping[str, str]
    """Texts that have no vector yet, by id of the claim."""


class Consolidating:
    """Consolidates one scope at a time, under the lease of a job.

    Only slots where something was committed since the last run are looked at, beside their neighbours under the same
    branch; how many claims the tree holds elsewhere is no matter. A batch is committed if the scope is still as it was
    seen, in one transaction with what goes into quarantine or out of it: a crash leaves the old state or the new one,
    and a second run finds nothing to do.
    """

    def __init__(
        self, *, store: Store, index: VectorIndex | None, embedder: Embedder, trunk: Trunk, clock: Clock
    ) -> None:
        self._store = store
        self._index = index
        self._embedder = embedder
        self._trunk = trunk
        self._clock = clock

    def consolidate(self, job: Job) -> None:
        """Compare what is new, and commit what follows, until nothing does.

        Raises:
            FenceLost: Another worker took over.
            IndexUnavailable: The vector server does not answer.
        """
        rounds = 0
        rules = SUPPORT_RULES if job.payload.get("only") == SUPPORT else RULES
        while (seen := self._look(job.scope)) is not None:
            steps = self._plan(job.scope, seen, rules) if rounds < MAX_ROUNDS else []
            if steps is not None and self._settle(job, seen, steps, is_whole=rules is RULES):
                if not steps:
                    return
                rounds += 1

    def preview(self, scope: Scope) -> Consolidation:
        """What the next run would do first; nothing is changed.

        Raises:
            IndexUnavailable: The vector server does not answer.
        """
        while True:
            seen = self._look(scope)
            steps = [] if seen is None else self._plan(scope, seen, RULES)
            if steps is not None:
                with self._store.begin(write=False) as unit:
                    version = unit.ledger.head(scope).version if seen is None else seen.version
                told = [
                    ConsolidationStep(rule=step.rule, why=step.why, operations=step.operations, held=step.held)
                    for step in steps
                ]
                return Consolidation(dry_run=True, version_before=version, version_after=version, steps=tuple(told))

    def done_since(self, scope: Scope, version: int) -> Consolidation:
        """What runs after a version did, as the ledger tells it."""
        with self._store.begin(write=False) as unit:
            after = unit.ledger.head(scope).version
            entries = [one for one in unit.ledger.entries(scope, after_version=version) if one.author == AUTHOR]
        steps: dict[tuple[int, str], list[LedgerEntry]] = {}
        for entry in entries:
            steps.setdefault((entry.version, entry.operation.why or ""), []).append(entry)
        told = [
            ConsolidationStep(rule=why.partition(":")[0], why=why, operations=tuple(entry.operation for entry in some))
            for (_, why), some in steps.items()
        ]
        return Consolidation(dry_run=False, version_before=version, version_after=after, steps=tuple(told))

    def _look(self, scope: Scope) -> _Seen | None:
        """What there is to compare; None if there is nothing new, which costs one row and the quarantine."""
        with self._store.begin(write=False) as unit:
            head = unit.ledger.head(scope)
            if not head.seq and not head.last_seq:
                return None
            held = [one for one, _ in waiting(unit.quarantine.held(scope))][-MAX_WAITING:]
            if head.version == head.consolidated_version and len(held) == 0:
                return None
            forest = unit.ledger.trees(scope)
            touched = _touched(unit.ledger.entries(scope, after_version=head.consolidated_version))
            reach = in_reach(forest, touched, held)
            texts = {claim.id: claim.text for claims in reach.values() for claim in claims}
            claims = {f"claim:{ref}": ref for ref in texts}
            found = (self._index or unit.vectors).dense(scope, list(claims))
        vectors = {claims[name]: vector for name, vector in found.items()}
        return _Seen(
            version=head.version,
            fence=head.fence,
            forest=forest,
            touched=touched,
            reach=reach,
            held=held,
            vectors=vectors,
            missing={ref: text for ref, text in texts.items() if ref not in vectors},
        )

    def _plan(self, scope: Scope, seen: _Seen, rules: Sequence[Rule]) -> list[Step] | None:
        """The steps; None if the scope has changed since it was seen."""
        vectors = dict(seen.vectors)
        if seen.missing:
            embedded = self._embedder.embed(list(seen.missing.values()))
            vectors |= dict(zip(seen.missing, embedded, strict=True))
        with self._store.begin(write=False) as unit:
            if unit.ledger.head(scope).version != seen.version:
                return None
            case = Case(
                trunk=self._trunk,
                forest=seen.forest,
                touched=seen.touched,
                reach=seen.reach,
                now=self._clock.now(),
                vectors=vectors,
                held=seen.held,
                tombstones=unit.tombstones.of_claims(scope),
                turns_of=lambda ids: unit.turns.get(scope, list(dict.fromkeys(ids))),
                entries_of=lambda ids: unit.ledger.entries_about(scope, list(dict.fromkeys(ids))),
            )
            return plan(case, rules)

    def _settle(self, job: Job, seen: _Seen, steps: Sequence[Step], *, is_whole: bool) -> bool:
        """Commit the steps, or note that there are none; False if the scope has changed since it was seen."""
        now = self._clock.now()
        operations = tuple(operation for step in steps for operation in step.operations)
        batch = Batch(id=f"consolidate:{seen.version}", operations=operations, recorded_at=now, author=AUTHOR)
        try:
            with self._store.begin() as unit:
                _check_fence(unit, job)
                if unit.ledger.head(job.scope).version != seen.version or not _all_wait(unit, job.scope, steps):
                    return False
                if operations:
                    unit.ledger.commit(job.scope, batch, expected_version=seen.version, fence=job.fence)
                for ref in (ref for step in steps for ref in step.released):
                    unit.quarantine.resolve(job.scope, ref)
                held = [verdict for step in steps for verdict in step.held]
                if held:
                    unit.quarantine.hold(job.scope, batch.id, held, now)
                if not steps and is_whole:
                    unit.ledger.mark_consolidated(job.scope, version=seen.version)
                if steps:
                    unit.jobs.enqueue(job.scope, "index", now)
        except VersionConflict:
            return False
        return True


def _check_fence(unit: UnitOfWork, job: Job) -> None:
    current = unit.ledger.head(job.scope).fence
    if current != job.fence:
        raise FenceLost(job.fence, current)


def _all_wait(unit: UnitOfWork, scope: Scope, steps: Iterable[Step]) -> bool:
    """Whether what is to be taken out of quarantine is still there: a person may have decided on it meanwhile."""
    released = {ref for step in steps for ref in step.released}
    return not released or released <= {one.id for one in unit.quarantine.held(scope)}


def _touched(entries: Iterable[LedgerEntry]) -> Touched:
    found: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        ref = claim_of(entry.operation)
        if ref is not None:
            found[entry.operation.kind].add(ref)
    return Touched(claims=frozenset().union(*found.values()), repeated=frozenset(found["NO_OP"]))
