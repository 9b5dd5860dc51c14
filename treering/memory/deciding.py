"""What waits in quarantine is carried out, or dropped: a person decides."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from treering.errors import ForgottenBefore, InvalidInput, OperationError, ReleaseRefused, UnknownProposal
from treering.memory.admission import admit
from treering.memory.backlog import owner_of, turns_before
from treering.memory.forgetting import Wish
from treering.memory.judgement import vouched
from treering.memory.operations import plant
from treering.schemas.feedback import Released
from treering.schemas.listening import Proposal, Window
from treering.schemas.operations import Add, Batch, Delete, NoOp, Update
from treering.schemas.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from treering.memory.admission import FindPersonalData
    from treering.memory.forgetting import Forgetting
    from treering.memory.operations import Forest
    from treering.memory.ports import Clock, Store, UnitOfWork
    from treering.memory.tombstones import Tombstones
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Scope
    from treering.schemas.listening import Held, Verdict
    from treering.schemas.operations import Operation
    from treering.schemas.trunk import Trunk

RELEASE = "release"
"""The author of what was released."""

MIN_ID_CHARS = 6
"""Of a shortened id, in hex digits: of some hundred things that wait, two begin alike once in thousands of people."""

BOUNDS = frozenset({"too-many", "too-many-today", "mass-change"})
"""Rules that count: how many there are, a person has seen who releases any of them."""

_WINDOW = re.compile(r"(\d{1,18})-(\d{1,18})(?:\.(\d{1,9}))?")
_ID_CHARS = 24  # of a batch that releases several: 96 bits, as for claims


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which of what waits is meant: one by its id, or all of a rule, of a window, or of both."""

    held_id: str | None = None
    rule: str | None = None
    window: str | None = None

    def of(self, waiting: Iterable[Held]) -> list[Held]:
        """What is meant, oldest first.

        Raises:
            UnknownProposal: Nothing with the id waits.
            InvalidInput: Nothing of the kind waits, or a shortened id fits several.
        """
        found = [held for held in waiting if self._means(held)]
        if not found and self.held_id is not None:
            raise UnknownProposal(self.held_id)
        if not found:
            raise InvalidInput("quarantine", f"nothing {self} waits; `treering quarantine list USER` shows what does")
        if self.held_id is not None and len(found) > 1:
            raise InvalidInput("quarantine", f"{len(found)} ids begin with {self.held_id!r}; give more of it")
        return found

    def _means(self, held: Held) -> bool:
        return self._names(held) and self.rule in (None, held.verdict.rule) and self.window in (None, held.window_id)

    def _names(self, held: Held) -> bool:
        given = self.held_id
        return given is None or given == held.id or (len(given) >= MIN_ID_CHARS and held.id.startswith(given))

    def __str__(self) -> str:
        given = {"with id": self.held_id, "held by rule": self.rule, "of window": self.window}
        return " ".join(f"{name} {value!r}" for name, value in given.items() if value is not None)


class Deciding:
    """Decides in one transaction, so that of two people who decide at once only one does, and nothing is half done."""

    def __init__(
        self,
        *,
        store: Store,
        trunk: Trunk,
        clock: Clock,
        forgetting: Forgetting,
        policy: Policy | None = None,
        find_personal_data: FindPersonalData | None = None,
    ) -> None:
        self._store = store
        self._trunk = trunk
        self._clock = clock
        self._forgetting = forgetting
        self._policy = policy or Policy()
        self._find_personal_data = find_personal_data

    def release(self, scope: Scope, chosen: Chosen) -> Released:
        """Carry out what waits: all that was chosen, or nothing.

        A request to forget erases. Any other proposal goes through admission again, on the tree as it stands now,
        with the rule that held it left out; one that was released before is not released again.

        Raises:
            InvalidInput: Nothing of the kind waits.
            ForgottenBefore: It says what was forgotten or rejected; it still waits.
            ReleaseRefused: Its words do not stand in their message any more, it does not fit the tree, or another rule
                refuses it; it still waits.
        """
        now = self._clock.now()
        with self._store.begin() as unit:
            before = unit.ledger.head(scope).version
            if chosen.held_id is not None and unit.ledger.knows(scope, f"{RELEASE}:{chosen.held_id}"):
                return Released(version_before=before, version_after=before, at=now)
            held = chosen.of(unit.quarantine.held(scope))
            wishes = [one for one in held if _is_wish(one.verdict.operation)]
            operations = self._admit(unit, scope, [one for one in held if one not in wishes], now)
            if operations:
                batch = Batch(id=_batch_id(held), operations=operations, recorded_at=now, author=RELEASE)
                unit.ledger.commit(scope, batch, expected_version=before)
                unit.jobs.enqueue(scope, "index", now)
            receipt = self._forgetting.forget_within(unit, scope, _wish(wishes)) if wishes else None
            for one in held:
                unit.quarantine.resolve(scope, one.id)
            after = unit.ledger.head(scope).version
        if receipt is not None:
            self._forgetting.clear_caches()
        return Released(
            held=tuple(held),
            operations=operations,
            receipt=receipt,
            version_before=before,
            version_after=after,
            at=now,
        )

    def drop(self, scope: Scope, chosen: Chosen) -> list[Held]:
        """Take what was chosen out of quarantine without carrying it out; the ids stay, so that it is not asked again.

        Raises:
            InvalidInput: Nothing of the kind waits.
        """
        with self._store.begin() as unit:
            held = chosen.of(unit.quarantine.held(scope))
            for one in held:
                unit.quarantine.resolve(scope, one.id)
        return held

    def _admit(self, unit: UnitOfWork, scope: Scope, held: Sequence[Held], now: datetime) -> tuple[Operation, ...]:
        forest: Forest = unit.ledger.trees(scope)
        tombstones = unit.tombstones.of_claims(scope)
        done: list[Operation] = []
        for window_id, group in groupby(held, key=lambda one: one.window_id):
            of_window = list(group)
            window = _window(unit, scope, window_id, of_window)
            if window is None:
                found = [self._as_it_was(one, forest, tombstones, now) for one in of_window]
            else:
                found = self._once_more(of_window, window, forest, tombstones, now, alone=len(held) == 1)
            forest = plant(self._trunk, found, forest)
            done += found
        return tuple(done)

    def _once_more(
        self,
        held: Sequence[Held],
        window: Window,
        forest: Forest,
        tombstones: Tombstones,
        now: datetime,
        *,
        alone: bool,
    ) -> list[Operation]:
        """What admission makes of the drafts now; who releases one alone has answered all that would hold it."""
        proposal = Proposal(drafts=tuple(one.verdict.draft for one in held))
        waived = BOUNDS | {one.verdict.rule for one in held}
        while True:
            admitted = admit(
                proposal,
                trunk=self._trunk,
                forest=forest,
                window=window,
                now=now,
                tombstones=tombstones,
                waived=waived,
                policy=self._policy,
                find_personal_data=self._find_personal_data,
            )
            stopped = [(one, ruled) for one, ruled in zip(held, admitted.verdicts, strict=True) if not _passes(ruled)]
            if not stopped:
                return [_explained(one, ruled) for one, ruled in zip(held, admitted.verdicts, strict=True)]
            one, ruled = stopped[0]
            if ruled.ruling != "quarantine" or not alone or ruled.rule in waived:
                raise _refusal(one, ruled)
            waived |= {ruled.rule}

    def _as_it_was(self, held: Held, forest: Forest, tombstones: Tombstones, now: datetime) -> Operation:
        """An operation that cites no message, as an import holds them, on top of what its slot holds now."""
        operation = held.verdict.operation
        if not isinstance(operation, Add | Update):
            raise ReleaseRefused(held.id, "no-evidence", "it cites no message and brings no claim")
        if tombstones.cover(operation.claim):
            raise ForgottenBefore(operation.claim.id)
        claim = _on_top(operation.claim, forest, self._trunk).model_copy(update={"recorded_at": now})
        placed = Update(claim=claim) if claim.supersedes else Add(claim=claim)
        try:
            plant(self._trunk, (placed,), forest)
        except OperationError as error:
            raise ReleaseRefused(held.id, "does-not-fit", str(error)) from error
        return placed.model_copy(update={"why": _why(held)})


def _is_wish(operation: Operation | None) -> bool:
    return isinstance(operation, Delete) and operation.reason == "forgotten"


def _wish(held: Sequence[Held]) -> Wish:
    deletes = [one.verdict.operation for one in held if isinstance(one.verdict.operation, Delete)]
    return Wish(
        claims=frozenset(one.target for one in deletes),
        requests=frozenset(piece.message_id for one in deletes for piece in one.evidence),
    )


def _batch_id(held: Sequence[Held]) -> str:
    if len(held) == 1:
        return f"{RELEASE}:{held[0].id}"
    return f"{RELEASE}:{hashlib.sha256(' '.join(one.id for one in held).encode()).hexdigest()[:_ID_CHARS]}"


def _window(unit: UnitOfWork, scope: Scope, window_id: str, held: Sequence[Held]) -> Window | None:
    """The turns that the proposals were drawn from, as they are now; None where they cite none."""
    cited = [one.verdict.draft.message_id for one in held if one.verdict.draft.message_id is not None]
    if not cited:
        return None
    bounds = _WINDOW.fullmatch(window_id)
    if bounds is None:
        found = list(unit.turns.get(scope, cited).values())
        first, revision = min((turn.seq for turn in found), default=1), 0
    else:
        first, last, revision = int(bounds[1]), int(bounds[2]), int(bounds[3] or 0)
        found = unit.turns.turns(scope, after=first - 1, through=last)
    if not found:
        raise ReleaseRefused(held[0].id, "unknown-message", "the message it rests on is not there any more")
    session = found[0].session
    return Window(
        session=session,
        turns=tuple(found),
        context=turns_before(unit, scope, first, session),
        revision=revision,
        owner=owner_of(unit, scope, found),
    )


def _passes(verdict: Verdict) -> bool:
    return verdict.ruling == "commit" and verdict.operation is not None


def _refusal(held: Held, verdict: Verdict) -> InvalidInput:
    if verdict.rule == "forgotten-before" and isinstance(verdict.operation, Add | Update):
        return ForgottenBefore(verdict.operation.claim.id)
    return ReleaseRefused(held.id, verdict.rule, verdict.why)


def _explained(held: Held, verdict: Verdict) -> Operation:
    operation = verdict.operation
    if operation is None:
        raise ReleaseRefused(held.id, verdict.rule, verdict.why)
    if isinstance(operation, NoOp):
        return operation
    changes: dict[str, object] = {"why": _why(held)}
    if isinstance(operation, Add | Update) and operation.claim.origin == "inferred":
        changes["claim"] = vouched(operation.claim)  # it has a person's word now, and needs no second support
    return operation.model_copy(update=changes)


def _why(held: Held) -> str:
    return f"released; it was held by the rule {held.verdict.rule}"


def _on_top(claim: Claim, forest: Forest, trunk: Trunk) -> Claim:
    """The claim, replacing what of its slot it was to replace and lives, and in a one-valued slot what is current."""
    tree, slot = forest.get(claim.subject), trunk.by_path.get(claim.path)
    if tree is None:
        return claim.model_copy(update={"supersedes": ()})
    kept = [ref for ref in claim.supersedes if ref in tree.claims and tree.claims[ref].path == claim.path]
    if slot is not None and slot.cardinality == "one" and claim.valid_to is None:
        kept += [one.id for one in tree.current(claim.path)]
    return claim.model_copy(update={"supersedes": tuple(dict.fromkeys(ref for ref in kept if ref != claim.id))})
