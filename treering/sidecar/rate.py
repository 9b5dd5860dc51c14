"""How often a credential may call."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from treering.errors import TooManyRequests


class Rate:
    """Counts the requests of each credential in the last minute. Each process counts its own.

    Args:
        a_minute: How many are allowed; none: any number.

    Example:
        >>> Rate(None).count("key")
    """

    def __init__(self, a_minute: int | None) -> None:
        self._allowed = None if a_minute is None else RateLimitItemPerMinute(a_minute)
        self._limiter = None if a_minute is None else MovingWindowRateLimiter(MemoryStorage())

    def count(self, credential: str) -> None:
        """Count one request.

        Raises:
            TooManyRequests: It is one too many, and is not counted.
        """
        if self._allowed is None or self._limiter is None or self._limiter.hit(self._allowed, credential):
            return
        ends_at = self._limiter.get_window_stats(self._allowed, credential).reset_time
        raise TooManyRequests(max(1, math.ceil(ends_at - time.time())))
