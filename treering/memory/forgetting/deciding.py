"""What waits in quarantine is carried out, or dropped: a person decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.errors import ForgottenBefore, InvalidInput
from treering.memory.forgetting.wishes import Wish
from treering.schemas.operations import Add, Batch, Delete, Update

if TYPE_CHECKING:
    from treering.memory.forgetting.forgetting import Forgetting
    from treering.memory.ports import Clock, Store, UnitOfWork
    from treering.schemas.dialogue import Scope
    from treering.schemas.forgetting import ErasureReceipt
    from treering.schemas.listening import Held


class Deciding:
    """Decides in one transaction, so that of two people who decide at once only one does."""

    def __init__(self, *, store: Store, clock: Clock, forgetting: Forgetting) -> None:
        self._store = store
        self._clock = clock
        self._forgetting = forgetting

    def confirm(self, scope: Scope, held_id: str) -> ErasureReceipt | None:
        """Carry out what waits in quarantine; the receipt, where it was a request to forget.

        Raises:
            InvalidInput: Nothing with this id waits.
            ForgottenBefore: It says what was forgotten on request; it still waits.
            OperationError: The tree has changed so that the operation does not fit any more; it still waits.
        """
        with self._store.begin() as unit:
            receipt = self._carry_out(unit, scope, _waiting(unit, scope, held_id))
        if receipt is not None:
            self._forgetting.clear_caches()
        return receipt

    def _carry_out(self, unit: UnitOfWork, scope: Scope, held: Held) -> ErasureReceipt | None:
        operation = held.verdict.operation
        if isinstance(operation, Delete) and operation.reason == "forgotten":
            requests = frozenset(evidence.message_id for evidence in operation.evidence)
            wish = Wish(claims=frozenset([operation.target]), requests=requests)
            return self._forgetting.forget_within(unit, scope, wish)
        if isinstance(operation, Add | Update) and unit.tombstones.of_claims(scope).cover(operation.claim):
            raise ForgottenBefore(operation.claim.id)
        unit.quarantine.resolve(scope, held.id)
        if operation is not None:
            now = self._clock.now()
            batch = Batch(id=f"confirm:{held.id}", operations=(operation,), recorded_at=now, author="manual")
            unit.ledger.commit(scope, batch, expected_version=unit.ledger.head(scope).version)
            unit.jobs.enqueue(scope, "index", now)
        return None

    def drop(self, scope: Scope, held_id: str) -> Held:
        """Take something out of quarantine without carrying it out.

        Raises:
            InvalidInput: Nothing with this id waits.
        """
        with self._store.begin() as unit:
            held = _waiting(unit, scope, held_id)
            unit.quarantine.resolve(scope, held_id)
        return held


def _waiting(unit: UnitOfWork, scope: Scope, held_id: str) -> Held:
    for held in unit.quarantine.held(scope):
        if held.id == held_id:
            return held
    raise InvalidInput("quarantine", f"nothing with id {held_id!r} waits; `treering forget USER` lists what does")
