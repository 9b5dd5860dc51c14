"""Whether everything that a request needs answers: by name, in bounded time, without a word about where it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from pydantic import Field

from treering.schemas.value import Value

TIMEOUT_S = 2.0
"""For how long dependencies are waited for together, in seconds; a probe of Kubernetes should wait longer."""


class Dependency(Value):
    """What a request needs."""

    name: str
    """`store`, `broker` or `vectors`."""
    is_ready: bool
    """Whether it answered."""
    took_ms: Annotated[float, Field(ge=0)]
    """Milliseconds until it did, or was not waited for any longer."""
    why: str | None = None
    """The kind of error, where it did not answer. Its words are in no answer, because they may name places."""


class Readiness(Value):
    """Whether requests can be served."""

    status: Literal["ready", "unready"]
    """Ready where all dependencies are."""
    dependencies: tuple[Dependency, ...]
    """Each of them, by name."""


class Readying:
    """Asks all dependencies at once.

    One that hangs keeps a thread of its own, and is not asked again before that has come back.

    Args:
        probes: By name, what raises where a dependency does not answer.
        timeout_s: How long to wait for all of them.
    """

    def __init__(self, probes: Mapping[str, Callable[[], object]], *, timeout_s: float = TIMEOUT_S) -> None:
        self._probes = probes
        self._timeout_s = timeout_s
        self._hanging: dict[str, _Asking] = {}
        self._lock = threading.Lock()

    def check(self) -> Readiness:
        """How it is now."""
        with self._lock:
            asked = {name: self._asking(name) for name in sorted(self._probes)}
        end = time.monotonic() + self._timeout_s
        found = tuple(asking.told(name, end - time.monotonic()) for name, asking in asked.items())
        return Readiness(status="ready" if all(one.is_ready for one in found) else "unready", dependencies=found)

    def _asking(self, name: str) -> _Asking:
        """What asks a dependency: the one that hangs still, or a new one."""
        hanging = self._hanging.get(name)
        if hanging is None or hanging.is_over:
            hanging = self._hanging[name] = _Asking(self._probes[name])
        return hanging


class _Asking:
    """One question to one dependency, in a thread that nobody has to wait for."""

    def __init__(self, probe: Callable[[], object]) -> None:
        self._probe = probe
        self._began_at = time.monotonic()
        self._ended_at = self._began_at
        self._why: str | None = None
        self._over = threading.Event()
        threading.Thread(target=self._ask, name="treering-probe", daemon=True).start()

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def told(self, name: str, patience_s: float) -> Dependency:
        is_over = self._over.wait(max(0.0, patience_s))
        took_ms = 1000 * ((self._ended_at if is_over else time.monotonic()) - self._began_at)
        why = self._why if is_over else "Timeout"
        return Dependency(name=name, is_ready=why is None, took_ms=round(took_ms, 1), why=why)

    def _ask(self) -> None:
        try:
            self._probe()
        except Exception as error:  # noqa: BLE001 - whatever a client raises: it does not answer
            self._why = type(error).__name__
        self._ended_at = time.monotonic()
        self._over.set()
