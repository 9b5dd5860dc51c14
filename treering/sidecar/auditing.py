"""Writes down who did what: one entry for each request about a memory, after its answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qs

from anyio import CancelScope, to_thread
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from treering.client.memory import Memory
from treering.errors import TreeringError
from treering.schemas.access import AuditEntry
from treering.sidecar.access import Principal
from treering.sidecar.headers import USER_HEADER
from treering.telemetry.logs import hashed

PERSON = "person"
"""Where a route that finds the person elsewhere puts them in its scope."""

DONE = "done"
"""Where a route that does different things puts in its scope which one it was, in words of ours."""

_log = logging.getLogger("treering.sidecar")


class Auditing:
    """Wraps an application.

    An entry names the credential, the route, a keyed hash of the person, and what came of it; no path, no query and no
    words. A request without a good credential is of no tenant, so it stands in the server's log alone. Entries that
    come while others are written share the next transaction.

    Args:
        app: The application.
        memory: Keeps the entries.
    """

    def __init__(self, app: ASGIApp, memory: Memory) -> None:
        self._app = app
        self._memory = memory
        self._waiting: list[AuditEntry] = []
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, and write it down."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            principal = scope.get("principal")
            if isinstance(principal, Principal):
                with CancelScope(shield=True):  # whoever hangs up is written down too
                    await self._keep(entry_of(scope, principal, status))

    async def _keep(self, entry: AuditEntry) -> None:
        """Write an entry, unless another request has written it along with its own meanwhile."""
        batch = self._waiting
        batch.append(entry)
        async with self._turn:
            if batch is self._waiting:
                self._waiting = []
                await to_thread.run_sync(self._write, batch)

    def _write(self, entries: Sequence[AuditEntry]) -> None:
        try:
            self._memory.add_audit(*entries)
        except TreeringError as error:  # the answers are out, and stay good
            for entry in entries:
                _log.error("request %s is not in the audit log: %s", entry.request_id, type(error).__name__)


def entry_of(scope: Scope, principal: Principal, status: int) -> AuditEntry:
    """What is written of a request."""
    user = _user(scope)
    action = [scope["method"], getattr(scope.get("route"), "path", "(no route)"), scope.get(DONE, "")]
    return AuditEntry(
        at=datetime.now(UTC),
        tenant=principal.tenant,
        credential=principal.credential[:256],
        action=" ".join(action).strip()[:256],
        person=None if user is None else hashed(principal.tenant, user),
        status=status,
        request_id=str(scope.get("request_id", "")),
    )


def _user(scope: Scope) -> str | None:
    """Whom a request is about: whom its route found, or the last of several in the query, which routes take."""
    person = scope.get(PERSON)
    if isinstance(person, str):
        return person
    query: str = scope["query_string"].decode("latin-1")
    found = parse_qs(query).get("user")
    if found:
        return found[-1]
    header = Headers(scope=scope).get(USER_HEADER)
    return None if not header else header.encode("latin-1").decode("utf-8", "replace")
