"""The persona tree: what is known of a person now, then, and as far as it was known then."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from treering.schemas.claims import SELF
from treering.schemas.trunk import Trunk
from treering.schemas.value import Instant, Value
from treering.schemas.views import SubjectView, TreeView
from treering.sidecar.access import Admin, Reader, User
from treering.sidecar.conditions import IfNoneMatch, etag_of, is_known
from treering.sidecar.problems import described
from treering.sidecar.routes import Remembers
from treering.sidecar.routes.paging import MAX_POSITION, PAGE, Cursor, Limit, Page, name_of, page_of, page_until

NOT_MODIFIED = 304

router = APIRouter(prefix="/v1", tags=["tree"], responses=described())


class Person(Value):
    """Somebody of whom something is stored."""

    user: str
    """The person, as the application calls them."""


@router.get(
    "/tree",
    response_model=TreeView,
    responses={
        **described(NOT_MODIFIED, 404),
        200: {
            "description": "The tree.",
            "headers": {"ETag": {"description": "For If-None-Match and If-Match.", "schema": {"type": "string"}}},
        },
    },
)
def tree(
    *,
    memory: Remembers,
    caller: Reader,
    user: User,
    subject: Annotated[str, Query(description="Whose tree: `self`, `agent:<name>` or `person:<name>`.")] = SELF,
    as_of: Annotated[
        Instant | None, Query(description="The moment in the person's life; by default `known_at`, or now.")
    ] = None,
    known_at: Annotated[Instant | None, Query(description="Only what was known by then counts.")] = None,
    version: Annotated[
        int | None, Query(ge=0, le=MAX_POSITION, description="Likewise, by the number of a version.")
    ] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """What is known of somebody: filled slots with their current claims. An unknown person has an empty tree."""
    found = memory.tree(user, subject=subject, as_of=as_of, known_at=known_at, version=version, tenant=caller.tenant)
    headers = {"ETag": etag_of(found), "Cache-Control": "private, no-cache"}
    if is_known(headers["ETag"], if_none_match):
        return Response(status_code=NOT_MODIFIED, headers=headers)
    return Response(found.model_dump_json(), headers=headers, media_type="application/json")


@router.get("/subjects")
def subjects(
    memory: Remembers, caller: Reader, user: User, cursor: Cursor = None, limit: Limit = PAGE
) -> Page[SubjectView]:
    """Everybody who has claims in a person's memory: the person first, then agents and people by name."""
    return page_of(memory.subjects(user, tenant=caller.tenant), limit=limit, cursor=cursor)


@router.get("/trunk", responses=described(404))
def trunk(
    memory: Remembers,
    caller: Reader,
    label: Annotated[
        str | None,
        Query(
            max_length=256,
            description="`name/version`, or a name for its latest version; by default the one in use.",
            examples=["core/1"],
        ),
    ] = None,
) -> Trunk:
    """A trunk: the branches and slots that trees have."""
    del caller
    return memory.trunk(label)


@router.get("/people")
def people(
    memory: Remembers,
    caller: Admin,
    search: Annotated[
        str | None, Query(max_length=256, description="Only those in whose name this stands, in capitals or not.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Page[Person]:
    """The people of the tenant of whom something is stored, sorted."""
    found = memory.people(search=search, after=name_of(cursor), limit=limit + 1, tenant=caller.tenant)
    return page_until([Person(user=one) for one in found], limit=limit, place=lambda one: one.user)
