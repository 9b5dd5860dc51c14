"""Does what is made from the ledger and the turns still follow them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.errors import IndexUnavailable
from treering.memory.catching_up import RECALLABLE_ROLES
from treering.memory.doctor.case import Symptom
from treering.memory.summaries.building import SESSION
from treering.schemas.jobs import OPEN_STATES, PENDING_STATES

if TYPE_CHECKING:
    from treering.memory.doctor.case import Case
    from treering.schemas.jobs import Job, JobState

MAX_JOBS = 100_000
"""Jobs of one person that are looked through: all of them, also where every window was put aside."""


class Marks:
    """What was listened to and indexed lies within what is stored."""

    name = "marks"

    def look(self, case: Case) -> Symptom | None:
        """Marks beyond the end: new turns or versions would be passed over."""
        head = case.head
        beyond = [
            name
            for name, mark, end in (
                ("heard", head.heard_seq, head.last_seq),
                ("indexed turns", head.indexed_seq, head.last_seq),
                ("indexed versions", head.indexed_version, head.version),
            )
            if mark > end
        ]
        if not beyond:
            return None
        return Symptom(what=f"marks beyond the end: {', '.join(beyond)}", count=len(beyond), cure=self._mend)

    def _mend(self, case: Case) -> None:
        """Put them back to the end; what is indexed is looked at from the beginning."""
        case.unit.ledger.rebuild(case.scope)
        _index_anew(case)


class Vectors:
    """Exactly the claims and turns that the marks say are indexed have vectors, and all summaries."""

    name = "vectors"

    def look(self, case: Case) -> Symptom | None:
        """Vectors that are missing, or left over."""
        try:
            missing, left_over = self._differences(case)
        except IndexUnavailable as error:
            return Symptom(what=str(error), advice="start the vector server and look again")
        if not missing and not left_over:
            return None
        what = f"{len(missing)} vector(s) are missing, {len(left_over)} left over"
        return Symptom(what=what, count=len(missing) + len(left_over), cure=self._mend)

    def _mend(self, case: Case) -> None:
        """Take away what is left over, and have the index job make what is missing."""
        missing, left_over = self._differences(case)
        summaries = {ref for ref in missing if ref.startswith("summary:")}
        case.vectors.remove(case.scope, sorted(left_over | _above(case, summaries)))
        if summaries:
            case.unit.jobs.enqueue(case.scope, "summarise", case.now)
        if missing - summaries:
            _index_anew(case)

    def _differences(self, case: Case) -> tuple[set[str], set[str]]:
        head = case.head
        present = case.vectors.ids(case.scope)
        turns = case.unit.turns.turns(case.scope)
        sayable = {f"turn:{turn.message_id}": turn for turn in turns if turn.content and turn.role in RECALLABLE_ROLES}
        live = {f"claim:{claim.id}" for claim in case.claims}
        due = {ref for ref, turn in sayable.items() if turn.seq <= head.indexed_seq}
        if head.indexed_version == head.version:
            due |= live
        summaries = {f"summary:{name}" for name in case.unit.passages.tree(case.scope).names}
        return (due | summaries) - present, present - live - sayable.keys() - summaries


class ListenJob:
    """A session that has ended was heard to its end, or has a job that will do it, or that a person decides on."""

    name = "listen job"

    def look(self, case: Case) -> Symptom | None:
        """Turns that nobody heard, and nobody will."""
        unheard = case.unit.turns.turns(case.scope, after=case.head.heard_seq, limit=1)
        ended = {session.id for session in case.unit.turns.sessions(case.scope) if session.ended}
        if not unheard or unheard[0].session not in ended or self._has_job(case):
            return None
        return Symptom(what="a session that ended was not heard to its end, and no job is queued", cure=self._mend)

    def _has_job(self, case: Case) -> bool:
        states: tuple[JobState, ...] = (*OPEN_STATES, "cancelled")
        return any(job.kind == "listen" for job in case.unit.jobs.jobs(scope=case.scope, states=states, limit=MAX_JOBS))

    def _mend(self, case: Case) -> None:
        """Queue it."""
        case.unit.jobs.enqueue(case.scope, "listen", case.now)


class IndexJob:
    """What is not indexed yet has a job that will do it."""

    name = "index job"

    def look(self, case: Case) -> Symptom | None:
        """An index that is behind, and nobody to bring it up."""
        head = case.head
        ends = {"the ledger": head.indexed_version < head.version, "the turns": self._has_more_to_say(case)}
        behind = [end for end, is_behind in ends.items() if is_behind]
        if not behind or any(job.kind in ("index", "listen", "summarise") for job in _open_jobs(case)):
            return None
        what = f"the vectors are behind {' and '.join(behind)}, and no job is queued for them"
        return Symptom(what=what, cure=self._mend)

    def _has_more_to_say(self, case: Case) -> bool:
        """Whether a turn with words is not indexed; one that was refused for its words waits for the next job."""
        if case.head.indexed_seq >= case.head.last_seq:
            return False
        return any(turn.content for turn in case.unit.turns.turns(case.scope, after=case.head.indexed_seq))

    def _mend(self, case: Case) -> None:
        """Queue it."""
        case.unit.jobs.enqueue(case.scope, "index", case.now)


class Summaries:
    """Each session that has ended has a summary of exactly its turns, or a job that will make it."""

    name = "summaries"

    def look(self, case: Case) -> Symptom | None:
        """Summaries that are missing, or left over, and nobody to make them anew."""
        if any(job.kind == "summarise" for job in _open_jobs(case)):
            return None
        missing, left_over = self._differences(case)
        if not missing and not left_over:
            return None
        what = f"{missing} session(s) that ended have no summary, {left_over} summaries are left over"
        return Symptom(what=what, count=missing + left_over, cure=self._mend)

    def _mend(self, case: Case) -> None:
        """Queue the job: it makes what is missing, and removes what is left over."""
        case.unit.jobs.enqueue(case.scope, "summarise", case.now)

    def _differences(self, case: Case) -> tuple[int, int]:
        ended = {session.id for session in case.unit.turns.sessions(case.scope) if session.ended}
        said: dict[str, set[str]] = {}
        for turn in case.unit.turns.turns(case.scope):
            if turn.session in ended and turn.content and turn.role in RECALLABLE_ROLES:
                said.setdefault(turn.session, set()).add(turn.message_id)
        stored = {
            passage.session: set(passage.message_ids) for passage in case.unit.passages.level(case.scope, SESSION)
        }
        missing = sum(1 for session, turns in said.items() if stored.get(session) != turns)
        roots = case.unit.passages.tree(case.scope).roots
        return missing, sum(1 for session in stored if session not in said) + max(0, len(roots) - 1)


class Leases:
    """No job is held by a worker that is gone."""

    name = "leases"

    def look(self, case: Case) -> Symptom | None:
        """Running jobs whose lease is over."""
        expired = [job for job in _open_jobs(case) if _is_expired(job, case)]
        if not expired:
            return None
        return Symptom(what=f"{len(expired)} job(s) of workers that are gone", count=len(expired), cure=self._mend)

    def _mend(self, case: Case) -> None:
        """Queue them again; whoever still works on one is refused by its fence."""
        case.unit.jobs.revoke(case.scope, case.now)


class JobKinds:
    """Every job is of a kind that this version knows."""

    name = "job kinds"

    def look(self, case: Case) -> Symptom | None:
        """Jobs that a newer version queued: they wait for it, and nothing else tells of them."""
        unknown = case.unit.jobs.unknown_kinds(case.scope)
        if not unknown:
            return None
        what = f"jobs of kinds that only a newer Treering knows wait for it: {', '.join(sorted(unknown))}"
        return Symptom(what=what, count=sum(unknown.values()), advice="run workers of the newer version")


class Sessions:
    """Each conversation counts the turns that it has."""

    name = "sessions"

    def look(self, case: Case) -> Symptom | None:
        """Conversations whose count is wrong, and turns of none."""
        counted: dict[str, int] = {}
        for turn in case.unit.turns.turns(case.scope):
            counted[turn.session] = counted.get(turn.session, 0) + 1
        stored = {session.id: session.turns for session in case.unit.turns.sessions(case.scope)}
        wrong = sum(1 for name in counted.keys() | stored.keys() if counted.get(name) != stored.get(name))
        if not wrong:
            return None
        return Symptom(what=f"{wrong} session(s) miscount their turns", count=wrong, cure=self._mend)

    def _mend(self, case: Case) -> None:
        """Count again."""
        case.unit.turns.recount(case.scope)


def _above(case: Case, entries: set[str]) -> set[str]:
    """The entries of the sessions whose episodes are among these: where one is missing, the job stores all anew."""
    above = case.unit.passages.tree(case.scope).above
    names = (entry.partition(":")[2] for entry in entries)
    return {f"summary:{above[name]}" for name in names if name in above}


def _open_jobs(case: Case) -> list[Job]:
    return case.unit.jobs.jobs(scope=case.scope, states=PENDING_STATES)


def _is_expired(job: Job, case: Case) -> bool:
    return job.state == "running" and job.lease_until is not None and job.lease_until <= case.now


def _index_anew(case: Case) -> None:
    case.unit.ledger.mark_indexed(case.scope, version=0, seq=0)
    case.unit.jobs.enqueue(case.scope, "index", case.now)
