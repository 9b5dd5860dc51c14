"""Reading back: what goes into a prompt, at once or as it comes, and search in what was said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal, TypedDict, cast

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import ConfigDict, Field

from treering.client.asynchronous import AsyncMemory
from treering.client.recollection import SEARCH_LIMIT
from treering.errors import TreeringError
from treering.schemas.dialogue import Scalar
from treering.schemas.recall import DEFAULT_BUDGET_TOKENS, Mode, Recall, SearchHit
from treering.schemas.value import Identifier, Instant, Value
from treering.sidecar.access import Reader, User
from treering.sidecar.problems import described, told_of
from treering.sidecar.routes import Remembers
from treering.sidecar.routes.bodies import Body
from treering.sidecar.routes.paging import MAX_PAGE, Page

MAX_QUERY_CHARS = 32_000
"""Longest question, in characters: a message to be answered may be long, a document is none."""

MAX_BUDGET_TOKENS = 1_000_000
"""Largest budget, in tokens."""

MAX_CONDITIONS = 32
"""Most names in `where`, and most values of a name."""

MAX_EXCLUDED = 1_000
"""Most messages that are left out."""

AT_ONCE_S = 1.0
"""Until then nothing is sent, in seconds, so that a question that cannot be asked has its own status."""

ALIVE_S = 10.0
"""Seconds between two signs of life while a stream has nothing to say: proxies close silent ones."""

EVENT_STREAM = "text/event-stream"

router = APIRouter(prefix="/v1", tags=["recall"], responses=described())

_Finite = Annotated[float, Field(allow_inf_nan=False)]
_Scalar = str | int | _Finite | bool | None
_Condition = _Scalar | Annotated[tuple[_Scalar, ...], Field(max_length=MAX_CONDITIONS)]
_Where = Annotated[dict[str, _Condition], Field(max_length=MAX_CONDITIONS)]
_Query = Annotated[str, Field(min_length=1, max_length=MAX_QUERY_CHARS)]


class _Options(TypedDict):
    """What `Memory.recall` takes by name, but for the tenant."""

    mode: Mode
    budget_tokens: int
    as_of: datetime | None
    known_at: datetime | None
    where: Mapping[str, Scalar | Sequence[Scalar]] | None
    exclude: Sequence[str]
    explain: bool


class RecallRequest(Body):
    """A question to a memory."""

    query: _Query
    """The question, or the message to be answered."""
    mode: Mode = "auto"
    """`tree` (claims only), `hybrid` (claims and turns), `agentic` (several searches), or `auto` to have it decided."""
    budget_tokens: Annotated[int, Field(ge=0, le=MAX_BUDGET_TOKENS)] = DEFAULT_BUDGET_TOKENS
    """What the context may cost."""
    as_of: Instant | None = None
    """The moment for which it should be true, with a time zone; without it `known_at`, or else now."""
    known_at: Instant | None = None
    """Only what was said and committed by then counts; without it everything."""
    where: _Where | None = None
    """Values that turns must have in their metadata, one or several a name; a claim must rest on such a turn."""
    exclude: Annotated[tuple[Identifier, ...], Field(max_length=MAX_EXCLUDED)] = ()
    """Messages that must not be read out, by id, e.g. the one to be answered."""
    explain: bool = False
    """Fill in how each line was found, and the timings."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"query": "Where should I take Ana for dinner?", "budget_tokens": 400}]}
    )

    @property
    def options(self) -> _Options:
        """What to hand to `Memory.recall`."""
        return {
            "mode": self.mode,
            "budget_tokens": self.budget_tokens,
            "as_of": self.as_of,
            "known_at": self.known_at,
            "where": cast("Mapping[str, Scalar | Sequence[Scalar]] | None", self.where),
            "exclude": self.exclude,
            "explain": self.explain,
        }


class SearchRequest(Body):
    """What to look for in what was said."""

    query: _Query
    """What is looked for, in words."""
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = SEARCH_LIMIT
    """Most turns."""
    since: Instant | None = None
    """Only turns said at or after this moment."""
    until: Instant | None = None
    """Only turns said before this moment."""
    where: _Where | None = None
    """Values that turns must have in their metadata, one or several a name."""
    explain: bool = False
    """Fill in how each turn was found."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"query": "What is the boat called?", "limit": 3}]})


@router.post("/recall")
def recall(memory: Remembers, caller: Reader, user: User, body: RecallRequest) -> Recall:
    """What matters now of all that is known, within a token budget: `context` is the text to put before a model."""
    return memory.recall(user, body.query, **body.options, tenant=caller.tenant)


@router.post(
    "/recall/stream",
    response_class=StreamingResponse,
    responses={200: {"description": "The events `decision`, `line` and `recall`.", "content": {EVENT_STREAM: {}}}},
)
async def stream_recall(memory: Remembers, caller: Reader, user: User, body: RecallRequest) -> StreamingResponse:
    """The same as server-sent events: `decision`, a `line` for each line, and at the end `recall` with all of it.

    An agentic recall takes its time: meanwhile the stream has comments as signs of life. A client that goes away ends
    it, and the call of a chat model with it. What fails after the first second is an event `problem`.
    """
    asked = AsyncMemory(memory).recall(user, body.query, **body.options, tenant=caller.tenant)
    asking = asyncio.ensure_future(asked)
    try:
        await asyncio.wait({asking}, timeout=AT_ONCE_S)
        if asking.done():
            asking.result()  # what cannot be asked is a problem, and no stream
    except BaseException:
        asking.cancel()
        raise
    return StreamingResponse(_events(asking), media_type=EVENT_STREAM, headers={"Cache-Control": "no-store"})


@router.post("/search")
def search(memory: Remembers, caller: Reader, user: User, body: SearchRequest) -> Page[SearchHit]:
    """The turns that answer a question best, best first, whether or not what they say is still so: one page."""
    found = memory.search(
        user,
        body.query,
        limit=body.limit,
        since=body.since,
        until=body.until,
        where=cast("Mapping[str, Scalar | Sequence[Scalar]] | None", body.where),
        explain=body.explain,
        tenant=caller.tenant,
    )
    return Page(items=found)


async def _events(asking: asyncio.Future[Recall]) -> AsyncIterator[str]:
    """What is sent while a recall is made, and when it is there."""
    try:
        while not asking.done():
            yield ": at work\n\n"
            await asyncio.wait({asking}, timeout=ALIVE_S)
        try:
            found = asking.result()
        except TreeringError as error:
            yield _event("problem", told_of(error))
            return
        yield _event("decision", found.decision)
        for line in found.lines:
            yield _event("line", line)
        yield _event("recall", found)
    finally:
        asking.cancel()


def _event(name: Literal["decision", "line", "recall", "problem"], value: Value) -> str:
    return f"event: {name}\ndata: {value.model_dump_json()}\n\n"
