"""Importing and loading much that stays, without the garbage collector walking through it again and again."""

from __future__ import annotations

import gc
import os
import threading

_lock = threading.Lock()
_depth = 0
_before: tuple[int, int, int] | None = None
"""What the program around us had set; none while nothing is paused, and where it collects nothing anyway."""


class CollectorPaused:
    """A block that makes much that stays: by default the collector would walk through all of it some thirty times.

    The program around us decides about its collector. So nothing of it is switched off: only how many new objects it
    waits for is raised, for all threads, until the last such block ends, and what the program sets meanwhile stays as
    it set it. What was made counts as old then, as it would after having been walked through.

    Example:
        >>> before = gc.get_threshold()
        >>> with CollectorPaused():
        ...     gc.get_threshold()[0]
        0
        >>> gc.get_threshold() == before
        True
    """

    def __enter__(self) -> None:
        """Pause it, unless it is paused."""
        global _depth, _before  # noqa: PLW0603 - there is one collector in a process
        with _lock:
            _depth += 1
            if _depth == 1 and gc.isenabled() and gc.get_threshold()[0]:
                _before = gc.get_threshold()
                gc.set_threshold(0, *_before[1:])

    def __exit__(self, *_: object) -> None:
        """Let it go on, when the last block has ended."""
        global _depth  # noqa: PLW0603 - likewise
        with _lock:
            _depth = max(_depth - 1, 0)  # a child that was forked in here began anew
            if not _depth:
                _resume()


def _resume() -> None:
    global _before  # noqa: PLW0603 - likewise
    if _before is None:
        return
    if gc.get_threshold() == (0, *_before[1:]):
        # Little that is new need not count as old; and to count what is frozen takes as long as to walk through it.
        # Where something is, the oldest generation is out of reach: what the program froze would be thawed.
        if gc.get_count()[0] > _before[0] and not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()  # into the oldest generation
        gc.set_threshold(*_before)
    _before = None


def _after_fork() -> None:
    """In a child, no thread is left of those that paused it, but for the one that goes on."""
    global _lock, _depth  # noqa: PLW0603 - likewise
    _lock = threading.Lock()
    _depth = 0
    _resume()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_after_fork)
