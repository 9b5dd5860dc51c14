"""Which job comes next, for one worker of many.

Jobs go by rank, as in start-time fair queueing (Goyal, Vin and Cheng, 1996): a job is ranked one behind the last queued
one of its tenant and priority, but not before the head of the queue. So tenants take turns, whoever queues a million
jobs, and a claim costs O(log n) for n jobs that wait. A priority is a number of rounds that a job stands further back:
it is overtaken by what is urgent. Of jobs of one rank the more urgent goes first. That alone would have what is not
urgent wait for as long as there are new tenants, so now and then a worker asks for the oldest job instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Row, Select, and_, bindparam, case, exists, func, or_, select

from treering.memory.stores.scopes import scope_id
from treering.memory.stores.tables import heads, jobs, scopes
from treering.schemas.dialogue import Scope
from treering.schemas.jobs import JOB_KINDS, WAITS_FOR, JobKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from treering.memory.stores.transaction import Transaction

WITH_SCOPE = (
    select(jobs, scopes.c.tenant, scopes.c.user)
    .join(scopes, scopes.c.id == jobs.c.scope_id)
    .where(jobs.c.kind.in_(JOB_KINDS))  # a kind that only a newer Treering knows is left to it
)
"""Jobs, each with whose it is."""

ROUNDS_A_PRIORITY = 16
"""How many rounds of the tenants each step of priority stands further back."""

_other = jobs.alias("other")
_ahead = jobs.alias("ahead")
_IS_QUEUED = and_(jobs.c.state == "queued", jobs.c.run_after <= bindparam("now"))
_IS_DROPPED = and_(jobs.c.state == "running", jobs.c.lease_until <= bindparam("now"))
_IS_FREE = ~exists().where(
    _other.c.scope_id == jobs.c.scope_id, _other.c.state == "running", _other.c.lease_until > bindparam("now")
)
_awaited = jobs.alias("awaited")
_IS_EARLY = or_(
    *(
        and_(
            jobs.c.kind == kind,
            exists().where(
                _awaited.c.scope_id == jobs.c.scope_id,
                _awaited.c.state == "queued",
                _awaited.c.kind == first,
                _awaited.c.run_after <= bindparam("now"),
            ),
        )
        for kind, first in WAITS_FOR.items()
    )
)
_CLAIMABLE = WITH_SCOPE.where(jobs.c.kind.in_(bindparam("kinds", expanding=True)), _IS_FREE, ~_IS_EARLY).limit(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """Statements that find the next job in some order, each as two, so that each follows an index.

    What nobody was heard of again goes first in any order.
    """

    due: tuple[Select[Any], ...]
    """Of any scope."""
    of_scope: tuple[Select[Any], ...]
    """Of one."""
    unlocked: tuple[Select[Any], ...]
    """Of any scope where nobody writes at this moment."""


def _ordered_by(*columns: ColumnElement[Any]) -> _Order:
    due = tuple(_CLAIMABLE.where(one).order_by(*columns) for one in (_IS_DROPPED, _IS_QUEUED))
    free = [one.join(heads, heads.c.scope_id == jobs.c.scope_id) for one in due]
    return _Order(
        due=due,
        of_scope=tuple(one.where(jobs.c.scope_id == bindparam("scope_id")) for one in due),
        unlocked=tuple(one.with_for_update(of=heads, skip_locked=True) for one in free),
    )


_BY_RANK = _ordered_by(jobs.c.rank, jobs.c.priority, jobs.c.id)
_BY_AGE = _ordered_by(jobs.c.id)
_DUE_KINDS = select(jobs.c.kind).where(or_(_IS_QUEUED, _IS_DROPPED), jobs.c.kind.in_(JOB_KINDS)).distinct()
_OTHERS = (
    select(jobs.c.id)
    .where(
        _IS_QUEUED,
        jobs.c.kind.in_(bindparam("kinds", expanding=True)),
        jobs.c.scope_id != bindparam("scope_id"),
        _IS_FREE,
        ~_IS_EARLY,
    )
    .limit(1)
)

_HANDICAP: ColumnElement[int] = bindparam("of_priority", type_=Integer) * ROUNDS_A_PRIORITY
_HEAD = (
    select(_ahead.c.rank)
    .where(_ahead.c.state == "queued", _ahead.c.run_after <= bindparam("since"))
    .order_by(_ahead.c.rank)
    .limit(1)
    .scalar_subquery()
)
_LAST = (
    select(_ahead.c.rank + 1)
    .where(
        _ahead.c.tenant == bindparam("of_tenant"),
        _ahead.c.state == "queued",
        _ahead.c.priority == bindparam("of_priority"),
    )
    .order_by(_ahead.c.rank.desc())
    .limit(1)
    .scalar_subquery()
)
_first, _last = func.coalesce(_HEAD, 0) + _HANDICAP, func.coalesce(_LAST, 0)
RANK = case((_first > _last, _first), else_=_last).cast(BigInteger)
"""The rank of a new job: of `of_tenant`, as urgent as `of_priority` says, to be run `since` a moment."""


def others_wait(transaction: Transaction, now: datetime, scope: Scope, kinds: Collection[JobKind]) -> bool:
    """Whether a job of these kinds could be claimed that is of another scope."""
    asked = {"now": now, "kinds": sorted(kinds), "scope_id": transaction.scope_id(scope)}
    return transaction.connection.execute(_OTHERS, asked).first() is not None


def due_kinds(transaction: Transaction, now: datetime) -> set[JobKind]:
    """The kinds of which some job is due."""
    return set(transaction.connection.execute(_DUE_KINDS, {"now": now}).scalars())


def next_due(
    transaction: Transaction, now: datetime, scope: Scope | None, kinds: Collection[JobKind], *, by_age: bool
) -> Row[Any] | None:
    """The job whose turn it is, of a scope where none runs; its scope stays locked where that is done.

    Args:
        transaction: A writing one.
        now: The moment.
        scope: Only of this one.
        kinds: Only of these.
        by_age: The one that was queued first, whosever turn it is.
    """
    asked = {"now": now, "kinds": sorted(kinds)}
    order = _BY_AGE if by_age else _BY_RANK
    if scope is not None:
        one = {**asked, "scope_id": transaction.scope_id(scope)}
        return _first_of(transaction.connection, order.of_scope, one)
    if not transaction.locks_scopes:
        return _first_of(transaction.connection, order.due, asked)
    return _next_of_any(transaction, order, asked)


def _next_of_any(transaction: Transaction, order: _Order, asked: Mapping[str, object]) -> Row[Any] | None:
    """Beside other workers: prefers scopes where nobody writes at this moment, and waits only if there are none.

    What is found is looked at once more when its scope is locked, for the statement that locks it sees the other rows
    as they were before. A scope that another worker took in between is let go of, or two workers could each hold what
    the other waits for.
    """
    connection = transaction.connection
    while True:
        with connection.begin_nested() as attempt:
            found = _first_of(connection, (*order.unlocked, *order.due), asked)
            if found is None:
                return None
            scope = Scope(tenant=found.tenant, user=found.user)
            locked = scope_id(connection, scope, lock=True)
            row = _first_of(connection, order.of_scope, {**asked, "scope_id": locked})
            if row is not None:
                transaction.found(scope, row.scope_id)
                return row
            attempt.rollback()


def _first_of(
    connection: Connection, statements: Sequence[Select[Any]], asked: Mapping[str, object]
) -> Row[Any] | None:
    """What the first of these statements finds that finds anything."""
    for statement in statements:
        row = connection.execute(statement, asked).first()
        if row is not None:
            return row
    return None
