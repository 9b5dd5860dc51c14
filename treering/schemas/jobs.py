"""Jobs: slow work that survives any crash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import Field

from treering.schemas.dialogue import Scope
from treering.schemas.value import Instant, Value

JobKind = Literal["listen", "window", "index", "summarise", "consolidate"]
JOB_KINDS: frozenset[JobKind] = frozenset(get_args(JobKind))
"""Every kind that this version knows."""

PRIORITIES: Mapping[JobKind, int] = {"listen": 0, "window": 0, "index": 1, "summarise": 2, "consolidate": 3}
"""How urgent each kind is when nobody says otherwise, 0 most."""

WAITS_FOR: Mapping[JobKind, JobKind] = {"consolidate": "listen"}
"""What is not begun while another kind is due for the same person: what it compares would be half of it."""

BEHIND_TALK = 4
"""By so much less urgent is what follows an import: of a person who goes on talking, too, the talk is heard first."""

LOWEST_PRIORITY = 9
"""The largest number that a priority may be."""

JobState = Literal["queued", "running", "done", "dead", "cancelled"]
PENDING_STATES: tuple[JobState, ...] = ("queued", "running")
"""The states of what workers have to do."""

OPEN_STATES: tuple[JobState, ...] = (*PENDING_STATES, "dead")
"""The states of what still waits for somebody, be it a person."""

OVER_STATES: tuple[JobState, ...] = ("done", "cancelled")
"""The states that nothing follows."""


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
    unreadable: str | None = None
    """Why its row cannot be read as this version writes it; then nothing is known of what it needs."""
    state: JobState = "queued"
    """`dead`: it failed too often, or its model reply could not be read; it waits for a person. `cancelled`: a person
    does not want it done."""
    priority: Annotated[int, Field(ge=0, le=LOWEST_PRIORITY)] = 0
    """How urgent it is, 0 most. What is less urgent waits some rounds longer, and not for ever."""
    rank: int = 0
    """Its place in the queue of the whole store: smaller ones go first."""
    queued_at: Instant
    """Since when it waits, or waited."""
    trace: str | None = None
    """The W3C `traceparent` of the call that made it."""
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


class KindStats(Value):
    """How many jobs of one kind there are."""

    kind: JobKind
    """The kind."""
    queued: int = 0
    """Waiting, also for their time to come."""
    running: int = 0
    """Under a lease."""
    dead: int = 0
    """Waiting for a person."""
    oldest_at: Instant | None = None
    """Since when the oldest queued one waits."""


class TenantStats(Value):
    """How much waits for one tenant."""

    tenant: str
    """The tenant."""
    queued: int
    """Jobs that wait."""
    oldest_at: Instant
    """Since when the oldest one waits."""


class QueueStats(Value):
    """What stands in the job table, counted."""

    at: Instant
    """When it was counted."""
    kinds: tuple[KindStats, ...] = ()
    """By kind, for kinds of which there are any; sorted by name."""
    tenants: tuple[TenantStats, ...] = ()
    """Tenants with queued jobs, the one that waits for longest first; at most `MAX_TENANT_STATS`."""


MAX_TENANT_STATS = 100
"""Tenants of which queue statistics tell; the ones that wait for longest."""


class Drained(Value):
    """What was done of the slow work, and what is left."""

    outcomes: dict[str, int] = {}
    """Attempts by what became of them: `done`, `failed` (tried again later), `dead` (waits for a person), `postponed`
    (a model was not to be asked now), `lost` (another worker has it, or it was cancelled)."""
    left: Annotated[int, Field(ge=0)]
    """Jobs that are queued or running still."""
    due_at: Instant | None = None
    """When the first of them may be run; none where nothing waits for its time."""
    is_idle: bool
    """Whether nothing was due and nothing running, here or elsewhere, at the moment when `left` was counted: two looks,
    one after the other, may both miss what a running job queues as it ends. False also where more are queued than are
    looked at, 1,000."""
