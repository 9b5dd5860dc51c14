"""How often, and after how long, a request is sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import httpx2
from tenacity import RetryCallState, Retrying, retry_if_exception, retry_if_result, stop_after_attempt
from tenacity.wait import wait_random_exponential

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_PAUSE_S = 0.5
"""The first pause at most, in seconds; each next one may be twice as long. How long it is, is left to chance: so that
clients that failed together do not come back together."""

LONGEST_PAUSE_S = 10.0
"""Longest pause, in seconds. A server that asks for more is not waited for."""

NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
"""Failures before the server saw anything of a request."""

NOT_BEGUN = 429
"""The status of a request that was counted, and refused before anything was done."""

NOT_NOW = (NOT_BEGUN, 503)
"""Statuses of what may be asked again later."""


class Asking(Protocol):
    """Sends a request once."""

    def __call__(self) -> httpx2.Response:
        """The answer, whatever its status."""
        ...


class Patience:
    """Sends requests again.

    Args:
        retries: How often at most.
        sleep: Waits between two attempts.
    """

    def __init__(self, retries: int, sleep: Callable[[float], None]) -> None:
        self._stop = stop_after_attempt(1 + retries)
        self._sleep = sleep

    def ask(self, ask: Asking, *, is_repeatable: bool) -> httpx2.Response:
        """The answer to a request, of the last attempt if none was good.

        Args:
            ask: Sends it once.
            is_repeatable: Whether it does no harm if it is done twice. If it does, it is sent again only where the
                server has not begun it.

        Raises:
            TransportError: No attempt was answered.
        """
        failures = httpx2.TransportError if is_repeatable else NOT_SENT
        statuses = NOT_NOW if is_repeatable else (NOT_BEGUN,)
        retrying = Retrying(
            sleep=self._sleep,
            stop=self._stop,
            wait=_pause,
            retry=retry_if_exception(lambda error: isinstance(error, failures))
            | retry_if_result(lambda answer: answer.status_code in statuses and asked_pause(answer) <= LONGEST_PAUSE_S),
            retry_error_callback=_last,
        )
        return retrying(ask)


def asked_pause(answer: httpx2.Response) -> float:
    """Seconds that the server asks to wait; 0 where it says nothing."""
    asked = answer.headers.get("Retry-After", "")
    return float(asked) if asked.isascii() and asked.isdecimal() else 0.0


_backoff = wait_random_exponential(multiplier=FIRST_PAUSE_S, max=LONGEST_PAUSE_S)


def _pause(state: RetryCallState) -> float:
    asked = 0.0
    if state.outcome is not None and not state.outcome.failed:
        asked = asked_pause(state.outcome.result())
    return max(asked, _backoff(state))


def _last(state: RetryCallState) -> httpx2.Response:
    assert state.outcome is not None  # noqa: S101 - it has been tried
    answer: httpx2.Response = state.outcome.result()
    return answer
