"""Which job comes next, for one worker of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, and_, bindparam, exists, or_, select

from treering.memory.stores.scopes import scope_id
from treering.memory.stores.tables import heads, jobs, scopes
from treering.schemas.dialogue import Scope
from treering.schemas.jobs import JOB_KINDS, JobKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from treering.memory.stores.transaction import Transaction

WITH_SCOPE = (
    select(jobs, scopes.c.tenant, scopes.c.user)
    .join(scopes, scopes.c.id == jobs.c.scope_id)
    .where(jobs.c.kind.in_(JOB_KINDS))  # a kind that only a newer Treering knows is left to it
)
"""Jobs, each with whose it is."""

_other = jobs.alias("other")
_IS_DUE = or_(
    and_(jobs.c.state == "queued", jobs.c.run_after <= bindparam("now")),
    and_(jobs.c.state == "running", jobs.c.lease_until <= bindparam("now")),
)
_DUE = (
    WITH_SCOPE.where(
        _IS_DUE,
        jobs.c.kind.in_(bindparam("kinds", expanding=True)),
        ~exists().where(
            _other.c.scope_id == jobs.c.scope_id,
            _other.c.state == "running",
            _other.c.lease_until > bindparam("now"),
        ),
    )
    .order_by(jobs.c.run_after, jobs.c.id)
    .limit(1)
)
_DUE_KINDS = select(jobs.c.kind).where(_IS_DUE, jobs.c.kind.in_(JOB_KINDS)).distinct()
_DUE_OF_SCOPE = _DUE.where(jobs.c.scope_id == bindparam("scope_id"))
_DUE_UNLOCKED = _DUE.join(heads, heads.c.scope_id == jobs.c.scope_id).with_for_update(of=heads, skip_locked=True)


def due_kinds(transaction: Transaction, now: datetime) -> set[JobKind]:
    """The kinds of which some job is due."""
    return set(transaction.connection.execute(_DUE_KINDS, {"now": now}).scalars())


def next_due(
    transaction: Transaction, now: datetime, scope: Scope | None, kinds: Collection[JobKind]
) -> Row[Any] | None:
    """The job that is due for the longest time, of a scope where none runs; its scope stays locked where that is done.

    Args:
        transaction: A writing one.
        now: The moment.
        scope: Only of this one.
        kinds: Only of these.
    """
    asked = {"now": now, "kinds": sorted(kinds)}
    if scope is not None:
        return _of_scope(transaction, asked, transaction.scope_id(scope))
    if not transaction.locks_scopes:
        return transaction.connection.execute(_DUE, asked).first()
    return _next_of_any(transaction, asked)


def _of_scope(transaction: Transaction, asked: Mapping[str, object], scope_id: int | None) -> Row[Any] | None:
    return transaction.connection.execute(_DUE_OF_SCOPE, {**asked, "scope_id": scope_id}).first()


def _next_of_any(transaction: Transaction, asked: Mapping[str, object]) -> Row[Any] | None:
    """Beside other workers: prefers scopes where nobody writes at this moment, and waits only if there are none.

    What is found is looked at once more when its scope is locked, for the statement that locks it sees the other rows
    as they were before. A scope that another worker took in between is let go of, or two workers could each hold what
    the other waits for.
    """
    connection = transaction.connection
    while True:
        with connection.begin_nested() as attempt:
            found = connection.execute(_DUE_UNLOCKED, asked).first()
            found = found or connection.execute(_DUE, asked).first()
            if found is None:
                return None
            scope = Scope(tenant=found.tenant, user=found.user)
            locked = scope_id(connection, scope, lock=True)
            row = _of_scope(transaction, asked, locked)
            if row is not None:
                transaction.found(scope, row.scope_id)
                return row
            attempt.rollback()
