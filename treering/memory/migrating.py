"""Migrations of a whole store: the memory of one person after the other is put onto another trunk, or back."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from treering.errors import InvalidMigration, TrunkMismatch, UnknownTrunk
from treering.memory.charting import chart
from treering.memory.moving import MIGRATE, ROLLBACK, Past, hidden, move, move_back, reroute
from treering.memory.reverting import supported
from treering.memory.rewording import said
from treering.schemas.migration import KnownTrunk, MigrationReport, SlotMove, Standing
from treering.schemas.operations import Batch
from treering.schemas.trunks import load_trunk, shipped_trunks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from treering.memory.charting import Chart
    from treering.memory.moving import Move
    from treering.memory.operations import Forest
    from treering.memory.ports import Clock, Store, UnitOfWork, VectorIndex
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Scope
    from treering.schemas.migration import Migration
    from treering.schemas.operations import Head
    from treering.schemas.trunk import Trunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be done, and how."""

    migration: Migration
    trunks: Sequence[Trunk] = ()
    """Trunks that the store does not know."""
    dry_run: bool = False
    """Change nothing, and say what would be done."""
    back: bool = False
    """Lead back from the new trunk to the old one."""
    drop_new: bool = False
    """On the way back, retract claims that have no place on the old trunk."""


class Migrating:
    """Carries out migrations: one transaction a person, so that any interruption leaves each on one trunk or the other.

    Whoever stands on the new trunk is skipped: running it again goes on where it was stopped. It does not matter which
    of the two trunks is loaded. Nobody waits for running jobs: what they computed on the old trunk is refused, and done
    again.
    """

    def __init__(self, *, store: Store, index: VectorIndex | None, trunk: Trunk, clock: Clock) -> None:
        self._store = store
        self._index = index
        self._trunk = trunk
        self._clock = clock

    def run(self, order: Order, scopes: Sequence[Scope], *, progress: Callable[[int, int], None]) -> MigrationReport:
        """Migrate these people, or roll a migration back; `progress` is told how many are done, and of how many.

        Raises:
            InvalidMigration: It does not fit its trunks; or, on the way back, claims have no place on the old one.
                Nothing was changed.
            UnknownTrunk: One of its trunks is nowhere to be found.
            TrunkMismatch: A trunk of this name and version has other slots than those that hold claims.
            IndexUnavailable: The vector server does not answer; the person at hand is as before.
        """
        laid = self.chart(order)
        if order.back and not (order.drop_new or order.dry_run):
            self._check_all_have_a_home(order, laid, scopes)
        tally = _Tally(order=order)
        for done, scope in enumerate(scopes, start=1):
            self._run_one(scope, order, laid, tally)
            progress(done, len(scopes))
        return tally.report(laid)

    def chart(self, order: Order) -> Chart:
        """The migration laid against its two trunks.

        Raises:
            InvalidMigration, UnknownTrunk: As for `run`.
        """
        with self._store.begin(write=False) as unit:
            stored = unit.trunks.trunks()
        migration = order.migration
        origin = self._find(migration.origin, [*order.trunks, *stored, self._trunk])
        target = self._find(migration.target, [*order.trunks, self._trunk, *stored])
        return chart(migration, origin, target)

    def known(self) -> list[KnownTrunk]:
        """Every trunk that can be named here, with how many people's memory stands on it."""
        with self._store.begin(write=False) as unit:
            stored = unit.trunks.trunks()
            people = {standing.trunk: standing.people for standing in unit.trunks.standing()}
        shipped = [load_trunk(name) for name in shipped_trunks()]
        found = {trunk.label: trunk for trunk in [*shipped, *stored, self._trunk]}
        return [
            KnownTrunk(
                name=trunk.name,
                version=trunk.version,
                description=trunk.description,
                slots=len(trunk.slots),
                people=people.get(label, 0),
                loaded=trunk == self._trunk,
                shipped=trunk in shipped,
            )
            for label, trunk in sorted(found.items())
        ]

    def trunk(self, label: str | None = None) -> Trunk:
        """A trunk by its name and version, the latest version where only a name is given, or the one that is loaded.

        Raises:
            UnknownTrunk: There is none.
        """
        if label is None:
            return self._trunk
        with self._store.begin(write=False) as unit:
            known = [self._trunk, *unit.trunks.trunks()]
        if "/" in label:
            return self._find(label, known)
        versions = [trunk for trunk in [*known, *_shipped(label)] if trunk.name == label]
        if not versions:
            raise UnknownTrunk(label, _labels(known))
        return max(versions, key=lambda trunk: trunk.version)

    def _find(self, label: str, known: Sequence[Trunk]) -> Trunk:
        for trunk in [*known, *_shipped(label.partition("/")[0])]:
            if trunk.label == label:
                return trunk
        raise UnknownTrunk(label, _labels(known))

    def _check_all_have_a_home(self, order: Order, laid: Chart, scopes: Sequence[Scope]) -> None:
        """Look before anything is done: a rollback that stops at somebody would leave the others rolled back."""
        if all(slot.path in laid.homes for slot in laid.target.slots):
            return
        tally = _Tally(order=order)
        for scope in scopes:
            with self._store.begin(write=False) as unit:
                self._look(unit, scope, order, laid, tally)
        if tally.homeless:
            slots = ", ".join(f"{path} ({count})" for path, count in sorted(tally.homeless.items()))
            raise InvalidMigration(
                order.migration.where,
                f"claims learned since have no place on {laid.origin.label}: {slots}; nothing was changed. Roll back "
                "with --drop-new (drop_new=True) to retract them: the ledger keeps them",
            )

    def _run_one(self, scope: Scope, order: Order, laid: Chart, tally: _Tally) -> None:
        with self._store.begin(write=not order.dry_run) as unit:
            made = self._look(unit, scope, order, laid, tally)
            if made is not None and not order.dry_run:
                self._commit(unit, scope, made, order, laid)

    def _look(self, unit: UnitOfWork, scope: Scope, order: Order, laid: Chart, tally: _Tally) -> Move | None:
        """What is to be done for a person; none: nothing."""
        head = unit.ledger.head(scope)
        if head.version == 0:
            return None
        start, end = (laid.target, laid.origin) if order.back else (laid.origin, laid.target)
        label = None if head.trunk_name is None else f"{head.trunk_name}/{head.trunk_version}"
        if label == end.label:
            tally.done_before += 1
            return None
        may_stand_there = label == start.label or (label is None and not order.back)
        forest = _forest(unit, scope, start) if may_stand_there else None
        if forest is None:
            tally.untouched[label] += 1
            return None
        made = self._move(unit, scope, order, laid, forest)
        tally.add(made, forest)
        return made

    def _move(self, unit: UnitOfWork, scope: Scope, order: Order, laid: Chart, forest: Forest) -> Move:
        now = self._clock.now()
        if not order.back:
            return move(forest, laid, at=now)
        return move_back(forest, laid, _past(unit, scope, laid), at=now, still=lambda claim: _rest(unit, scope, claim))

    def _commit(self, unit: UnitOfWork, scope: Scope, made: Move, order: Order, laid: Chart) -> None:
        now = self._clock.now()
        before = unit.ledger.head(scope)
        author = ROLLBACK if order.back else MIGRATE
        batch = Batch(
            # A scope may go to and fro: the version makes each journey another batch.
            id=f"{author}:{order.migration.name}:{before.version}",
            operations=made.operations,
            recorded_at=now,
            author=author,
        )
        ledger = unit.ledger.on(laid.origin if order.back else laid.target)
        after = ledger.move(scope, batch, expected_version=before.version)
        for held in unit.quarantine.held(scope):
            verdict = reroute(held.verdict, laid, made.after, back=order.back)
            unit.quarantine.replace(scope, held.model_copy(update={"verdict": verdict}))
        unit.quarantine.drop_replies(scope)  # they name slots of the other trunk
        self._follow(unit, scope, made, before, after)

    def _follow(self, unit: UnitOfWork, scope: Scope, made: Move, before: Head, after: Head) -> None:
        """Let vectors follow, and let what nobody heard on the other trunk be heard."""
        if gone := made.gone:
            (self._index or unit.vectors).remove(scope, [f"claim:{ref}" for ref in gone])
        if made.returned or before.indexed_version != before.version:
            unit.jobs.enqueue(scope, "index", self._clock.now())
        else:  # claims that only moved keep ids and words, and so their vectors
            unit.ledger.mark_indexed(scope, version=after.version, seq=before.indexed_seq)
        if before.heard_seq < before.last_seq:
            unit.jobs.enqueue(scope, "listen", self._clock.now())


@dataclass(slots=True, kw_only=True)
class _Tally:
    """What has been done so far."""

    order: Order
    moved: int = 0
    done_before: int = 0
    returned: int = 0
    hidden: int = 0
    untouched: Counter[str | None] = field(default_factory=Counter)
    homeless: Counter[str] = field(default_factory=Counter)
    claims: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    people: Counter[tuple[str, str | None]] = field(default_factory=Counter)

    def add(self, made: Move, before: Forest) -> None:
        self.moved += 1
        self.returned += made.returned
        self.hidden += hidden(before, made.after)
        self.homeless.update(made.homeless)
        self.claims.update(made.counts)
        self.people.update(made.counts.keys())

    def report(self, laid: Chart) -> MigrationReport:
        start, end = (laid.target, laid.origin) if self.order.back else (laid.origin, laid.target)
        places = {slot.path: place for place, slot in enumerate(start.slots)}
        ends = {slot.path: place for place, slot in enumerate(end.slots)}
        moves = sorted(self.claims, key=lambda pair: (places[pair[0]], ends.get(pair[1] or "", len(ends))))
        return MigrationReport(
            origin=start.label,
            target=end.label,
            dry_run=self.order.dry_run,
            moved=self.moved,
            done_before=self.done_before,
            untouched=tuple(
                Standing(trunk=label, people=people)
                for label, people in sorted(self.untouched.items(), key=lambda item: item[0] or "")
            ),
            moves=tuple(
                SlotMove(path=pair[0], to=pair[1], claims=self.claims[pair], people=self.people[pair]) for pair in moves
            ),
            returned=self.returned,
            hidden=self.hidden,
        )


def _shipped(name: str) -> list[Trunk]:
    return [load_trunk(name)] if name in shipped_trunks() else []


def _labels(trunks: Sequence[Trunk]) -> tuple[str, ...]:
    shipped = [load_trunk(name) for name in shipped_trunks()]
    return tuple({trunk.label for trunk in [*trunks, *shipped]})


def _forest(unit: UnitOfWork, scope: Scope, trunk: Trunk) -> Forest | None:
    """The trees of a scope on its trunk; none where it never said on which it stands, and claims have no slot here."""
    ledger = unit.ledger.on(trunk)
    if unit.ledger.head(scope).trunk_name is not None:
        return ledger.trees(scope)
    with suppress(TrunkMismatch):
        return ledger.trees(scope)
    return None


def _past(unit: UnitOfWork, scope: Scope, laid: Chart) -> Past | None:
    """What the migration did when it last took this scope; none where it had nothing to do."""
    batches = {f"{author}:{laid.migration.name}:": author for author in (MIGRATE, ROLLBACK)}
    ours = [
        (commit.version, author)
        for commit in unit.ledger.commits(scope)
        for prefix, author in batches.items()
        if commit.author == author and commit.batch_id.startswith(prefix)
    ]
    if not ours or ours[-1][1] == ROLLBACK:
        return None
    version = ours[-1][0]
    return Past(
        before=unit.ledger.on(laid.origin).trees(scope, version=version - 1),
        after=unit.ledger.on(laid.target).trees(scope, version=version),
    )


def _rest(unit: UnitOfWork, scope: Scope, claim: Claim) -> Claim | None:
    """What is left of a claim that was dropped: words that it rests on may have been taken back or forgotten since."""
    return supported(claim, said(unit, scope, [piece.message_id for piece in claim.evidence]))
