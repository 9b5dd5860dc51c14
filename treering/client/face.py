"""What every part of the SDK stands on: an engine, and a nudge for whoever works in the background."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from treering.client.agentic import Agentic
    from treering.client.memory import Memory
    from treering.client.remote.memory import RemoteMemory
    from treering.memory.engine import Engine

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Face(ABC):
    """A part of `Memory`: one file a subject, put together by inheritance."""

    _engine: Engine
    agentic: Agentic

    @abstractmethod
    def _work(self) -> None:
        """Wake the background thread: there may be a job."""


class AsyncFace:
    """The same part of `AsyncMemory`; each method runs its namesake in a worker thread."""

    memory: Memory | RemoteMemory


async def in_thread(call: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Run a call where it does not block the event loop."""
    from anyio import to_thread  # noqa: PLC0415 - a program without an event loop does without

    return await to_thread.run_sync(partial(call, *args, **kwargs))
