"""What was said: storing it, reading it, and having it listened to."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from treering.client.memory import Memory
from treering.client.retraction import MAX_TURNS
from treering.schemas.consolidation import Consolidation
from treering.schemas.dialogue import DEFAULT_SESSION, Message, Receipt, Session, Turn
from treering.schemas.value import Identifier, Value
from treering.sidecar.access import Reader, User, Writer
from treering.sidecar.idempotency import IdempotencyKey, named, once
from treering.sidecar.problems import described
from treering.sidecar.routes import Remembers
from treering.sidecar.routes.bodies import Body
from treering.sidecar.routes.paging import PAGE, Cursor, Limit, Page, page_of, page_until, place_of

MAX_MESSAGES = 1_000
"""Most messages of one request."""

DEFAULT_WAIT_S = 10.0
"""For how long `flush` waits where nobody says, in seconds."""

MAX_WAIT_S = 60.0
"""Longest wait of `flush`, in seconds: proxies give up on requests that take longer."""

FLUSHES = 4
"""Requests that may work at once in `flush`, in a process; more of them only wait."""

POLL_S = 0.1
"""Seconds between two looks at what others work on."""

_working = threading.BoundedSemaphore(FLUSHES)

router = APIRouter(prefix="/v1", tags=["messages"], responses=described())


class Said(Body):
    """Messages of one conversation."""

    messages: Annotated[tuple[Message, ...], Field(min_length=1, max_length=MAX_MESSAGES)]
    """In the order in which they were said. All of them are stored, or none."""
    session: Identifier = DEFAULT_SESSION
    """The conversation. The first turn of a new one ends the others."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "messages": [
                        {"role": "user", "content": "I moved to Lisbon last week.", "id": "m1"},
                        {"role": "assistant", "content": "How do you like it?", "id": "m2"},
                    ],
                    "session": "2024-03-01",
                }
            ]
        }
    )


class SessionEnd(Body):
    """Which conversation is over."""

    session: Identifier | None = None
    """The conversation; without it, all of them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"session": "2024-03-01"}]})


class SessionEnded(Value):
    """That no more turns are expected."""

    session: Identifier | None = None
    """The conversation; null: all of them."""


class Flush(Body):
    """How long to wait."""

    wait_s: Annotated[float, Field(gt=0, le=MAX_WAIT_S, allow_inf_nan=False)] = DEFAULT_WAIT_S
    """Seconds to wait at most."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"wait_s": 5}]})


class Flushed(Value):
    """How far listening and indexing are."""

    is_done: bool
    """Whether everything that was due is done."""
    left: Annotated[int, Field(ge=0)]
    """Jobs that are left: those at hand, and those that are tried again later."""


class ConsolidationRequest(Body):
    """What to do with what consolidation finds."""

    dry_run: bool = False
    """Only say what would be done."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"dry_run": True}]})


@router.post("/messages", responses=described(409))
def remember(
    memory: Remembers, caller: Writer, user: User, body: Said, idempotency_key: IdempotencyKey = None
) -> Receipt:
    """Store what was said. When the receipt is there, it survives any crash; it is listened to soon.

    A message with an `id` is stored once, however often it is sent. Send ids, so that a request can be repeated; or
    an `Idempotency-Key`, by which messages without an id get one.
    """
    messages = named(body.messages, once(caller, idempotency_key))
    return memory.remember(user, messages, session=body.session, tenant=caller.tenant)


@router.get("/messages", responses=described(404))
def messages(
    *,
    memory: Remembers,
    caller: Reader,
    user: User,
    session: Annotated[str | None, Query(description="Only this conversation.")] = None,
    last: Annotated[int | None, Query(ge=1, le=MAX_TURNS, description="Only the last so many, in order.")] = None,
    around: Annotated[
        Identifier | None, Query(description="What was said before and after this message in its conversation.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Page[Turn]:
    """What was said, oldest first. A message that was taken back or forgotten has no words.

    With `around`, the first page has the message in its middle, and the next ones go on to the end of the conversation.
    """
    after = place_of(cursor)
    if around is not None and last is None and after:  # its first page is read
        session, around = memory.turns(user, around=around, last=1, tenant=caller.tenant)[0].session, None
    if around is not None or last is not None:
        chosen = memory.turns(user, session=session, last=last or limit + 1, around=around, tenant=caller.tenant)
        found = [turn for turn in chosen if turn.seq > after]
    else:
        found = memory.turns(user, session=session, after=after, last=limit + 1, tenant=caller.tenant)
    return page_until(found, limit=limit, place=lambda turn: turn.seq)


@router.get("/sessions")
def sessions(
    memory: Remembers, caller: Reader, user: User, cursor: Cursor = None, limit: Limit = PAGE
) -> Page[Session]:
    """The conversations, in order of their first turn."""
    return page_of(memory.sessions(user, tenant=caller.tenant), limit=limit, cursor=cursor)


@router.post("/sessions/end")
def end_session(memory: Remembers, caller: Writer, user: User, body: SessionEnd | None = None) -> SessionEnded:
    """Expect no more turns, so that the last of them are listened to and the conversation is summarised."""
    session = None if body is None else body.session
    memory.end_session(user, session, tenant=caller.tenant)
    return SessionEnded(session=session)


@router.post("/flush")
def flush(memory: Remembers, caller: Writer, user: User, body: Flush | None = None) -> Flushed:
    """Wait until everything that is due was listened to and indexed, but not longer than `wait_s`.

    For tests and demonstrations: `recall` knows turns from the moment they are stored.
    """
    wait_s = (body or Flush()).wait_s
    until = time.monotonic() + wait_s
    done: Future[bool] = Future()

    def work() -> None:
        try:
            done.set_result(_drain(memory, user, caller.tenant, until))
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            done.set_exception(error)

    threading.Thread(target=work, name="treering-flush", daemon=True).start()
    try:
        is_done = done.result(wait_s)
    except TimeoutError:
        is_done = False  # the thread ends the job at hand
    return Flushed(is_done=is_done, left=memory.drain(user, limit=0, tenant=caller.tenant).left)


@router.post("/consolidate")
def consolidate(
    memory: Remembers, caller: Writer, user: User, body: ConsolidationRequest | None = None
) -> Consolidation:
    """Compare the claims of many conversations now. The end of a conversation does so by itself, in the background."""
    dry_run = False if body is None else body.dry_run
    return memory.consolidate(user, dry_run=dry_run, tenant=caller.tenant)


def _drain(memory: Memory, user: str, tenant: str, until: float) -> bool:
    """Work, or wait for those who do, until nothing is due (True) or it is too late."""
    if not _working.acquire(timeout=max(0.0, until - time.monotonic())):
        return False
    try:
        while time.monotonic() < until:
            told = memory.drain(user, limit=1, tenant=tenant)
            if told.is_idle:
                return True
            if not told.outcomes:
                time.sleep(POLL_S)
        return False
    finally:
        _working.release()
