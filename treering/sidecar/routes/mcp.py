"""`POST /mcp`: the memory of one person for models of other programs, see treering.sidecar.mcp."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Never

import anyio
from anyio import to_thread
from anyio.abc import TaskGroup, TaskStatus
from fastapi import APIRouter, FastAPI, Header, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from treering.client.intake import as_scope, as_session
from treering.errors import InvalidInput, MissingExtra
from treering.sidecar.access import Reader
from treering.sidecar.auditing import DONE
from treering.sidecar.headers import SESSION_HEADER, USER_HEADER, utf8_in
from treering.sidecar.mcp.person import Person
from treering.sidecar.routes import Remembers

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

router = APIRouter(tags=["mcp"])


@router.post("/mcp", include_in_schema=False)  # its document is the protocol's own: tools/list
async def answer_mcp(
    request: Request,
    caller: Reader,
    memory: Remembers,
    user: Annotated[str, Header(alias=USER_HEADER, min_length=1)],
    session: Annotated[str | None, Header(alias=SESSION_HEADER)] = None,
) -> Response:
    """Answer a message of the Model Context Protocol. The tenant is the credential's, the person the application's."""
    if "user" in request.query_params:  # elsewhere it names the person; here the audit log would name another one
        raise InvalidInput("user", f"stands in the query; name the person in the header {USER_HEADER} alone")
    scope = as_scope(utf8_in(USER_HEADER, user), caller.tenant, "mcp")
    person = Person(
        memory=memory,
        tenant=scope.tenant,
        user=scope.user,
        session=None if session is None else as_session(utf8_in(SESSION_HEADER, session)),
        may_write=caller.may("write"),
        note=partial(request.scope.__setitem__, DONE),
    )
    door: Door = request.app.state.mcp
    return _HandedOver(await door.open(), person)


class Door:
    """Has requests answered by the SDK of the protocol, which is imported for the first of them.

    Args:
        group: Where what answers runs; it ends with the group.
        hosts: Names of this server, see `make_manager`.
    """

    def __init__(self, group: TaskGroup, hosts: str | None) -> None:
        self._group = group
        self._hosts = hosts
        self._lock = anyio.Lock()
        self._answers: ASGIApp | None = None

    async def open(self) -> ASGIApp:
        """What answers.

        Raises:
            MissingExtra: The SDK is not installed.
        """
        async with self._lock:
            if self._answers is None:
                self._answers = await self._group.start(self._run)
            return self._answers

    async def _run(self, *, task_status: TaskStatus[ASGIApp]) -> Never:
        manager = await to_thread.run_sync(_manager, self._hosts)
        async with manager.run():
            task_status.started(manager.handle_request)
            await anyio.sleep_forever()
        raise AssertionError  # it sleeps until it is cancelled


@asynccontextmanager
async def open_door(app: FastAPI) -> AsyncIterator[None]:
    """While it is open, `/mcp` answers."""
    async with anyio.create_task_group() as group:
        app.state.mcp = Door(group, app.state.memory.settings.mcp_hosts)
        yield
        group.cancel_scope.cancel()


class _HandedOver(Response):
    """A response that another application gives."""

    def __init__(self, answers: ASGIApp, person: Person) -> None:
        super().__init__()
        self._answers = answers
        self._person = person

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from treering.sidecar.mcp.http import PERSON  # noqa: PLC0415 - an extra, imported by now

        await self._answers({**scope, PERSON: self._person}, receive, send)


def _manager(hosts: str | None) -> StreamableHTTPSessionManager:
    try:
        from treering.sidecar.mcp.http import make_manager  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise MissingExtra("/mcp", "mcp", because=error) from error
    return make_manager(hosts)
