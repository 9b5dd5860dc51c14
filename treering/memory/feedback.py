"""Feedback on claims, by the person or the application: it weighs above anything that was inferred."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from treering.errors import ForgottenBefore, InvalidInput, KeyReused, UnknownClaim, UnknownPath
from treering.memory import judgement, rejections
from treering.memory.admission.secrets import secret_in
from treering.memory.calls import Call, answered
from treering.memory.judgement import FEEDBACK, Judgement, Statement
from treering.schemas.feedback import Feedback
from treering.schemas.operations import Batch
from treering.schemas.policy import Policy
from treering.telemetry.happenings import Happenings, Replayed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from treering.memory.operations import Forest
    from treering.memory.ports import Clock, Store, UnitOfWork
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Scope
    from treering.schemas.feedback import FeedbackKind
    from treering.schemas.trunk import Trunk

    _Judge = Callable[[UnitOfWork, Forest, datetime], Judgement]


KEPT = timedelta(days=1)
"""For how long a call that comes again is known by its name."""


class Judging:
    """Confirms, corrects, rejects and adds claims.

    Each call is one transaction, which reads the head that it commits on. A worker that is listening meanwhile finds
    another version, and admits what it heard on the new tree. Saying the same twice is one version. A call that has
    a name (`once`) is known by it for a day, also when something else was said in between: the id of the batch that
    it made tells it, so that its answer is read from the ledger and stands nowhere else.
    """

    def __init__(
        self,
        *,
        store: Store,
        trunk: Trunk,
        clock: Clock,
        policy: Policy | None = None,
        happenings: Happenings | None = None,
    ) -> None:
        self._store = store
        self._trunk = trunk
        self._clock = clock
        self._policy = policy or Policy()
        self._happenings = happenings or Happenings()

    def confirm(self, scope: Scope, ref: str, *, why: str | None = None, once: str | None = None) -> Feedback:
        """Vouch for a claim.

        Raises:
            KeyReused: Another call had this name.
            UnknownClaim: No live claim has this id.
            InvalidInput: The id is too short, or begins several; or it is that of a proposal that waits.
        """

        def judge(unit: UnitOfWork, forest: Forest, now: datetime) -> Judgement:
            try:
                claim = judgement.find_claim(forest, ref)
            except UnknownClaim:
                if any(held.id == ref for held in unit.quarantine.held(scope)):
                    raise InvalidInput("claim", f"{ref} waits in quarantine; to carry it out, `release` it") from None
                raise
            return judgement.confirm(claim, now=now, why=why)

        return self._judge(scope, "confirm", judge, _call(once, "confirm", ref, why))

    def correct(
        self, scope: Scope, ref: str, text: str, *, why: str | None = None, once: str | None = None
    ) -> Feedback:
        """Put other words in a claim's place, as if it had said so from the start.

        Raises:
            KeyReused: Another call had this name.
            UnknownClaim: No live claim has this id.
            InvalidInput: The id is too short, or begins several; or the text is no statement, or may not be kept.
            ForgottenBefore: The text was forgotten on request, or rejected.
        """
        words = judgement.as_statement(text)

        def judge(unit: UnitOfWork, forest: Forest, now: datetime) -> Judgement:
            try:
                claim = judgement.find_claim(forest, ref)
            except UnknownClaim:
                about, version = unit.ledger.entries_about(scope, [ref]), unit.ledger.head(scope).version
                done = judgement.corrected_before(forest, about, words, version)
                if done is None:
                    raise
                return Judgement(after=done)
            found = judgement.correct(forest, claim, words, now=now, why=why)
            self._check_may_be_kept(unit, scope, found)
            return found

        return self._judge(scope, "correct", judge, _call(once, "correct", ref, words, why))

    def reject(self, scope: Scope, ref: str, *, why: str | None = None, once: str | None = None) -> Feedback:
        """Withdraw a claim that never was so; the same statement is not learned again.

        Raises:
            KeyReused: Another call had this name.
            UnknownClaim: No live claim has this id.
            InvalidInput: The id is too short, or begins several.
        """

        def judge(unit: UnitOfWork, forest: Forest, now: datetime) -> Judgement:
            try:
                claim = judgement.find_claim(forest, ref)
            except UnknownClaim:
                about, version = unit.ledger.entries_about(scope, [ref]), unit.ledger.head(scope).version
                if not judgement.was_rejected(about, version):
                    raise
                return Judgement()
            rejections.mark(unit, scope, [claim], now)
            return judgement.reject(forest, claim, now=now, why=why)

        return self._judge(scope, "reject", judge, _call(once, "reject", ref, why))

    def add(self, scope: Scope, statement: Statement, *, why: str | None = None, once: str | None = None) -> Feedback:
        """Add a claim by hand.

        Raises:
            KeyReused: Another call had this name.
            UnknownPath: The trunk has no such slot.
            InvalidInput: The path is that of a branch; or the policy never keeps the slot, or the text holds a secret.
            ForgottenBefore: The text was forgotten on request, or rejected.
        """
        if statement.path not in self._trunk.by_path:
            slots = tuple(self._trunk.by_path)
            below = [slot for slot in slots if slot.startswith(f"{statement.path}.")]
            if below:
                raise InvalidInput("path", f"{statement.path!r} is a branch; name a slot of it: {', '.join(below)}")
            raise UnknownPath(statement.path, slots)

        def judge(unit: UnitOfWork, forest: Forest, now: datetime) -> Judgement:
            order = unit.ledger.head(scope).last_seq + 1  # after all that was said, also in the same second
            found = judgement.add(forest, statement, trunk=self._trunk, order=order, now=now, why=why)
            self._check_may_be_kept(unit, scope, found)
            return found

        since = None if statement.valid_from is None else statement.valid_from.isoformat()
        said = (statement.path, statement.text, statement.subject, since, statement.condition, why)
        return self._judge(scope, "add", judge, _call(once, "add", *said))

    def _judge(self, scope: Scope, kind: FeedbackKind, judge: _Judge, call: Call | None) -> Feedback:
        now = self._clock.now()
        with self._store.begin() as unit:
            known = None if call is None else _answered(unit, scope, call, now)
            if known is not None:
                self._happenings.tell(Replayed(call=kind))
                return known
            before = unit.ledger.head(scope).version
            found = judge(unit, unit.ledger.trees(scope), now)
            after = before
            if found.operations:
                batch = Batch(
                    id=judgement.batch_id(kind, found, before + 1, call),
                    operations=found.operations,
                    recorded_at=now,
                    author=FEEDBACK,
                )
                after = unit.ledger.commit(scope, batch, expected_version=before).version
                unit.jobs.enqueue(scope, "index", now)
        return Feedback(
            kind=kind,
            changed=bool(found.operations),
            before=found.before,
            after=found.after,
            version_before=before,
            version_after=after,
            at=now,
        )

    def _check_may_be_kept(self, unit: UnitOfWork, scope: Scope, found: Judgement) -> None:
        """Refuse a claim by hand that nobody may keep, whoever says it; nothing of the transaction is kept."""
        claim = found.after
        if claim is None or not found.operations:
            return
        secret, slot = secret_in(claim.text), self._trunk.by_path.get(claim.path)
        if secret is not None:
            raise InvalidInput("text", f"holds what looks like {secret}, which no memory should keep")
        if slot is not None and self._policy.of(slot) == "never":
            raise InvalidInput("path", f"the policy never keeps {claim.path}; TREERING_CONSENT, or `Policy`, says so")
        if unit.tombstones.of_claims(scope).cover(claim):
            raise ForgottenBefore(claim.id)


def _call(once: str | None, *said: str | None) -> Call | None:
    return None if once is None else Call.of(once, *said)


def _answered(unit: UnitOfWork, scope: Scope, call: Call, now: datetime) -> Feedback | None:
    """What a call did when it came first; none where it is new, or did nothing. Forgotten words are not in it."""
    lately = unit.ledger.commits(scope, after_version=unit.ledger.version_at(scope, now - KEPT))
    for commit in lately:
        found = answered(commit.batch_id) if commit.author == FEEDBACK else None
        if found is None or found.call.name != call.name:
            continue
        if found.call != call:
            raise KeyReused
        return Feedback(
            kind=found.kind,
            changed=True,
            before=_claim_at(unit, scope, found.ref, commit.version - 1),
            after=None if found.after is None else _claim_at(unit, scope, found.after, commit.version),
            version_before=commit.version - 1,
            version_after=commit.version,
            at=commit.recorded_at,
        )
    return None


def _claim_at(unit: UnitOfWork, scope: Scope, ref: str, version: int) -> Claim | None:
    trees = unit.ledger.trees(scope, version=version)
    return next((tree.claims[ref] for tree in trees.values() if ref in tree.claims), None)
