"""Undo, redo, rewind and diff: what is taken back is a new commit, and history is never rewritten."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from treering.errors import (
    InvalidInput,
    NotASlot,
    NothingToUndo,
    NotInvertible,
    TrunkChanged,
    UndoConflict,
    UnknownSlot,
    UnknownVersion,
    VersionConflict,
)
from treering.memory import rejections, rewording
from treering.memory.moving import MIGRATE, ROLLBACK
from treering.memory.operations import claim_of, replay
from treering.memory.reverting import Action, change_between, differ, redoable, revert, standing, supported, transition
from treering.schemas.operations import Add, Batch, Commit, Delete, Operation
from treering.schemas.timeline import Change, Reversal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from treering.memory.operations import Forest
    from treering.memory.ports import Clock, Store, UnitOfWork
    from treering.schemas.dialogue import Scope
    from treering.schemas.trunk import Trunk

PAGE_COMMITS = 64
"""Commits that are read at once, newest first: most undos need the last few of a ledger of thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One version, and the claims it touched before and after it."""

    version: int
    before: Forest
    after: Forest
    forgot: str | None
    """A claim that it erased; such a version cannot be taken back."""

    @property
    def is_idle(self) -> bool:
        """Whether it changed nothing: it only heard once more what was known."""
        return self.forgot is None and not differ(self.before, self.after)


class Undoing:
    """Takes committed changes back, and brings them back again.

    Each call is one transaction, which reads the head that it commits on: nobody gets in between, and it happens as a
    whole or not at all. What was listened to stays listened to: nothing is heard a second time.
    """

    def __init__(self, *, store: Store, trunk: Trunk, clock: Clock) -> None:
        self._store = store
        self._trunk = trunk
        self._clock = clock

    def undo(
        self, scope: Scope, n: int = 1, *, version: int | None = None, expected_version: int | None = None
    ) -> Reversal:
        """Take back the last `n` changes that stand, or the one that made a version.

        Commits that changed nothing do not count. With an expected version, it is done on that one or not at all.

        Raises:
            VersionConflict: Somebody else committed since the expected version; nothing was changed.
            NothingToUndo: There are fewer, or the version was taken back already; nothing was changed.
            UnknownVersion: The ledger has no such version.
            InvalidInput: The version is an undo or redo itself.
            UndoConflict: A later change rests on what the version did.
            NotInvertible: It forgot something, or needs what was forgotten since.
            TrunkChanged: It changed the trunk, or is on the other side of such a change.
        """
        with self._store.begin() as unit:
            _check_head(unit, scope, expected_version)
            steps = self._last(unit, scope, n) if version is None else [self._one(unit, scope, version)]
            return self._take_back(unit, scope, "undo", steps)

    def redo(self, scope: Scope, n: int = 1, *, expected_version: int | None = None) -> Reversal:
        """Bring back what the last `n` undos took, as long as nothing else was changed since.

        Raises:
            NothingToUndo: There are fewer undos, or something was changed since; nothing was changed.
            VersionConflict: Somebody else committed since the expected version; nothing was changed.
        """
        with self._store.begin() as unit:
            _check_head(unit, scope, expected_version)
            undos = redoable(one for one in _newest_first(unit, scope) if not self._is_idle(unit, scope, one))
            steps = [self._step(unit, scope, one.version) for one in islice(undos, n)]
            if len(steps) < n:
                raise NothingToUndo(n, len(steps), action="redo")
            return self._take_back(unit, scope, "redo", steps)

    def rewind(self, scope: Scope, version: int, *, expected_version: int | None = None) -> Reversal:
        """Make everything as it was at a version, by one commit, which can be undone.

        A message that was taken back by no version stays so, and what rested on it alone stays away.

        Raises:
            UnknownVersion: The ledger has no such version.
            NotInvertible: Something that was known then was forgotten since.
            TrunkChanged: The version has slots that the present trunk has not.
            VersionConflict: Somebody else committed since the expected version; nothing was changed.
        """
        now = self._clock.now()
        with self._store.begin() as unit:
            _check_head(unit, scope, expected_version)
            head, present = unit.ledger.head(scope), unit.ledger.trees(scope)
            wanted = _supported(unit, scope, unit.ledger.trees(scope, version=version), version)
            operations = transition(present, wanted, at=now)
            messages: list[str] = []
            after = head.version
            if operations:
                batch = _batch("rewind", version, after + 1, operations, now)
                with _on_the_trunk_of(unit, scope, version):
                    after = unit.ledger.commit(scope, batch, expected_version=after).version
                rejections.follow(unit, scope, present, operations, version=version, now=now)
                messages = rewording.rewind(unit, scope, to=version, by=after, now=now)
                unit.jobs.enqueue(scope, "index", now)
            return Reversal(
                action="rewind",
                target=version,
                messages=tuple(messages),
                change=change_between(head.version, present, after, unit.ledger.trees(scope)),
            )

    def diff(self, scope: Scope, v1: int, v2: int | None = None) -> Change:
        """What became current and what ceased to be between two versions, by default until now.

        Raises:
            UnknownVersion: The ledger has no such version.
        """
        with self._store.begin(write=False) as unit:
            to = unit.ledger.head(scope).version if v2 is None else v2
            return change_between(v1, unit.ledger.trees(scope, version=v1), to, unit.ledger.trees(scope, version=to))

    def _take_back(self, unit: UnitOfWork, scope: Scope, action: Action, steps: Sequence[_Step]) -> Reversal:
        now = self._clock.now()
        before, first = unit.ledger.head(scope).version, unit.ledger.trees(scope)
        messages: dict[str, None] = {}
        after, present = before, first
        for step in steps:
            if step.forgot is not None:
                raise NotInvertible(step.forgot)
            _check_no_move(unit, scope, step.version)
            with _on_the_trunk_of(unit, scope, step.version):
                operations = revert(step.before, step.after, present, version=step.version, at=now)
                batch = _batch(action, step.version, after + 1, operations, now)
                after = unit.ledger.commit(scope, batch, expected_version=after).version
            rejections.follow(unit, scope, present, operations, version=step.version - 1, now=now)
            swapped = rewording.swap(unit, scope, version=step.version, by=after, now=now)
            messages |= dict.fromkeys(swapped)
            _check_supported(unit, scope, operations, swapped, step.version)
            present = unit.ledger.trees(scope)
        unit.jobs.enqueue(scope, "index", now)
        return Reversal(
            action=action,
            reverted=tuple(step.version for step in steps),
            messages=tuple(messages),
            change=change_between(before, first, after, present),
        )

    def _last(self, unit: UnitOfWork, scope: Scope, n: int) -> list[_Step]:
        """The last `n` changes that stand, newest first."""
        left = standing(_newest_first(unit, scope))
        if n > unit.ledger.head(scope).version:  # seen without looking at each change
            raise NothingToUndo(n, sum(1 for _ in left))
        steps = (self._step(unit, scope, commit.version) for commit in left)
        found = list(islice((step for step in steps if not step.is_idle), n))
        if len(found) < n:
            raise NothingToUndo(n, len(found))
        return found

    def _one(self, unit: UnitOfWork, scope: Scope, version: int) -> _Step:
        """The change that made a version."""
        latest = unit.ledger.head(scope).version
        if not 1 <= version <= latest:
            raise UnknownVersion(version, latest)
        [asked] = unit.ledger.commits(scope, after_version=version - 1, through_version=version)
        if asked.reverts is not None:
            raise InvalidInput(f"version {version}", f"is an {asked.author} itself; undo or redo what it took back")
        left = (one.version for one in standing(_newest_first(unit, scope)) if one.version <= version)
        step = self._step(unit, scope, version)
        if next(left, None) != version or step.is_idle:
            raise NothingToUndo(1, 0, version=version)
        return step

    def _step(self, unit: UnitOfWork, scope: Scope, version: int) -> _Step:
        """What a version did, from the entries on the claims that it touched; other claims do not matter."""
        entries = unit.ledger.entries(scope, after_version=version - 1, through_version=version)
        done = [entry.operation for entry in entries]
        erased = (one.target for one in done if isinstance(one, Delete) and one.reason == "forgotten")
        touched = {ref for operation in done if (ref := claim_of(operation)) is not None}
        about = unit.ledger.entries_about(scope, sorted(touched))
        before = replay(self._trunk, (entry.operation for entry in about if entry.version < version))
        after = replay(self._trunk, done, before)
        return _Step(version=version, before=before, after=after, forgot=next(erased, None))

    def _is_idle(self, unit: UnitOfWork, scope: Scope, commit: Commit) -> bool:
        return commit.reverts is None and self._step(unit, scope, commit.version).is_idle


def _check_head(unit: UnitOfWork, scope: Scope, expected: int | None) -> None:
    """Refuse another version than somebody saw; a commit between this look and ours is refused by the ledger."""
    actual = unit.ledger.head(scope).version
    if expected is not None and actual != expected:
        raise VersionConflict(expected, actual)


@contextmanager
def _on_the_trunk_of(unit: UnitOfWork, scope: Scope, version: int) -> Iterator[None]:
    """Say of what does not fit any more, because the trunk was changed since, that this is why."""
    try:
        yield
    except (UndoConflict, UnknownSlot, NotASlot) as error:
        made = unit.ledger.commits(scope, after_version=version - 1, through_version=version) if version else []
        _check_trunk(unit, scope, version, made, error)
        raise


def _check_no_move(unit: UnitOfWork, scope: Scope, version: int) -> None:
    """What changed the trunk is not taken back here, even where all paths are slots of both."""
    *before, made = unit.ledger.commits(scope, after_version=max(0, version - 2), through_version=version)
    if made.author in (MIGRATE, ROLLBACK):
        _check_trunk(unit, scope, version, before)


def _check_trunk(
    unit: UnitOfWork, scope: Scope, version: int, made: Sequence[Commit], because: Exception | None = None
) -> None:
    head = unit.ledger.head(scope)
    now = (head.trunk_name, head.trunk_version)
    for commit in made:
        then = (commit.trunk_name, commit.trunk_version)
        if then != now and commit.trunk_name is not None:
            raise TrunkChanged(version, "{}/{}".format(*then), "{}/{}".format(*now)) from because


def _supported(unit: UnitOfWork, scope: Scope, forest: Forest, version: int) -> Forest:
    """A forest of the past without what rests on words that the messages, as they were then, do not say."""
    named = {piece.message_id for tree in forest.values() for one in tree.claims.values() for piece in one.evidence}
    said = rewording.said(unit, scope, sorted(named), version=version)
    return {
        subject: replace(
            tree,
            claims={ref: rest for ref, claim in tree.claims.items() if (rest := supported(claim, said)) is not None},
        )
        for subject, tree in forest.items()
    }


def _check_supported(
    unit: UnitOfWork, scope: Scope, operations: Sequence[Operation], swapped: Collection[str], version: int
) -> None:
    """Refuse to bring back a claim whose message was changed since, or a text whose successor a later claim quotes."""
    come = [one.claim for one in operations if isinstance(one, Add)]
    if swapped:
        live = (claim for tree in unit.ledger.trees(scope).values() for claim in tree.claims.values())
        come += [claim for claim in live if any(piece.message_id in swapped for piece in claim.evidence)]
    said = rewording.said(unit, scope, sorted({piece.message_id for claim in come for piece in claim.evidence}))
    for claim in come:
        if supported(claim, said) != claim:
            raise UndoConflict(version, claim.evidence[0].message_id, what="message")


def _newest_first(unit: UnitOfWork, scope: Scope) -> Iterator[Commit]:
    """The commits of a scope, a page at a time."""
    through = unit.ledger.head(scope).version
    while through > 0:
        after = max(0, through - PAGE_COMMITS)
        yield from reversed(unit.ledger.commits(scope, after_version=after, through_version=through))
        through = after


def _batch(action: Action, version: int, number: int, operations: tuple[Operation, ...], now: datetime) -> Batch:
    """Its id ends in the version that it makes, so that the same can be done again later."""
    return Batch(
        id=f"{action}:{version}:{number}",
        operations=operations,
        recorded_at=now,
        author=action,
        reverts=None if action == "rewind" else version,
    )
