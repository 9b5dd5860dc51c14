"""Which kinds of jobs go through which queue of the broker."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from treering.schemas.jobs import JobKind

QUEUES: Mapping[str, frozenset[JobKind]] = {
    "listen": frozenset({"listen", "window"}),
    "index": frozenset({"index"}),
    "consolidate": frozenset({"consolidate", "summarise"}),
}
"""Kinds of jobs by queue, so that each queue can have workers of its own: what waits for a model delays no vectors."""


def queues_of(kinds: Collection[JobKind]) -> list[str]:
    """The queues whose workers run these kinds.

    Example:
        >>> queues_of({"index", "window"})
        ['listen', 'index']
    """
    return [queue for queue, of_queue in QUEUES.items() if not of_queue.isdisjoint(kinds)]
