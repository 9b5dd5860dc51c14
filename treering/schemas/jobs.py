"""Jobs: slow work that survives any crash."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from treering.schemas.dialogue import Scope
from treering.schemas.value import Instant, Value

JobKind = Literal["listen", "window", "index", "summarise", "consolidate"]
JOB_KINDS: frozenset[JobKind] = frozenset(get_args(JobKind))
"""Every kind that this version knows."""

JobState = Literal["queued", "running", "done", "dead"]


class Job(Value):
    """One piece of slow work for one scope."""

    id: Annotated[int, Field(ge=1)]
    """Unique in the store."""
    scope: Scope
    """Whose memory it works on; one job a scope runs at a time."""
    kind: JobKind
    """`listen`: hear all new turns. `window`: hear one parked window again. `index`: bring the vectors up to date.
    `summarise`: bring the summary tree up to date. `consolidate`: compare claims of many sessions with each other."""
    payload: dict[str, str | int] = {}
    """What it needs besides the scope, e.g. the window."""
    state: JobState = "queued"
    """`dead`: it failed too often, or its model reply could not be read; it waits for a person."""
    attempts: Annotated[int, Field(ge=0)] = 0
    """How often it was started."""
    was_dropped: bool = False
    """Of a job that was leased just now: whether who ran it before was not heard of again."""
    run_after: Instant
    """Not before this moment."""
    lease_until: Instant | None = None
    """While it runs: when another worker may take it over."""
    fence: Annotated[int, Field(ge=0)] = 0
    """Fencing token of its lease; commits with a smaller one are refused."""
    error: str | None = None
    """Why it failed last."""
    raw_reply: str | None = None
    """The model's reply that could not be read."""
