"""How a memory came about, and taking changes back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from treering.schemas.operations import Commit, LedgerEntry
from treering.schemas.timeline import Change, Reversal
from treering.schemas.value import Identifier
from treering.sidecar.access import Reader, User, Writer
from treering.sidecar.conditions import IfMatch, expected_by, on_condition
from treering.sidecar.problems import described
from treering.sidecar.routes import Remembers
from treering.sidecar.routes.bodies import Body
from treering.sidecar.routes.paging import MAX_POSITION, PAGE, Cursor, Limit, Page, page_until, place_of

MAX_STEPS = 1_000
"""Most changes that one request takes back."""

MAX_CLAIMS = 100
"""Most claims in one request: an address has to hold their ids."""

_CHANGES = described(404, 409, 412)
"""What may keep a change from being taken back."""

router = APIRouter(prefix="/v1", tags=["time"], responses=described())


Claims = Annotated[
    tuple[Identifier, ...],
    Query(alias="claim", max_length=MAX_CLAIMS, description="Only what brought this claim; may be given again."),
]
FirstVersion = Annotated[
    int | None, Query(ge=1, le=MAX_POSITION, description="Only what this version or a later one committed.")
]
LastVersion = Annotated[
    int | None, Query(ge=1, le=MAX_POSITION, description="Only what this version or an earlier one committed.")
]


class UndoRequest(Body):
    """What to take back."""

    n: Annotated[int, Field(ge=1, le=MAX_STEPS)] = 1
    """How many of the last changes."""
    version: Annotated[int, Field(ge=0, le=MAX_POSITION)] | None = None
    """Or the one change that made this version; then `n` is 1."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"n": 1}]})


class RedoRequest(Body):
    """What to bring back."""

    n: Annotated[int, Field(ge=1, le=MAX_STEPS)] = 1
    """How many of the last undos."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"n": 1}]})


class RewindRequest(Body):
    """Where to go back to."""

    version: Annotated[int, Field(ge=0, le=MAX_POSITION)]
    """The version; 0 is the empty memory."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 0}]})


@router.get("/history", responses=described(404))
def history(
    *,
    memory: Remembers,
    caller: Reader,
    user: User,
    path: Annotated[
        str | None, Query(max_length=256, description="Only of this slot or branch.", examples=["home.city"])
    ] = None,
    claims: Claims = (),
    first_version: FirstVersion = None,
    last_version: LastVersion = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Page[LedgerEntry]:
    """Every operation that was committed, oldest first; with `path`, how one slot or branch changed."""
    found = memory.history(
        user,
        path,
        claims=claims or None,
        first_version=first_version,
        last_version=last_version,
        after=place_of(cursor),
        limit=limit + 1,
        tenant=caller.tenant,
    )
    return page_until(found, limit=limit, place=lambda entry: entry.seq)


@router.get("/versions")
def versions(
    *,
    memory: Remembers,
    caller: Reader,
    user: User,
    before: Annotated[int | None, Query(ge=1, le=MAX_POSITION, description="Only versions below this one.")] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Page[Commit]:
    """The commits, newest first: who made each version, when, and what it takes back."""
    found = memory.versions(user, limit + 1, before=place_of(cursor) or before, tenant=caller.tenant)
    return page_until(found, limit=limit, place=lambda commit: commit.version)


@router.get("/diff", responses=described(404))
def diff(
    memory: Remembers,
    caller: Reader,
    user: User,
    v1: Annotated[int, Query(ge=0, le=MAX_POSITION, description="The version before; 0 is the empty memory.")],
    v2: Annotated[int | None, Query(ge=0, le=MAX_POSITION, description="The version after; by default now.")] = None,
) -> Change:
    """What became current and what ceased to be between two versions."""
    return memory.diff(user, v1, v2, tenant=caller.tenant)


@router.post("/undo", responses=_CHANGES)
def undo(
    memory: Remembers, caller: Writer, user: User, body: UndoRequest | None = None, if_match: IfMatch = None
) -> Reversal:
    """Take back the last changes, or the one that made a version; all or nothing. History is not rewritten.

    Send `If-Match`: repeated after a timeout, the request then does nothing, and does not take back one change more.
    """
    asked, expected = body or UndoRequest(), expected_by(if_match)
    with on_condition(expected):
        return memory.undo(user, asked.n, version=asked.version, expected_version=expected, tenant=caller.tenant)


@router.post("/redo", responses=_CHANGES)
def redo(
    memory: Remembers, caller: Writer, user: User, body: RedoRequest | None = None, if_match: IfMatch = None
) -> Reversal:
    """Bring back what the last undos took, as long as nothing else was changed since."""
    asked, expected = body or RedoRequest(), expected_by(if_match)
    with on_condition(expected):
        return memory.redo(user, asked.n, expected_version=expected, tenant=caller.tenant)


@router.post("/rewind", responses=_CHANGES)
def rewind(memory: Remembers, caller: Writer, user: User, body: RewindRequest, if_match: IfMatch = None) -> Reversal:
    """Make the tree what it was at a version, by one new version, which `undo` takes back."""
    expected = expected_by(if_match)
    with on_condition(expected):
        return memory.rewind(user, body.version, expected_version=expected, tenant=caller.tenant)
