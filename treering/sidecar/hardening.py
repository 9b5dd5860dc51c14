"""What keeps an answer from being stored, guessed at or framed on its way, where a route has not said otherwise."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders

HEADERS = {
    "Cache-Control": "no-store",  # it may hold what somebody said
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",  # a browser that shows it runs nothing
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every answer; trees and the inspector say otherwise of some."""


def harden(headers: MutableHeaders) -> None:
    """Add the headers that an answer has not.

    Example:
        >>> headers = MutableHeaders({"Cache-Control": "private, no-cache"})
        >>> harden(headers)
        >>> headers["Cache-Control"], headers["X-Content-Type-Options"]
        ('private, no-cache', 'nosniff')
    """
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
