"""Work that is to do and stands in no job, in the reference store: looked for from end to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.schemas.jobs import PENDING_STATES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from treering.schemas.dialogue import Scope
    from treering.schemas.jobs import JobKind
    from treering.testing.reference.state import Person, State

#: By kind: the open jobs that will do it or lead to it.
_LEADS_TO: Mapping[JobKind, frozenset[JobKind]] = {
    "listen": frozenset({"listen"}),
    "index": frozenset({"listen", "index", "summarise"}),
    "summarise": frozenset({"summarise"}),
    "consolidate": frozenset({"listen", "consolidate"}),
}


def neglected(
    state: State, turn: int, *, people: int, roles: Collection[str], fingerprint: str
) -> list[tuple[Scope, JobKind]]:
    """Jobs that somebody on this turn's page ought to have, and has not; see the port."""
    wants: dict[JobKind, Callable[[Person], bool]] = {
        "listen": _is_unheard,
        "index": lambda person: _is_behind(person, fingerprint),
        "summarise": lambda person: _is_untold(person, roles),
        "consolidate": _is_not_compared,
    }
    everybody = list(state.people.items())
    pages = max(1, -(-len(everybody) // people))
    page = everybody[turn % pages * people :][:people]
    return [
        (scope, kind)
        for kind, is_wanted in wants.items()
        for scope, person in page
        if is_wanted(person) and not _has_job(state, scope, kind)
    ]


def _has_job(state: State, scope: Scope, kind: JobKind) -> bool:
    return any(
        (job.state in PENDING_STATES and job.kind in _LEADS_TO[kind])
        or (job.state in ("dead", "cancelled") and job.kind == kind)
        for job in state.jobs.values()
        if job.scope == scope
    )


def _is_unheard(person: Person) -> bool:
    unheard = [turn for turn in person.turns if turn.seq > person.head.heard_seq]
    return bool(unheard) and person.sessions[unheard[0].session].ended


def _is_behind(person: Person, fingerprint: str) -> bool:
    is_ours = fingerprint in person.index_marks or not person.index_marks
    version, seq = person.index_marks.get(fingerprint, (0, 0))
    return is_ours and (version < person.head.version or seq < len(person.turns))


def _is_untold(person: Person, roles: Collection[str]) -> bool:
    ended = {name for name, one in person.sessions.items() if one.ended}
    told = [one for one in person.passages.values() if one.level == 1]
    in_one = {message for one in person.passages.values() for message in one.message_ids}
    sayable = [turn for turn in person.turns if turn.session in ended and turn.role in roles and turn.content]
    return len(ended) > len(told) and any(turn.message_id not in in_one for turn in sayable)


def _is_not_compared(person: Person) -> bool:
    is_open = any(not one.ended for one in person.sessions.values())
    return person.head.consolidated_version < person.head.version and not is_open
