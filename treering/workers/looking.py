"""One look at the job table: what runs, and what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from treering.memory.engine import Engine
    from treering.schemas.dialogue import Scope
    from treering.schemas.jobs import JobKind


class Look(NamedTuple):
    """What there is to do at a moment."""

    runs: bool
    """Whether somebody works on a job."""
    due: AbstractSet[JobKind]
    """The kinds of which some job is due."""


def look(engine: Engine, scope: Scope | None) -> Look:
    """What there is of one scope, or of all.

    Both are read from one snapshot: who ends a job has queued before what follows from it, so between two readings it
    could be in neither.
    """
    with engine.store.begin(write=False) as unit:
        runs = bool(unit.jobs.jobs(scope=scope, states=("running",)))
        now = engine.clock.now()
        if scope is None:
            return Look(runs, unit.jobs.due_kinds(now))
        queued = unit.jobs.jobs(scope=scope, states=("queued",))
    return Look(runs, {job.kind for job in queued if job.run_after <= now})
