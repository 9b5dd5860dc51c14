"""Work that is to do and stands in no job, found page by page; and what has died lately.

A page is a range of row ids. Each question goes by the primary keys of the heads in it, and by indexes from there; how
the statements are put follows from the plans that SQLite and PostgreSQL make of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Select, and_, bindparam, case, exists, func, or_, select

from treering.memory.stores.tables import heads, index_marks, jobs, passage_messages, passages, scopes, sessions, turns
from treering.schemas.dialogue import Scope
from treering.schemas.jobs import JOB_KINDS, PENDING_STATES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from treering.schemas.jobs import JobKind, JobState

_SESSION_LEVEL = 1
_GIVEN_UP: tuple[JobState, ...] = ("dead", "cancelled")
_MOST = select(func.coalesce(func.max(heads.c.scope_id), 0))


def neglected(
    connection: Connection, turn: int, *, people: int, roles: Collection[str], fingerprint: str
) -> list[tuple[Scope, JobKind]]:
    """Jobs that somebody on this turn's page ought to have, and has not; see the port."""
    pages = max(1, -(-connection.execute(_MOST).scalar_one() // people))
    first = turn % pages * people
    asked = {"first": first, "last": first + people, "roles": sorted(roles), "embedder": fingerprint}
    return [
        (Scope(tenant=row.tenant, user=row.user), kind)
        for kind, query in _NEGLECTED.items()
        for row in connection.execute(query, asked)
    ]


def died(connection: Connection, since: datetime, before: datetime) -> Mapping[JobKind, int]:
    """How many jobs died then, by kind: a dead job keeps the moment of its death as the one when it was due."""
    return {row.kind: row.number for row in connection.execute(_DIED, {"since": since, "before": before})}


def _has_job(*kinds: JobKind, given_up: JobKind) -> ColumnElement[bool]:
    """One of these is open; or one is dead or cancelled, and a person decides on it."""
    is_open = and_(jobs.c.state.in_(PENDING_STATES), jobs.c.kind.in_(kinds))
    is_given_up = and_(jobs.c.state.in_(_GIVEN_UP), jobs.c.kind == given_up)
    # The index knows the states: those that are done, by far the most, are not looked at.
    is_either = and_(jobs.c.state.in_((*PENDING_STATES, *_GIVEN_UP)), or_(is_open, is_given_up))
    return exists().where(jobs.c.scope_id == heads.c.scope_id, is_either)


_PAGE = (
    select(scopes.c.tenant, scopes.c.user)
    .join(heads, heads.c.scope_id == scopes.c.id)
    .where(heads.c.scope_id > bindparam("first"), heads.c.scope_id <= bindparam("last"))
    .order_by(heads.c.scope_id)
)

_first_unheard = (
    select(turns.c.session)
    .where(turns.c.scope_id == heads.c.scope_id, turns.c.seq > heads.c.heard_seq)
    .order_by(turns.c.seq)
    .limit(1)
    .correlate(heads)
    .scalar_subquery()
)
# As a value and not as a join, for which PostgreSQL would read the sessions of everybody.
_IS_UNHEARD = (
    select(sessions.c.ended)
    .where(sessions.c.scope_id == heads.c.scope_id, sessions.c.session == _first_unheard)
    .scalar_subquery()
    .is_(True)
)

_marks = index_marks.alias("marks")
_others = index_marks.alias("others")
_of_scope = _marks.c.scope_id == heads.c.scope_id
_last_seq = select(turns.c.seq).where(turns.c.scope_id == heads.c.scope_id).order_by(turns.c.seq.desc()).limit(1)
# Of a person with vectors of other embedders alone, a command makes ours; a job would fail.
_IS_OURS = or_(_marks.c.scope_id.is_not(None), ~exists().where(_others.c.scope_id == heads.c.scope_id))
_IS_BEHIND = or_(
    func.coalesce(_marks.c.version, 0) < heads.c.version,
    func.coalesce(_marks.c.seq, 0) < _last_seq.scalar_subquery(),
)

# Counted in a way that no index of all that have ended offers itself for: one person has few.
_ended, _open = (func.count(case((sessions.c.ended.is_(is_over), 1))) for is_over in (True, False))
_sessions_ended = select(_ended).where(sessions.c.scope_id == heads.c.scope_id)
_sessions_open = select(_open).where(sessions.c.scope_id == heads.c.scope_id)
_sessions_told = select(func.count()).where(passages.c.scope_id == heads.c.scope_id, passages.c.level == _SESSION_LEVEL)
_IS_UNTOLD = exists().where(
    sessions.c.scope_id == heads.c.scope_id,
    sessions.c.ended.is_(True),
    turns.c.scope_id == heads.c.scope_id,
    turns.c.session == sessions.c.session,
    turns.c.role.in_(bindparam("roles", expanding=True)),
    turns.c.content != "",
    ~exists(passage_messages.c.message_id)  # no more columns, or SQLite goes by the primary key through all of them
    .where(passage_messages.c.scope_id == heads.c.scope_id, passage_messages.c.message_id == turns.c.message_id)
    .correlate(heads, turns),
)

_NEGLECTED: Mapping[JobKind, Select[tuple[str, str]]] = {
    "listen": _PAGE.where(_IS_UNHEARD, ~_has_job("listen", given_up="listen")),
    "index": _PAGE.outerjoin(_marks, and_(_of_scope, _marks.c.fingerprint == bindparam("embedder"))).where(
        _IS_OURS, _IS_BEHIND, ~_has_job("listen", "index", "summarise", given_up="index")
    ),
    # The counts are compared first: looking at each turn is for those who may lack something.
    "summarise": _PAGE.where(
        _sessions_ended.scalar_subquery() > _sessions_told.scalar_subquery(),
        ~_has_job("summarise", given_up="summarise"),
        _IS_UNTOLD,
    ),
    "consolidate": _PAGE.where(
        heads.c.consolidated_version < heads.c.version,
        ~_has_job("listen", "consolidate", given_up="consolidate"),
        _sessions_open.scalar_subquery() == 0,
    ),
}

_DIED = (
    select(jobs.c.kind, func.count().label("number"))
    .where(jobs.c.state == "dead", jobs.c.run_after >= bindparam("since"), jobs.c.run_after < bindparam("before"))
    .where(jobs.c.kind.in_(JOB_KINDS))
    .group_by(jobs.c.kind)
)
