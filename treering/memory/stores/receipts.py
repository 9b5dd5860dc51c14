"""Receipts in SQL: what was erased on request, without words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from treering.memory.stores.tables import receipts
from treering.schemas.forgetting import ErasureReceipt

if TYPE_CHECKING:
    from treering.memory.stores.transaction import Transaction
    from treering.schemas.dialogue import Scope


class SqlReceipts:
    """Proofs of erasures, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._connection = transaction.connection

    def add(self, scope: Scope, receipt: ErasureReceipt) -> ErasureReceipt:
        """Keep a receipt; returns it with its number."""
        scope_id = self._transaction.scope_id(scope, create=True)
        text = receipt.model_dump_json(exclude={"id", "preview"})
        row = {"scope_id": scope_id, "at": receipt.at, "receipt": text}
        number = self._connection.execute(insert(receipts).returning(receipts.c.id), row).scalar_one()
        return receipt.model_copy(update={"id": number})

    def receipts(self, scope: Scope) -> list[ErasureReceipt]:
        """All of the scope, oldest first."""
        scope_id = self._transaction.scope_id(scope)
        rows = self._connection.execute(
            select(receipts.c.id, receipts.c.receipt).where(receipts.c.scope_id == scope_id).order_by(receipts.c.id)
        )
        return [ErasureReceipt.model_validate_json(row.receipt).model_copy(update={"id": row.id}) for row in rows]
