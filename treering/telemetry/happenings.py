"""What happened, told to whoever counts it by those who know nothing of counting; no words and no names of people."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = logging.getLogger("treering.telemetry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """A question was answered."""

    mode: str
    """How: `tree`, `hybrid` or `agentic`; `part` for one search of an agentic recall."""
    seconds: float
    """What it took."""
    stages: Mapping[str, float]
    """Of these, the seconds of each stage."""
    lines: Mapping[str, int]
    """Lines of the context, by kind; none where nothing was found."""
    tokens: int
    """What the context costs."""
    found_by: Mapping[str, int]
    """Of the lines, how many each list found; a line may be found by several."""
    is_degraded: bool
    """Whether something could not be asked, e.g. an index that is down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """Messages were stored."""

    turns: int
    """How many were new."""
    known: int
    """How many were stored before."""
    seconds: float
    """What it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEnded:
    """A stage of listening is over."""

    stage: str
    """Which, as traces call it."""
    seconds: float
    """What it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """Texts were embedded."""

    texts: int
    """How many."""
    seconds: float
    """What it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAsked:
    """A chat model was to be asked."""

    model: str
    """Its name."""
    outcome: str
    """`answered`, `cut` (the answer ended before its end), `failed`, or `deferred`: it might not be asked now."""
    seconds: float
    """What it took."""
    tokens_in: int = 0
    """Tokens sent, as the provider counts them."""
    tokens_out: int = 0
    """Tokens that came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFailed:
    """A call of the memory ended with an error."""

    call: str
    """`recall` or `remember`."""
    error: str
    """The class of the error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamAsked:
    """The upstream of the proxy began to answer, or did not."""

    outcome: str
    """`answered`, `refused` (a status from 400 up), or why there was no answer: `timeout`, `unreachable`."""
    seconds: float
    """Until the first byte of the answer, or until it was given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCalled:
    """A client of MCP called a tool."""

    tool: str
    """One of ours."""
    is_error: bool
    """Whether the answer says that it was not done."""
    seconds: float
    """What it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A call that has a name came again, and was answered from what it had done."""

    call: str
    """`add`, `confirm`, `correct` or `reject`."""


Happening: TypeAlias = (
    Recalled | Remembered | StageEnded | Embedded | ModelAsked | CallFailed | UpstreamAsked | ToolCalled | Replayed
)

Hear = Callable[[Happening], None]
"""Called in the thread where it happened; whoever asked waits for it."""


class Happenings:
    """Where it is told. Those who tell look at `is_heard` first where telling costs something.

    Example:
        >>> happenings, heard = Happenings(), []
        >>> happenings.hear(heard.append)
        >>> happenings.tell(Remembered(turns=1, known=0, seconds=0.002))
        >>> heard
        [Remembered(turns=1, known=0, seconds=0.002)]
    """

    def __init__(self) -> None:
        self._heard_by: tuple[Hear, ...] = ()

    @property
    def is_heard(self) -> bool:
        """Whether anybody wants to know."""
        return bool(self._heard_by)

    def hear(self, hear: Hear) -> None:
        """Be told from now on."""
        self._heard_by = (*self._heard_by, hear)

    def tell(self, happened: Happening) -> None:
        """Tell all. Who only counts must not break what is counted, so errors of theirs are logged."""
        for hear in self._heard_by:
            try:
                hear(happened)
            except Exception as error:  # noqa: BLE001 - see above
                _log.warning("%s could not be counted: %s", type(happened).__name__, type(error).__name__)

    @contextmanager
    def watching(self, call: str) -> Iterator[None]:
        """Tell of an error that leaves the block."""
        try:
            yield
        except Exception as error:
            self.tell(CallFailed(call=call, error=type(error).__name__))
            raise
