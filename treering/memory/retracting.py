"""Takes a message back, or lets it say something else: the tree, vectors and passages follow, the ledger only grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.errors import InvalidTurn, UnknownMessage, UnknownUser
from treering.memory.consolidation.planning import SUPPORT
from treering.memory.operations import diff
from treering.memory.rewording import clear, read_anew
from treering.memory.tree import PersonaTree
from treering.memory.withdrawal import Withdrawal, cited, ended, resting_on, withdraw
from treering.schemas.operations import Batch
from treering.schemas.retraction import Retraction

if TYPE_CHECKING:
    from datetime import datetime

    from treering.memory.operations import Forest
    from treering.memory.ports import Clock, Store, UnitOfWork, VectorIndex
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Scope, Turn


class Retracting:
    """Retracts and amends messages. Nothing waits for running jobs: they find the text changed, and begin anew."""

    def __init__(self, *, store: Store, index: VectorIndex | None, clock: Clock) -> None:
        self._store = store
        self._index = index
        self._clock = clock

    def retract(self, scope: Scope, message_id: str) -> Retraction:
        """Take a message back, as if it had never been said, in one transaction.

        Raises:
            UnknownUser: Nothing is stored of this person.
            UnknownMessage: No turn has this id, or its words were forgotten.
            IndexUnavailable: The vector server does not answer; nothing was changed.
        """
        return self._change(scope, message_id, None)

    def amend(self, scope: Scope, message_id: str, text: str) -> Retraction:
        """Let a message say something else, in one transaction; the new text is listened to by a job.

        Raises:
            UnknownUser: Nothing is stored of this person.
            UnknownMessage: No turn has this id, or its words were forgotten.
            InvalidTurn: The new text was forgotten before.
            IndexUnavailable: The vector server does not answer; nothing was changed.
        """
        return self._change(scope, message_id, text)

    def _change(self, scope: Scope, message_id: str, text: str | None) -> Retraction:
        now = self._clock.now()
        with self._store.begin() as unit:
            turn = _turn(unit, scope, message_id)
            before = unit.ledger.head(scope)
            if turn.content == (text or ""):
                return Retraction(
                    message_id=message_id,
                    text=text,
                    changed=False,
                    version_before=before.version,
                    version_after=before.version,
                    at=now,
                )
            if text is not None and unit.tombstones.forbids(scope, text):
                raise InvalidTurn("the new text", "was forgotten on request; lift that first, with `allow_again`")
            return self._reword(unit, scope, turn, text, now)

    def _reword(self, unit: UnitOfWork, scope: Scope, turn: Turn, text: str | None, now: datetime) -> Retraction:
        message_id = turn.message_id
        before, forest = unit.ledger.head(scope), unit.ledger.trees(scope)
        withdrawal = _withdrawal(unit, scope, forest, turn, now)
        after, version = before, None
        if withdrawal.operations:
            changes = unit.turns.former(scope, [message_id]).get(message_id, ())
            batch = _batch(message_id, text, len(changes) + 1, withdrawal, now)
            after = unit.ledger.commit(scope, batch, expected_version=before.version)
            version = after.version
        revision = unit.turns.replace(scope, message_id, text, version=version, now=now)
        passages, held = clear(unit, scope, [message_id])
        gone = [f"turn:{message_id}", *(f"claim:{claim.id}" for claim in withdrawal.retracted)]
        gone += [f"summary:{name}" for name in passages]
        (self._index or unit.vectors).remove(scope, gone)
        unit.mentions.remove(scope, [message_id])
        if before.indexed_version == before.version:  # claims that are kept or hold again have the vectors they had
            unit.ledger.mark_indexed(scope, version=after.version, seq=before.indexed_seq)
        read_anew(unit, scope, turn.model_copy(update={"content": text or ""}), revision, now)
        if any(claim.origin == "inferred" for claim in withdrawal.kept):  # what is left may be too little for it
            unit.jobs.enqueue(scope, "consolidate", now, payload={"only": SUPPORT})
        return Retraction(
            message_id=message_id,
            text=text,
            changed=True,
            retracted=withdrawal.retracted,
            kept=withdrawal.kept,
            restored=_restored(forest, unit.ledger.trees(scope)),
            listens=text is not None and turn.role == "user",
            version_before=before.version,
            version_after=after.version,
            passages=len(passages),
            held=held,
            at=now,
        )


def _turn(unit: UnitOfWork, scope: Scope, message_id: str) -> Turn:
    turn = unit.turns.get(scope, [message_id]).get(message_id)
    if turn is None:
        if not unit.ledger.head(scope).last_seq:
            raise UnknownUser(scope.user)
        raise UnknownMessage(message_id)
    former = unit.turns.former(scope, [message_id]).get(message_id, ())
    if not turn.content and not any(change.content for change in former):
        raise UnknownMessage(message_id, "its words were forgotten, so nothing is left to retract or to amend")
    return turn


def _withdrawal(unit: UnitOfWork, scope: Scope, forest: Forest, turn: Turn, now: datetime) -> Withdrawal:
    resting = resting_on(forest, turn.message_id)
    others = sorted({*ended(forest)} - {*resting})
    on_them = [entry.operation for entry in unit.ledger.entries_about(scope, resting)]
    about = [*on_them, *(entry.operation for entry in unit.ledger.entries_about(scope, others, kind="DELETE"))]
    turns = unit.turns.get(scope, cited(forest, resting, on_them))
    return withdraw(forest, turn, about=about, turns=turns, now=now)


def _batch(message_id: str, text: str | None, number: int, withdrawal: Withdrawal, now: datetime) -> Batch:
    """Its id ends in the number of the change, which tells it from an earlier one of the same message."""
    author = "retract" if text is None else "amend"
    return Batch(id=f"{author}:{message_id}:{number}", operations=withdrawal.operations, recorded_at=now, author=author)


def _restored(before: Forest, after: Forest) -> tuple[Claim, ...]:
    """Claims that hold again: they lived before, and something the message said hid them."""
    restored: list[Claim] = []
    for subject, tree in after.items():
        former = before.get(subject) or PersonaTree(trunk=tree.trunk, subject=subject)
        restored += [claim for claim in diff(former, tree).gained if claim.id in former.claims]
    return tuple(restored)
