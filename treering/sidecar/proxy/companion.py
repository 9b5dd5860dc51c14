"""The memory beside a chat: what it recalls for a request, in bounded time, and what it remembers of the turn."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from anyio import move_on_after
from anyio.to_thread import run_sync

from treering.client.memory import Memory
from treering.errors import TreeringError
from treering.memory.clock import SystemClock
from treering.memory.ports import Clock
from treering.memory.prompts.fence import fenced
from treering.schemas.dialogue import Message, Scope
from treering.sidecar.proxy.conversation import (
    has_answer,
    ids_in,
    nearest,
    new_in,
    opening_of,
    said_in,
    session_on,
    with_id,
    with_memory,
)
from treering.telemetry.logs import about

RECALL_TIMEOUT_S = 2.0
"""Longest wait for memory, in seconds: a person who waits for an answer would rather have one without."""

MAX_RECALLS = 16
"""Recalls at once. One that takes too long keeps its thread until it ends; beyond these, chats go on without memory."""

_LOOKED_BACK = 64
"""Turns of a session among which those of a request are looked for, at least."""

_CANDIDATES = 8
"""Sessions with the same opening that are compared, the last ones."""

Found = Literal["recalled", "empty", "skipped", "off"]
"""What became of memory in a request, as the header of the answer says it."""

_Known = Mapping[str, tuple[str, str]]
"""Role and words, by id."""

_log = logging.getLogger("treering.sidecar.proxy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A request of a person."""

    scope: Scope
    session: str | None
    """As the client names it, if it does."""
    messages: list[object]
    """As they came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What goes to the model."""

    messages: list[object]
    found: Found
    recall_ms: float = 0.0
    """What recalling took, without the search for the conversation."""


class Busy(TreeringError):
    """As many recalls as there may be have not come back."""


class Companion:
    """Recalls and remembers.

    Args:
        memory: Whose.
        clock: Says which day it is.
        timeout_s: How long recalling may take.
    """

    def __init__(self, memory: Memory, *, clock: Clock | None = None, timeout_s: float = RECALL_TIMEOUT_S) -> None:
        self._memory = memory
        self._clock = clock or SystemClock()
        self._timeout_s = timeout_s
        self._recalls = threading.BoundedSemaphore(MAX_RECALLS)

    async def prompt(self, turn: Turn) -> Prompt:
        """The messages of a turn with memory in them, or as they are where it fails or takes too long."""
        with about(turn.scope.tenant, turn.scope.user), move_on_after(self._timeout_s):
            try:
                context, took_ms = await run_sync(partial(self._recall, turn), abandon_on_cancel=True)
            except Exception as error:  # noqa: BLE001 - whatever ails the memory, the person gets an answer
                _warn("recall failed, the model answers without memory", error)
                return Prompt(messages=turn.messages, found="skipped")
            if not context:
                return Prompt(messages=turn.messages, found="empty", recall_ms=took_ms)
            return Prompt(messages=with_memory(turn.messages, fenced(context)), found="recalled", recall_ms=took_ms)
        _log.warning("recall took longer than %.1f s, the model answers without memory", self._timeout_s)
        return Prompt(messages=turn.messages, found="skipped")

    def remember(self, turn: Turn, answer: str | None) -> None:
        """Store a turn and its answer, if one came to its end. It was given by now, so a failure is only logged."""
        with about(turn.scope.tenant, turn.scope.user):
            try:
                self._remember(turn, answer)
            except Exception as error:  # noqa: BLE001 - nobody is left to tell
                _warn("the turn could not be remembered", error)

    def _recall(self, turn: Turn) -> tuple[str, float]:
        messages = said_in(turn.messages)
        question = next((one.content for one in reversed(messages) if one.role == "user"), None)
        if question is None:
            return "", 0.0
        if not self._recalls.acquire(blocking=False):
            raise Busy("too many recalls take too long")
        try:
            session, known = self._place(turn, messages)
            ids = ids_in(session, messages)
            # The model reads the conversation anyway; a client that sends its end alone gives it other ids.
            words = {(one.role, one.content) for one in messages}
            seen = [name for name, said in known.items() if said in words]
            user, tenant = turn.scope.user, turn.scope.tenant
            began = time.perf_counter()
            context = self._memory.recall(user, question, exclude=[*ids, *seen], tenant=tenant).context
            return context, 1_000 * (time.perf_counter() - began)
        finally:
            self._recalls.release()

    def _remember(self, turn: Turn, answer: str | None) -> None:
        messages = said_in(turn.messages)
        if not any(one.role == "user" for one in messages):
            return  # nobody said what the model answered
        session, known = self._place(turn, messages)
        new = new_in(messages, ids_in(session, messages), known.keys())
        last = said_in([{"role": "assistant", "content": answer}])
        new += [with_id(one, ids_in(session, [*messages, one])[-1]) for one in last]
        if new:
            self._memory.remember(turn.scope.user, new, session=session, tenant=turn.scope.tenant)

    def _place(self, turn: Turn, messages: list[Message]) -> tuple[str, _Known]:
        """The session of a turn in which the person said something, and what was said in it."""
        session = turn.session
        if session is None:
            opening = opening_of(messages)
            opened: dict[str, _Known] = {}
            if has_answer(turn.messages):
                sessions = self._memory.sessions(turn.scope.user, tenant=turn.scope.tenant)
                names = [session.id for session in sessions if session.id.startswith(opening)]
                opened = {name: self._known(turn.scope, name, len(messages)) for name in names[-_CANDIDATES:]}
            session = nearest(messages, {name: known.keys() for name, known in opened.items()})
            if session is not None:
                return session, opened[session]
            session = session_on(opening, self._clock.now())
        return session, self._known(turn.scope, session, len(messages))

    def _known(self, scope: Scope, session: str, count: int) -> _Known:
        """What was said lately in a session, by id."""
        last = max(_LOOKED_BACK, 2 * count)
        turns = self._memory.turns(scope.user, session=session, last=last, tenant=scope.tenant)
        return {turn.message_id: (turn.role, turn.content) for turn in turns}


def _warn(event: str, error: Exception) -> None:
    _log.warning("%s: %s", event, type(error).__name__)  # its words may quote what the person said
