"""Whether the broker answers."""

from __future__ import annotations

import math

from treering.errors import MissingExtra

try:
    from kombu import Connection
except ImportError as error:
    raise MissingExtra("a broker", "celery", otherwise="or leave TREERING_BROKER_URL unset", because=error) from error


def reach_broker(url: str, *, timeout_s: float) -> None:
    """Connect to a broker, and let go of it.

    Raises:
        Exception: It does not answer, or lets nobody in: whatever the client of the broker raises.
    """
    options = {"socket_connect_timeout": timeout_s, "socket_timeout": timeout_s} if url.startswith("redis") else {}
    with Connection(url, connect_timeout=timeout_s, transport_options=options) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=math.ceil(timeout_s))
        with connection.channel():  # Redis is asked with the first channel
            pass
